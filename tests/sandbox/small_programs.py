"""Small Pulumi programs that need no cloud, and sandboxes to run them in."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run left: its exit code and all that it printed."""

    code: int
    text: str


def write(
    folder: Path,
    body: str,
    *,
    virtualenv: str | None = None,
    config: dict[str, Any] | None = None,
    types: dict[str, str] | None = None,
) -> Path:
    """A project ``tiny`` with the program ``body``; its stack file starts no local cloud."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {"virtualenv": virtualenv or sys.prefix}
    about: dict[str, Any] = {"name": "tiny", "runtime": {"name": "python", "options": options}}
    if types:
        about["config"] = {key: {"type": kind} for key, kind in types.items()}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    stack = {"config": {"mlplatform:clouds": {}, **(config or {})}}
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))
    (folder / "__main__.py").write_text(body)
    return folder


def command(folder: Path, *arguments: str) -> list[str]:
    """``./mlp sandbox <arguments>`` on the project in ``folder``."""
    own, rest = list(arguments), []
    if "--" in own:
        own, rest = own[: own.index("--")], own[own.index("--") :]
    mlp = [sys.executable, "-P", "-m", "mlplatform.cli", "sandbox"]
    return [*mlp, *own, "--cwd", str(folder), *rest]


def run(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> Outcome:
    """Run the command to its end."""
    inherited = {k: v for k, v in os.environ.items() if k != "MLP_SANDBOX_DIR"}
    done = subprocess.run(
        command(folder, *arguments),
        env={**inherited, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(code=done.returncode, text=done.stdout)
