"""One sandbox: a folder with its own engine home, state, stand-in providers and local clouds.

Nothing of the user's Pulumi is read or written: not the home, not the backend, not the stack
files (the engine gets a copy), not the credentials.
"""

from __future__ import annotations

import os
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
    command,
    environment,
    identity,
    processes,
    program,
    project,
    stackfile,
)
from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.layout import Layout
from mlplatform.sandbox.lock import Held, locked
from mlplatform.sandbox.stack import Stack
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

    ``directory`` is where everything is kept: else ``$MLP_SANDBOX_DIR``, else ``.sandbox``
    beside ``Pulumi.yaml``. ``say`` gets one line for each step that takes its time.
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
        self.layout = Layout(root=chosen.absolute())

    def run(
        self,
        arguments: Sequence[str],
        *,
        stack: str = "dev",
        policy_pack: Path | None = None,
        output: Path | None = None,
    ) -> int:
        """Run ``pulumi <arguments>`` on ``stack`` and return its exit code.

        ``output``: a file for what the engine prints, instead of the terminal. The engine,
        stand-ins, local clouds and the stack are made ready first. Raises a ``UserError`` when
        one of them cannot be, or when another run is under way.
        """
        file = self._stack_file(stack)
        with self._exclusive():
            executable, environ = self._ready(file)
            if _asks_contracts(policy_pack):
                environ["MLP_SANDBOX_JUDGE"] = "policies"
            if "--preview-only" in arguments:
                # The engine refuses to be told "yes" where it asks nothing.
                environ.pop("PULUMI_SKIP_CONFIRMATIONS", None)
            line = command.pulumi(
                executable,
                arguments,
                stack=stack,
                config=self.layout.config_copy(self.project.name, stack),
                policy_pack=policy_pack,
                terminal=sys.stdout.isatty(),
            )
            return child.run(line, cwd=self.project.root, environ=environ, output=output)

    def unprotect(self, *, stack: str = "dev") -> int:
        """Lift the protection of every resource: nothing in a sandbox is worth it."""
        if not backend.read(self.layout.state, self.project.name, stack).protected:
            return 0
        return self.run(["state", "unprotect", "--all", "--yes"], stack=stack)

    def outputs(self, *, stack: str = "dev") -> dict[str, Any]:
        """The stack's outputs as the last run left them; secrets stay encrypted."""
        return backend.read(self.layout.state, self.project.name, stack).outputs

    def public(self, *, stack: str = "dev") -> dict[str, dict[str, Any]]:
        """What vendors' clients need, cloud by cloud; starts the clouds that do not run."""
        file = self._stack_file(stack)
        return {
            cloud: {
                **identity.own_credentials(cloud, self._identity(file, cloud), address.public),
                **identity.public(cloud, self._identity(file, cloud)),
            }
            for cloud, address in self._reachable(file).items()
        }

    def exports(self, *, stack: str = "dev") -> dict[str, str]:
        """The same as variables of a shell."""
        file = self._stack_file(stack)
        variables = self._cloud_environ(file, self._reachable(file))
        own = {name: v for name, v in variables.items() if name not in identity.OVERRIDES}
        return {**environment.past_proxies(self.environ), **own}

    def status(self) -> Status:
        """What runs and what exists; changes nothing."""
        found = engine.find()
        running = {c: processes.running(self.layout.clouds, c) for c in processes.available()}
        return Status(
            folder=str(self.layout.root),
            engine=f"{found.version} ({found.executable})" if found else None,
            clouds={
                cloud: {"running": address is not None}
                | ({"pid": address.pid, **address.public} if address else {})
                for cloud, address in running.items()
            },
            stacks={
                f"{name}/{stack}": backend.read(self.layout.state, name, stack).count
                for name, stack in backend.stacks(self.layout.state)
            },
            in_use_by=self._holder(),
        )

    def stop(self) -> list[str]:
        """Stop the local clouds; what they hold stays. Names of those stopped."""
        if not self.layout.exists:
            return []
        with self._exclusive():
            return processes.stop(self.layout.clouds)

    def reset(self) -> bool:
        """Stop the clouds and delete the sandbox's folder; False when there is none."""
        if not self.layout.root.exists():
            return False
        with self._exclusive():
            processes.stop(self.layout.clouds)
            self.layout.delete()
        return True

    def _stack_file(self, stack: str) -> stackfile.StackFile:
        return stackfile.load(self.project.stack_folder, stack, self.project.config_types)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """One run at a time: two engines on one state would both fail, half-way."""
        self.layout.make()
        try:
            with locked(self.layout.lock):
                yield
        except Held as held:
            raise SandboxError(
                f"another run uses this sandbox (process {held.pid}): wait for it, or give this "
                "one a folder of its own with MLP_SANDBOX_DIR"
            ) from None

    def _holder(self) -> str | None:
        if not self.layout.exists:
            return None
        try:
            with locked(self.layout.lock):
                return None
        except Held as held:
            return held.pid

    def _ready(self, file: stackfile.StackFile) -> tuple[Path, dict[str, str]]:
        """Everything that a run needs: the engine to call and its environment."""
        layout = self.layout
        found = engine.get(self._say)
        python = program.python_for(self.project, self._say)
        packages = program.provider_packages(python)
        needed = self._needed(file, [name for name, _ in packages])
        environ = self._hermetic_environ(file)
        started = self._start(needed, environ)
        executable = placement.place(found, layout.programs, layout.logs)
        for package, version in packages:
            placement.plugin(layout.home, package, version, layout.logs)
        stack = Stack(
            layout=layout,
            project=self.project.name,
            file=file,
            executable=executable,
            environ=environ,
        )
        stack.prepare(self._say)
        processes.wait(layout.clouds, started, logs=layout.logs)
        return executable, {**environ, **self._cloud_environ(file, self._addresses(needed))}

    def _needed(self, file: stackfile.StackFile, packages: Sequence[str]) -> list[str]:
        """The clouds to start: those of the stack, else those that the program could use."""
        wanted = file.clouds()
        if wanted is None:
            wanted = {CLOUD_OF_PACKAGE[name] for name in packages if name in CLOUD_OF_PACKAGE}
        return [cloud for cloud in processes.available() if cloud in wanted]

    def _reachable(self, file: stackfile.StackFile) -> dict[str, processes.Address]:
        """The clouds of a stack, started when they do not run."""
        needed = self._needed(file, list(CLOUD_OF_PACKAGE))
        found = self._addresses(needed)
        if len(found) == len(needed):
            return found  # without the lock: a run under way does not hide the addresses
        with self._exclusive():
            started = self._start(needed, self._hermetic_environ(file))
            processes.wait(self.layout.clouds, started, logs=self.layout.logs)
        return self._addresses(needed)

    def _start(
        self, clouds: Sequence[str], environ: Mapping[str, str]
    ) -> dict[str, subprocess.Popen[bytes]]:
        layout = self.layout
        started = processes.start(layout.clouds, clouds, logs=layout.logs, environ=environ)
        if started:
            self._say(f"starting local clouds: {', '.join(started)}")
        return started

    def _addresses(self, clouds: Sequence[str]) -> dict[str, processes.Address]:
        found = {cloud: processes.running(self.layout.clouds, cloud) for cloud in clouds}
        return {cloud: address for cloud, address in found.items() if address is not None}

    def _identity(self, file: stackfile.StackFile, cloud: str) -> dict[str, str]:
        return identity.settings(cloud, file.cloud(cloud), self.environ)

    def _hermetic_environ(self, file: stackfile.StackFile) -> dict[str, str]:
        environ = environment.hermetic(self.environ, home=self.layout.home, state=self.layout.state)
        environ["MLP_SANDBOX_DIR"] = str(self.layout.root)
        for cloud in processes.CLOUDS:
            environ.update(identity.environ(cloud, self._identity(file, cloud)))
        return environ

    def _cloud_environ(
        self, file: stackfile.StackFile, addresses: Mapping[str, processes.Address]
    ) -> dict[str, str]:
        merged: dict[str, str] = {}
        for cloud, address in addresses.items():
            chosen = self._identity(file, cloud)
            merged.update(identity.own_credentials(cloud, chosen, address.environ))
            merged.update(identity.environ(cloud, chosen))
        return merged


def _asks_contracts(policy_pack: Path | None) -> bool:
    """Whether the pack holds the project's own rules, ``vendor-contract`` among them.

    Then the stand-ins leave the verdict to it: one list instead of one problem a run.
    """
    return policy_pack is not None and (policy_pack / "ml_policies").is_dir()
