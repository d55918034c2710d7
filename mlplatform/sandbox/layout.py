"""Where a sandbox keeps its things: one folder, which nothing else may be in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mlplatform.sandbox.errors import UserError

_MARKER = ".mlp-sandbox"
"""Tells a sandbox from a folder that somebody named by mistake: only the former is deleted."""


class LayoutError(UserError):
    """The folder is not a sandbox's."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The folders of one sandbox."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def home(self) -> Path:
        """``PULUMI_HOME``: stand-in providers, and what stands for a user's own settings."""
        return self.root / "home"

    @property
    def state(self) -> Path:
        """The file backend."""
        return self.root / "state"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def clouds(self) -> Path:
        return self.root / "clouds"

    @property
    def programs(self) -> Path:
        """The engine and its language host, side by side."""
        return self.root / "bin"

    def birthplace(self, project: str) -> Path:
        """A project with nothing but a name, for commands that write into a stack file."""
        return self.root / "stacks" / project

    def config_copy(self, project: str, stack: str) -> Path:
        """What the engine gets instead of the committed stack file."""
        return self.root / "config" / project / f"Pulumi.{stack}.yaml"

    @property
    def exists(self) -> bool:
        return (self.root / _MARKER).exists()

    def make(self) -> None:
        """Make the folder; refuses one that holds other things."""
        if self.exists:
            return
        if self.root.is_dir() and any(self.root.iterdir()):
            raise LayoutError(
                f"{self.root} holds other things: name an empty folder with MLP_SANDBOX_DIR"
            )
        for folder in (self.home, self.state, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        (self.root / ".gitignore").write_text("*\n")
        (self.root / _MARKER).write_text("Made by `mlp sandbox`; `mlp sandbox reset` deletes it.\n")

    def delete(self) -> None:
        """Delete everything; refuses a folder that no sandbox made."""
        if not self.exists:
            raise LayoutError(f"{self.root} was not made by the sandbox: not deleted")
        shutil.rmtree(self.root)
