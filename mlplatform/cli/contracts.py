"""``mlp contracts``: compile the vendors' models into the data that contracts ask."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import typer

from mlplatform.cli.places import ROOT

PASS_THROUGH: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True}


def contracts(context: typer.Context) -> None:
    """Compile one cloud's contracts: `mlp contracts aws [--check]`."""
    command = [sys.executable, "-m", "mlplatform.contracts.compile", *context.args]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
