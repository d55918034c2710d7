"""One folder that holds all that the engine looks for beside itself.

The engine finds a language host on PATH or beside its own file. One on PATH costs a warning
in every run, so ours stands beside the engine, and the folder is not on PATH.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from mlplatform.sandbox.toolchain.engine import Engine

_HOST = "pulumi-language-python"
_DYNAMIC = "pulumi-resource-pulumi-python"
_DYNAMIC_SERVER = Path(__file__).with_name("dynamic_provider.py")


def place(engine: Engine, folder: Path, logs: Path) -> Path:
    """The path of ``pulumi`` to call; fills ``folder`` when the engine came without a host."""
    if engine.official_host:
        return engine.executable
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / "pulumi"
    _same_file(executable, engine.executable)
    _script(
        folder / _HOST,
        _module("mlplatform.sandbox.toolchain.language_host")
        + f' --log {shlex.quote(str(logs / "language-host.log"))} "$@"',
    )
    # Dynamic providers of foreign programs run with the program's own environment.
    _script(
        folder / _DYNAMIC,
        "unset PYTHONHOME\n"
        f"python=${{PULUMI_PYTHON_CMD:-{shlex.quote(sys.executable)}}}\n"
        '[ -n "$PULUMI_RUNTIME_VIRTUALENV" ] && python=$PULUMI_RUNTIME_VIRTUALENV/bin/python\n'
        f'exec "$python" -u {shlex.quote(str(_DYNAMIC_SERVER))} "$@"',
    )
    return executable


def plugin(home: Path, package: str, version: str, logs: Path) -> None:
    """Place the stand-in of one provider package into the engine's plugin cache.

    The engine hides what a provider prints, so its stderr goes to a file in ``logs``.
    """
    folder = home / "plugins" / f"resource-{package}-v{version}"
    folder.mkdir(parents=True, exist_ok=True)
    log = shlex.quote(str(logs / f"provider-{package}.log"))
    _script(
        folder / f"pulumi-resource-{package}",
        _module("mlplatform.sandbox.providers")
        + f' {shlex.quote(package)} {shlex.quote(version)} "$@" 2>>{log}',
    )


def _module(name: str) -> str:
    """A command that runs one of our modules; the program's folder must not shadow it (-P)."""
    return f"exec {shlex.quote(sys.executable)} -P -u -m {name}"


def _same_file(link: Path, target: Path) -> None:
    """A hard link, or a copy on another file system.

    A symbolic link would not do: the engine resolves it and looks for the language host
    beside the file in the cache.
    """
    if link.exists():
        have, want = link.stat(), target.stat()
        if (have.st_size, have.st_mtime_ns) == (want.st_size, want.st_mtime_ns):
            return
        link.unlink()
    try:
        link.hardlink_to(target)
    except OSError:
        # Aside first: a copy cut short must not pass for the engine.
        partial = link.with_suffix(".partial")
        shutil.copy2(target, partial)
        partial.replace(link)


def _script(path: Path, body: str) -> None:
    text = f"#!/bin/sh\n{body}\n"
    if not path.exists() or path.read_text() != text:
        partial = path.with_suffix(".partial")
        partial.write_text(text)
        partial.chmod(0o755)
        partial.replace(path)
