"""``mlp bench``: the ratios that the project promises, measured."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import typer

from mlplatform.cli.places import ROOT

PASS_THROUGH: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True}


def bench(context: typer.Context) -> None:
    """Measure: the cost of components, of policies and of the sandbox, as ratios."""
    command = [sys.executable, str(ROOT / "bench" / "run.py"), *context.args]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
