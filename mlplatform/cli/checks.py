"""``mlp test``: every check and every test, and one summary."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from mlplatform.cli.places import ROOT

PASS_THROUGH: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True}
PACKAGES = ("mlplatform", "components", "infra", "policies", "bench", "examples", "ci", "tests")
_WORKERS = 2
"""Engine tests wait more than they compute; more workers than this starve a two-core machine."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One command of the run."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Result:
    """How it ended."""

    name: str
    code: int
    duration_s: float


def test(
    context: typer.Context,
    fast: Annotated[
        bool, typer.Option("--fast", help="Without the tests that run the real engine.")
    ] = False,
) -> None:
    """Run ruff, mypy, the import rules and pytest; further arguments go to pytest."""
    if not fast:
        from mlplatform.sandbox.toolchain import engine

        engine.get(_say)  # before the tests, which bound how long a command of theirs may take
    results = [_do(check) for check in checks(fast=fast, pytest_arguments=context.args)]
    print("\n" + summary(results), flush=True)
    raise typer.Exit(int(any(result.code for result in results)))


def checks(*, fast: bool, pytest_arguments: Sequence[str], root: Path = ROOT) -> list[Check]:
    """What is run, in this order: the quick ones first."""
    tools = Path(sys.executable).parent
    folders = [name for name in PACKAGES if (root / name).is_dir()]
    # A walk is a file whose tests share one sandbox and run in order: a file stays on one worker.
    pytest = [sys.executable, "-m", "pytest", "-n", str(_WORKERS), "--dist", "loadfile"]
    if fast:
        pytest += ["-m", "not engine"]
    return [
        Check(name="ruff check", command=[str(tools / "ruff"), "check", "."]),
        Check(
            name="ruff format", command=[str(tools / "ruff"), "format", "--check", "--quiet", "."]
        ),
        Check(name="mypy", command=[sys.executable, "-m", "mypy", "--no-error-summary", *folders]),
        Check(name="import rules", command=[str(tools / "lint-imports"), "--no-logo"]),
        Check(name="pytest", command=[*pytest, *pytest_arguments]),
    ]


def summary(results: Sequence[Result]) -> str:
    """One line for each check."""
    width = max(len(result.name) for result in results)
    return "\n".join(
        f"{result.name:<{width}}  {'ok' if result.code == 0 else 'FAILED':<6}"
        f"  {result.duration_s:6.1f} s"
        for result in results
    )


def _say(line: str) -> None:
    print(f"-- {line}", flush=True)


def _do(check: Check) -> Result:
    print(f"-- {check.name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, env=_environ(), check=False)
    return Result(name=check.name, code=done.returncode, duration_s=time.monotonic() - began)


def _environ() -> dict[str, str]:
    """The tests make sandboxes of their own: the user's must not be one of them."""
    return {name: value for name, value in os.environ.items() if name != "MLP_SANDBOX_DIR"}
