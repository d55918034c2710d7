"""Starting and stopping the local clouds, one process each."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.sandbox import process
from mlplatform.sandbox.errors import UserError

CLOUDS = ("aws", "gcp", "azure")
START_TIMEOUT_S = 30.0
"""A start takes at most 3 s on an idle machine; a loaded one may need longer."""
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.02


class CloudError(UserError):
    """A local cloud did not start; the message names its log."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a running cloud says of itself."""

    cloud: str
    pid: int
    public: dict[str, Any]
    """What ``sandbox env --json`` prints."""
    environ: dict[str, str]
    """Variables for providers, ``mlgap`` and shells."""


def available() -> tuple[str, ...]:
    """The clouds that this version has."""
    return tuple(cloud for cloud in CLOUDS if _exists(f"{_module(cloud)}.__main__"))


def running(folder: Path, cloud: str) -> Address | None:
    """The address of a cloud that is alive; ``None`` when it is not."""
    try:
        found = json.loads((folder / cloud / "address.json").read_text())
        address = Address(
            cloud=cloud, pid=found["pid"], public=found["public"], environ=found["environ"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return address if process.runs(address.pid, _module(cloud)) else None


def start(
    folder: Path, clouds: Iterable[str], *, logs: Path, environ: Mapping[str, str]
) -> dict[str, subprocess.Popen[bytes]]:
    """Start those that do not run, side by side; ``wait`` for them later."""
    logs.mkdir(parents=True, exist_ok=True)
    started: dict[str, subprocess.Popen[bytes]] = {}
    for cloud in clouds:
        if running(folder, cloud) is not None:
            continue
        home = folder / cloud
        home.mkdir(parents=True, exist_ok=True)
        with _log(logs, cloud).open("wb") as log:
            started[cloud] = subprocess.Popen(
                [sys.executable, "-P", "-u", "-m", _module(cloud), "--dir", str(home)],
                env=dict(environ),
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt of the run is not for the clouds
            )
    return started


def wait(
    folder: Path, started: Mapping[str, subprocess.Popen[bytes]], *, logs: Path
) -> dict[str, Address]:
    """Wait until all that ``start`` started answer.

    Raises ``CloudError`` when one ends or says nothing for ``START_TIMEOUT_S``.
    """
    found: dict[str, Address] = {}
    deadline = time.monotonic() + START_TIMEOUT_S
    for cloud, child in started.items():
        while True:
            ended = child.poll() is not None
            address = running(folder, cloud)
            if address is not None and address.pid == child.pid and not ended:
                found[cloud] = address
                break
            if ended or time.monotonic() > deadline:
                stop(folder, [cloud])
                child.kill()
                log = _log(logs, cloud)
                last = (log.read_text(errors="replace").strip().splitlines() or ["no output"])[-1]
                raise CloudError(f"the local {cloud} cloud did not start: {last} (log: {log})")
            time.sleep(_POLL_S)
    return found


def stop(folder: Path, clouds: Iterable[str] = CLOUDS) -> list[str]:
    """Stop what is running; its state stays. Returns the names of those stopped."""
    alive = [a for cloud in clouds if (a := running(folder, cloud)) is not None]
    for address in alive:
        _signal(address.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    for address in alive:
        while process.runs(address.pid, _module(address.cloud)):
            if time.monotonic() > deadline:
                _signal(address.pid, signal.SIGKILL)
                break
            time.sleep(_POLL_S)
    return [address.cloud for address in alive]


def _module(cloud: str) -> str:
    return f"mlplatform.sandbox.clouds.{cloud}"


def _log(logs: Path, cloud: str) -> Path:
    return logs / f"cloud-{cloud}.log"


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
