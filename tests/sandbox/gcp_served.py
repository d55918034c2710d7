"""The local Google Cloud in a process of its own, for tests: started once, emptied between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT, LOCATION = "ml-test", "us-central1"
PARENT = f"projects/{PROJECT}/locations/{LOCATION}"
_PATIENCE_S = 20.0


class Served:
    """A running local cloud: its address file, and its control API."""

    def __init__(self, directory: Path, process: subprocess.Popen[bytes]) -> None:
        self.directory = directory
        self.process = process
        found = json.loads((directory / "address.json").read_text())
        self.public: dict[str, str] = found["public"]
        self.environ: dict[str, str] = found["environ"]

    def control(self, method: str, name: str, value: Any = None) -> Any:
        """One request to the control API."""
        url = f"{self.public['rest_endpoint']}/_sandbox/{name}"
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(url, data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def rest(self, http: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, answer) of a plain call; a refusal is an answer too."""
        request = urllib.request.Request(
            f"{self.public['rest_endpoint']}{path}",
            method=http,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.public['token']}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def reset(self) -> None:
        """An empty cloud."""
        self.control("POST", "reset")

    def account(self, account_id: str) -> None:
        """A service account of the project, known to other services."""
        url = f"{self.public['rest_endpoint']}/v1/projects/{PROJECT}/serviceAccounts"
        headers = {
            "Authorization": f"Bearer {self.public['token']}",
            "Content-Type": "application/json",
        }
        data = json.dumps({"accountId": account_id}).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            email = json.loads(answer.read())["email"]
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{url}/{email}", headers=headers))
                return
            except urllib.error.HTTPError:
                time.sleep(0.02)
        raise AssertionError(f"{email} did not appear")

    def fault(self, operation: str, **more: Any) -> None:
        """Make the next call of an operation fail."""
        self.control("POST", "faults", {"operation": operation, **more})

    def operations(self) -> list[str]:
        """The operations that were asked for, in order."""
        return [entry["operation"] for entry in self.control("GET", "requests")]

    def resources(self) -> list[str]:
        """What exists."""
        found: list[str] = self.control("GET", "resources")
        return found


@contextmanager
def served(directory: Path, *, delay_s: float = 0.0) -> Iterator[Served]:
    """Run a local cloud in `directory` until the block ends."""
    process = start(directory, delay_s=delay_s)
    try:
        yield Served(directory, process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def start(directory: Path, *, delay_s: float) -> subprocess.Popen[bytes]:
    """Start a local cloud and wait for its address."""
    address = directory / "address.json"
    former = address.stat().st_mtime_ns if address.exists() else 0
    environ = {
        **os.environ,
        "MLP_SANDBOX_DELAY_S": str(delay_s),
        "MLP_SANDBOX_GCP_PROJECT": PROJECT,
    }
    command = [sys.executable, "-W", "ignore", "-m", "mlplatform.sandbox.clouds.gcp"]
    process = subprocess.Popen([*command, "--dir", str(directory)], env=environ)
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if address.exists() and address.stat().st_mtime_ns > former:
            return process
        if process.poll() is not None:
            raise AssertionError(f"the local cloud ended with {process.returncode}")
        time.sleep(0.02)
    process.kill()
    raise AssertionError("the local cloud did not start in time")
