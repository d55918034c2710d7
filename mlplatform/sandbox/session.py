"""One sandbox: a folder with its own engine home, state, stand-in providers and local clouds.

Nothing of the user's Pulumi is read or written: not the home, not the backend, not the stack
files (the engine gets a copy), not the credentials.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.sandbox import (
    backend,
    child,
    environment,
    identity,
    processes,
    program,
    project,
    stackfile,
)
from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.lock import Held, locked
from mlplatform.sandbox.toolchain import engine, placement

Say = Callable[[str], None]

CLOUD_OF_PACKAGE = {
    "aws": "aws",
    "aws-native": "aws",
    "gcp": "gcp",
    "google-native": "gcp",
    "azure": "azure",
    "azure-native": "azure",
}
"""Which local cloud a provider package needs."""
_MARKER = ".mlp-sandbox"
_WITH_CONFIG = frozenset({"preview", "up", "update", "refresh", "destroy"})
_CHANGING = frozenset({"up", "update", "refresh", "destroy"})
_WITH_POLICIES = frozenset({"preview", "up", "update"})


class SandboxError(UserError):
    """The sandbox cannot do what was asked; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is there: for people and, as JSON, for programs."""

    folder: str
    engine: str | None
    clouds: dict[str, dict[str, Any]]
    stacks: dict[str, int]
    """``project/stack`` and the number of its resources."""
    in_use_by: str | None
    """The process id of a run that is under way."""


class Sandbox:
    """The sandbox of one project.

    ``directory`` is where everything is kept: ``$MLP_SANDBOX_DIR``, or ``.sandbox`` beside
    ``Pulumi.yaml``. ``say`` gets one line for each step that takes its time.
    """

    def __init__(
        self,
        project_dir: Path,
        directory: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        say: Say = lambda line: print(line, file=sys.stderr, flush=True),
    ) -> None:
        self.environ = dict(os.environ if environ is None else environ)
        self._say = say
        self.project = project.find(project_dir)
        named = self.environ.get("MLP_SANDBOX_DIR")
        chosen = directory or (Path(named) if named else self.project.root / ".sandbox")
        self.folder = chosen.absolute()
        self.home = self.folder / "home"
        self.state = self.folder / "state"
        self.logs = self.folder / "logs"
        self._clouds_folder = self.folder / "clouds"

    def run(
        self, arguments: Sequence[str], *, stack: str = "dev", policy_pack: Path | None = None
    ) -> int:
        """Run ``pulumi <arguments>`` on ``stack`` and return its exit code.

        The engine, stand-ins, local clouds and the stack are made ready first. Raises
        ``SandboxError`` when another run is under way, and the errors of its parts.
        """
        file = self._stack_file(stack)
        with self._exclusive():
            executable, environ = self._ready(file)
            command = self._command(executable, list(arguments), file, policy_pack)
            return child.run(command, cwd=self.project.root, environ=environ)

    def unprotect(self, *, stack: str = "dev") -> int:
        """Lift the protection of every resource: nothing in a sandbox is worth it."""
        if not backend.read(self.state, self.project.name, stack).protected:
            return 0
        return self.run(["state", "unprotect", "--all", "--yes"], stack=stack)

    def outputs(self, *, stack: str = "dev") -> dict[str, Any]:
        """The stack's outputs as the last run left them; secrets stay encrypted."""
        return backend.read(self.state, self.project.name, stack).outputs

    def public(self, *, stack: str = "dev") -> dict[str, dict[str, Any]]:
        """What vendors' clients need, cloud by cloud; starts the clouds that do not run."""
        file = self._stack_file(stack)
        return {
            cloud: {**address.public, **identity.public(cloud, self._identity(file, cloud))}
            for cloud, address in self._reachable(file).items()
        }

    def exports(self, *, stack: str = "dev") -> dict[str, str]:
        """The same as variables of a shell."""
        file = self._stack_file(stack)
        return {
            **environment.past_proxies(self.environ),
            **self._cloud_environ(file, self._reachable(file)),
        }

    def status(self) -> Status:
        """What runs and what exists; changes nothing."""
        found = engine.find()
        running = {c: processes.running(self._clouds_folder, c) for c in processes.available()}
        return Status(
            folder=str(self.folder),
            engine=f"{found.version} ({found.executable})" if found else None,
            clouds={
                cloud: {"running": address is not None}
                | ({"pid": address.pid, **address.public} if address else {})
                for cloud, address in running.items()
            },
            stacks={
                f"{name}/{stack}": backend.read(self.state, name, stack).count
                for name, stack in backend.stacks(self.state)
            },
            in_use_by=self._holder(),
        )

    def stop(self) -> list[str]:
        """Stop the local clouds; what they hold stays. Names of those stopped."""
        with self._exclusive():
            return processes.stop(self._clouds_folder)

    def reset(self) -> bool:
        """Stop the clouds and delete the sandbox's folder; False when there is none."""
        if not self.folder.exists():
            return False
        if not (self.folder / _MARKER).exists():
            raise SandboxError(f"{self.folder} was not made by the sandbox: not deleted")
        with self._exclusive():
            processes.stop(self._clouds_folder)
            shutil.rmtree(self.folder)
        return True

    def _stack_file(self, stack: str) -> stackfile.StackFile:
        return stackfile.load(self.project.stack_folder, stack, self.project.config_types)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """One run at a time: two engines on one state would both fail, half-way."""
        self._make_folder()
        try:
            with locked(self.folder / "lock"):
                yield
        except Held as held:
            raise SandboxError(
                f"another run uses this sandbox (process {held.pid}): wait for it, or give this "
                "one a folder of its own with MLP_SANDBOX_DIR"
            ) from None

    def _holder(self) -> str | None:
        if not self.folder.exists():
            return None
        try:
            with locked(self.folder / "lock"):
                return None
        except Held as held:
            return held.pid

    def _make_folder(self) -> None:
        if self.folder.is_dir() and any(self.folder.iterdir()):
            if not (self.folder / _MARKER).exists():
                raise SandboxError(
                    f"{self.folder} holds other things: name an empty folder with MLP_SANDBOX_DIR"
                )
            return
        for folder in (self.home, self.state, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")
        (self.folder / _MARKER).write_text(
            "Made by `mlp sandbox`; `mlp sandbox reset` deletes it.\n"
        )

    def _ready(self, file: stackfile.StackFile) -> tuple[Path, dict[str, str]]:
        """Everything that a run needs: the engine to call and its environment."""
        found = engine.get(self._say)
        python = program.python_for(self.project, self._say)
        packages = program.provider_packages(python)
        needed = self._needed(file, packages)
        environ = self._hermetic_environ(file)
        started = processes.start(self._clouds_folder, needed, logs=self.logs, environ=environ)
        executable = placement.place(found, self.folder / "bin", self.logs)
        for package, version in packages:
            placement.plugin(self.home, package, version, self.logs)
        self._make_stack(executable, file, environ)
        processes.wait(self._clouds_folder, started, logs=self.logs)
        addresses = self._addresses(needed)
        return executable, {**environ, **self._cloud_environ(file, addresses)}

    def _needed(self, file: stackfile.StackFile, packages: Sequence[tuple[str, str]]) -> list[str]:
        """The clouds to start: those of the stack, else those that the program could use."""
        wanted = file.clouds()
        if wanted is None:
            wanted = {CLOUD_OF_PACKAGE[p] for p, _ in packages if p in CLOUD_OF_PACKAGE}
        return [cloud for cloud in processes.available() if cloud in wanted]

    def _reachable(self, file: stackfile.StackFile) -> dict[str, processes.Address]:
        """The clouds of a stack, started when they do not run."""
        wanted = file.clouds()
        needed = [c for c in processes.available() if wanted is None or c in wanted]
        found = self._addresses(needed)
        if len(found) == len(needed):
            return found  # without the lock: a run under way does not hide the addresses
        with self._exclusive():
            started = processes.start(
                self._clouds_folder, needed, logs=self.logs, environ=self._hermetic_environ(file)
            )
            processes.wait(self._clouds_folder, started, logs=self.logs)
        return self._addresses(needed)

    def _addresses(self, clouds: Sequence[str]) -> dict[str, processes.Address]:
        found = {cloud: processes.running(self._clouds_folder, cloud) for cloud in clouds}
        return {cloud: address for cloud, address in found.items() if address is not None}

    def _identity(self, file: stackfile.StackFile, cloud: str) -> dict[str, str]:
        return identity.settings(cloud, file.cloud(cloud), self.environ)

    def _hermetic_environ(self, file: stackfile.StackFile) -> dict[str, str]:
        environ = environment.hermetic(self.environ, home=self.home, state=self.state)
        environ["MLP_SANDBOX_DIR"] = str(self.folder)
        for cloud in processes.CLOUDS:
            environ.update(identity.environ(cloud, self._identity(file, cloud)))
        return environ

    def _cloud_environ(
        self, file: stackfile.StackFile, addresses: Mapping[str, processes.Address]
    ) -> dict[str, str]:
        merged: dict[str, str] = {}
        for cloud, address in addresses.items():
            merged.update(address.environ)
            merged.update(identity.environ(cloud, self._identity(file, cloud)))
        return merged

    def _make_stack(
        self, executable: Path, file: stackfile.StackFile, environ: Mapping[str, str]
    ) -> None:
        """Create the stack when the backend lacks it, and write its configuration's copy.

        `stack init` writes the encryption salt into the stack file of the folder where it
        runs, so it runs in a folder that holds nothing but the project's name.
        """
        name = self.project.name
        birthplace = self.folder / "init" / name
        salt = birthplace / f"Pulumi.{file.stack}.yaml"
        alive = backend.release_dead_locks(self.state, name, file.stack)
        if alive:
            raise SandboxError(
                f"an engine still runs in this sandbox (process {alive[0]}): wait for it or end it"
            )
        if not backend.checkpoint(self.state, name, file.stack).exists():
            birthplace.mkdir(parents=True, exist_ok=True)
            salt.unlink(missing_ok=True)
            (birthplace / "Pulumi.yaml").write_text(json.dumps({"name": name, "runtime": "python"}))
            done = subprocess.run(
                [str(executable), "stack", "init", file.stack, "--non-interactive"],
                cwd=birthplace,
                env=dict(environ),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
                raise SandboxError(f"the stack {file.stack} could not be made: {lines[-1]}")
        stackfile.write_copy(file, salt, self._config_copy(file.stack))

    def _config_copy(self, stack: str) -> Path:
        return self.folder / "config" / self.project.name / f"Pulumi.{stack}.yaml"

    def _command(
        self,
        executable: Path,
        arguments: list[str],
        file: stackfile.StackFile,
        policy_pack: Path | None,
    ) -> list[str]:
        words = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
        operation = words[0] if words else ""
        flags = ["--stack", file.stack]
        if operation in _WITH_CONFIG:
            flags += ["--config-file", str(self._config_copy(file.stack))]
            flags += ["--skip-plugin-pre-install"]
        if operation in _CHANGING:
            flags.append("--yes")
        if operation in _WITH_POLICIES and policy_pack is not None:
            flags += ["--policy-pack", str(policy_pack)]
        if not sys.stdout.isatty():
            flags += ["--non-interactive", "--color", "never"]
        # The caller's own flags come last: the last word on a flag counts.
        return [str(executable), *words, *flags, *arguments[len(words) :]]
