"""``mlp review``: one comment and one report of what a change of the program does.

Three sources: two commits of this repository in the sandbox (no account, no state, no secret), the
real stack (``--live``), or event logs that somebody made.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mlplatform.cli import codes, policy, review_live, review_refs
from mlplatform.cli.places import ROOT
from mlplatform.cli.review_runs import Run
from mlplatform.review import events, markdown, model, report, text
from mlplatform.review.dangers import Danger
from mlplatform.review.events import EventLogError
from mlplatform.review.model import Review


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
    ] = markdown.LIMIT,
    cwd: Annotated[
        Path, typer.Option(help="The folder of the Pulumi project.", show_default="this one")
    ] = ROOT,
) -> None:
    """Write OUT/comment.md and OUT/report.html; the exit codes are in docs/exit-codes.md."""
    chosen = [
        name for name, on in (("--base", base), ("--event-log", event_log), ("--live", live)) if on
    ]
    if len(chosen) != 1:
        said = " and ".join(chosen) or "none"
        raise _wrong(f"got {said}, allowed: one of --base REF, --event-log FILE, --live")
    if drift and base:
        raise _wrong("--drift needs --event-log or --live: a sandbox has no hands that change it")
    stacks = stack or ["dev"]
    work = Path(tempfile.mkdtemp(prefix="mlp-review-"))
    try:
        if base:
            runs, title = review_refs.run(
                cwd, base=base, head=head, stacks=stacks, work=work, say=_say
            )
        elif live:
            runs, title = review_live.run(cwd, stacks=stacks, drift=drift, work=work)
        else:
            runs = [Run(log=file) for file in event_log or ()]
            title = ", ".join(file.name for file in event_log or ())
        made = _read(runs, title=title, drift=drift)
    except EventLogError as error:
        raise _wrong(str(error)) from None
    except review_refs.BadRef as error:
        raise _wrong(str(error)) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _write(made, out, limit)
    raise typer.Exit(code_of(made, exit_code=exit_code))


def code_of(made: Review, *, exit_code: bool) -> int:
    """The worst that the review found, as an exit code."""
    if made.violated:
        return codes.POLICY
    if made.failed:
        return codes.ERROR
    if made.dangerous:
        return codes.DANGEROUS
    return codes.CHANGED if exit_code and made.changed else codes.OK


def _read(runs: Sequence[Run], *, title: str, drift: bool) -> Review:
    scrub = text.Scrubber(text.secrets_of(os.environ))
    stacks = []
    for run in runs:
        log = events.load(run.log)
        stacks.append(
            model.read(
                log,
                name=run.stack,
                gaps_before=run.gaps_before,
                refused=[] if drift else _refused(log),
                notes=run.notes,
                sources=run.sources,
                scrub=scrub,
                base_failed=run.base_failed,
            )
        )
    return Review(title=scrub(title), stacks=tuple(stacks), drift=drift)


def _refused(log: events.EventLog) -> list[Danger]:
    return [
        Danger(
            kind="refused",
            owner=refusal.name,
            text=f"{refusal.path}: {refusal.reason}; {refusal.remedy}",
            clouds=(),
            urns=(),
        )
        for refusal in policy.judge(log).refusals
        if refusal.certain
    ]


def _write(made: Review, out: Path, limit: int) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "comment.md").write_text(markdown.comment(made, limit=limit), encoding="utf-8")
    (out / "report.html").write_text(report.page(made), encoding="utf-8")
    print(
        f"{markdown.verdict(made)}\n{out / 'comment.md'}\n{out / 'report.html'}".replace("**", "")
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _wrong(message: str) -> typer.Exit:
    print(f"mlp: {message}", file=sys.stderr)
    return typer.Exit(codes.USAGE)
