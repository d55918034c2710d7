"""Making a stack ready to run: it exists, nothing blocks it, its configuration is copied."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlplatform.sandbox import backend, stackfile
from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.layout import Layout


class StackError(UserError):
    """The stack cannot be used; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack of one project in a sandbox."""

    layout: Layout
    project: str
    file: stackfile.StackFile
    executable: Path
    environ: Mapping[str, str]

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make what is missing, and clear away what a killed run left."""
        name = self.file.stack
        self._birthplace.mkdir(parents=True, exist_ok=True)
        about = {"name": self.project, "runtime": "python"}
        (self._birthplace / "Pulumi.yaml").write_text(json.dumps(about))
        alive = backend.release_dead_locks(self.layout.state, self.project, name)
        if alive:
            raise StackError(
                f"an engine still runs in this sandbox (process {alive[0]}): wait for it or end it"
            )
        if not backend.checkpoint(self.layout.state, self.project, name).exists():
            self._make()
        copy = self.layout.config_copy(self.project, name)
        stackfile.write_copy(self.file, self._salt, copy)
        self._forget_interrupted(say)

    @property
    def _birthplace(self) -> Path:
        return self.layout.birthplace(self.project)

    @property
    def _salt(self) -> Path:
        return self._birthplace / f"Pulumi.{self.file.stack}.yaml"

    def _make(self) -> None:
        """`stack init` writes the encryption salt into the stack file of the folder where it
        runs: never the committed one.
        """
        self._salt.unlink(missing_ok=True)
        self._pulumi("stack", "init", self.file.stack)

    def _forget_interrupted(self, say: Callable[[str], None]) -> None:
        """Drop what a killed run left as pending: the engine would warn of it for ever.

        The stand-ins find what was made of it, so the next `up` simply does it again.
        """
        state = backend.read(self.layout.state, self.project, self.file.stack)
        if not state.pending:
            return
        names = ", ".join(urn.rpartition("::")[2] for urn in state.pending)
        say(f"the last run was cut short at {names}: the next `up` does it again")
        exported = json.loads(self._pulumi("stack", "export", "--stack", self.file.stack))
        exported["deployment"].pop("pending_operations", None)
        self._pulumi("stack", "import", "--stack", self.file.stack, given=json.dumps(exported))

    def _pulumi(self, *arguments: str, given: str = "") -> str:
        """Run the engine for something that the user did not ask for; its output."""
        done = subprocess.run(
            [str(self.executable), *arguments, "--non-interactive"],
            cwd=self._birthplace,
            env=dict(self.environ),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise StackError(f"`pulumi {' '.join(arguments[:2])}` failed: {lines[-1]}")
        return done.stdout
