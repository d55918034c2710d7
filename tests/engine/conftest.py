"""The shipped project in a folder of its own, driven as a person drives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlplatform.sandbox.session import Sandbox
from tests.spec.stacks import serving

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("__main__.py", "Pulumi.yaml", "infra", "components", "policies", "plugins", "models")


@dataclass
class Outcome:
    """What a command left: its code, and both streams as a person sees them."""

    code: int
    text: str


@dataclass
class Project:
    """A copy of the project with a sandbox of its own; only the stack files are its own."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    _addresses: dict[str, Any] = field(default_factory=dict)

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "mlplatform.cli", *args, "--cwd", str(self.folder)]

    def environment(self) -> dict[str, str]:
        return {
            **compiled_once(os.environ),
            "MLP_SANDBOX_DIR": str(self.folder / ".sandbox"),
            "MLP_SANDBOX_DELAY_S": "0.1",
            **self.environ,
        }

    def run(self, *args: str, expect: int | None = 0, timeout: float = 240) -> Outcome:
        """``./mlp <args>``; anything after ``--`` goes to pulumi."""
        own, rest = (
            (args[: args.index("--")], args[args.index("--") :]) if "--" in args else (args, ())
        )
        done = subprocess.run(
            [*self.command(*own), *rest],
            env=self.environment(),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=timeout,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"{args} ended with {done.returncode}:\n{done.stdout}"
        return Outcome(done.returncode, done.stdout)

    def pulumi(self, *args: str, stack: str = "dev") -> str:
        """Any command of the engine on this sandbox; what it prints."""
        printed = self.folder / "printed.txt"
        printed.unlink(missing_ok=True)
        sandbox = Sandbox(self.folder, environ=self.environment(), say=lambda _: None)
        code = sandbox.run(args, stack=stack, output=printed)
        assert code == 0, f"{args} ended with {code}:\n{printed.read_text()}"
        return printed.read_text()

    def stack_file(self, environment: str = "dev") -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(
            (self.folder / f"Pulumi.{environment}.yaml").read_text()
        )
        return loaded

    def write_stack_file(self, content: dict[str, Any], environment: str = "dev") -> None:
        (self.folder / f"Pulumi.{environment}.yaml").write_text(yaml.safe_dump(content))

    def reset_stack_files(self) -> None:
        """The shipped stacks with their endpoints only, in no network: a walk of endpoints is
        quick then."""
        for file in ROOT.glob("Pulumi.*.yaml"):
            stack = yaml.safe_load(file.read_text())
            workloads = stack["config"]["mlplatform:workloads"]
            stack["config"]["mlplatform:workloads"] = serving(workloads)
            clouds = stack["config"]["mlplatform:clouds"]
            clouds["azure"].pop("ci", None)
            for settings in clouds.values():
                settings.pop("network", None)
            for workload in stack["config"]["mlplatform:workloads"].values():
                workload["endpoint"].pop("private", None)
            (self.folder / file.name).write_text(yaml.safe_dump(stack, sort_keys=False))

    def ship_stack_files(self) -> None:
        """The shipped stacks to the letter."""
        for file in ROOT.glob("Pulumi.*.yaml"):
            (self.folder / file.name).write_text(file.read_text())

    def addresses(self, stack: str = "dev") -> dict[str, Any]:
        """``./mlp sandbox env --json``: all that a vendor's client needs; the same for a life."""
        if stack not in self._addresses:
            text = self.run("sandbox", "env", "--json", "--stack", stack).text
            self._addresses[stack] = json.loads(text[text.index("{") :])
        found: dict[str, Any] = self._addresses[stack]
        return found


def compiled_once(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` in which Python keeps what it compiled, though outside the project.

    Where PYTHONDONTWRITEBYTECODE is set, each of the many processes of a run compiles the vendors'
    libraries anew, which takes several times as long as all the rest.
    """
    if not environ.get("PYTHONDONTWRITEBYTECODE") or environ.get("PYTHONPYCACHEPREFIX"):
        return dict(environ)
    kept = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own = Path(tempfile.gettempdir()) / f"mlplatform-{os.getuid()}" / "bytecode"
    return {**kept, "PYTHONPYCACHEPREFIX": str(own)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("project")
    for name in SHIPPED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    made = Project(folder)
    made.reset_stack_files()
    yield made
    made.run("sandbox", "reset", expect=None)
