"""``mlp review``: one comment and one report of what a change of the program does.

Three sources: two commits of this repository in the sandbox (no account, no state, no secret), the
real stack (``--live``), or event logs that somebody made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlplatform.cli import codes
from mlplatform.cli.places import ROOT
from mlplatform.review.text import LIMIT


def review(
    base: Annotated[
        str | None, typer.Option(help="The commit or branch to compare with, in the sandbox.")
    ] = None,
    head: Annotated[str, typer.Option(help="The commit or branch that is reviewed.")] = "HEAD",
    stack: Annotated[list[str] | None, typer.Option(help="Once for each; dev otherwise.")] = None,
    event_log: Annotated[
        list[Path] | None,
        typer.Option(help="Written by `pulumi preview --event-log FILE`; of any project."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Preview the real stack, with your own pulumi.")
    ] = False,
    drift: Annotated[
        bool, typer.Option("--drift", help="The logs are of `refresh --preview-only`.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Gets comment.md and report.html.")] = Path("review"),
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help=f"End with {codes.CHANGED} for any change.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=2_000, max=1_000_000, help="Characters of the comment.")
    ] = LIMIT,
    cwd: Annotated[
        Path, typer.Option(help="The folder of the Pulumi project.", show_default="this one")
    ] = ROOT,
) -> None:
    """Write OUT/comment.md and OUT/report.html; the exit codes are in docs/exit-codes.md."""
    from mlplatform.cli import reviewing

    raise typer.Exit(
        reviewing.review(
            base=base,
            head=head,
            stacks=stack or ["dev"],
            logs=event_log or [],
            live=live,
            drift=drift,
            out=out,
            exit_code=exit_code,
            limit=limit,
            cwd=cwd,
        )
    )
