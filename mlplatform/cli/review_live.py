"""The real stack, with the user's own pulumi, state and credentials."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from mlplatform.cli.review_runs import Run
from mlplatform.review import sources
from mlplatform.sandbox import project, stackfile
from mlplatform.sandbox.errors import UserError


class NoPulumi(UserError):  # noqa: N818 - reads as what is wrong
    """There is no pulumi to run, or it left no log."""


def run(cwd: Path, *, stacks: Sequence[str], drift: bool, work: Path) -> tuple[list[Run], str]:
    """Preview each stack, or refresh it without writing; nothing is changed.

    Raises ``NoPulumi`` when it cannot be run or stops before it writes a log.
    """
    executable = shutil.which("pulumi")
    if executable is None:
        raise NoPulumi("--live runs your own pulumi, and there is none on PATH")
    found = project.find(cwd)
    made = []
    for stack in stacks:
        log = work / f"{stack}.jsonl"
        asked = ["refresh", "--preview-only"] if drift else ["preview"]
        if not drift and found.policy_pack is not None:
            asked += ["--policy-pack", str(found.policy_pack)]
        done = subprocess.run(
            [executable, *asked, "--stack", stack, "--non-interactive", "--event-log", str(log)],
            cwd=found.root,
            env={**os.environ, "PULUMI_DEBUG_COMMANDS": "true"},
            check=False,
        )
        if not log.exists():
            raise NoPulumi(f"pulumi {asked[0]} of {stack} ended with {done.returncode} and no log")
        file = stackfile.path_of(found.stack_folder, stack)
        lines = sources.read(file, name=file.name) if file else sources.Sources()
        made.append(Run(log=log, stack=stack, sources=lines))
    return made, f"The real stack {'against its cloud' if drift else 'against its state'}."
