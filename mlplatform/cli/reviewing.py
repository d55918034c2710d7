"""What ``mlp review`` does: runs or logs to a review, the review to files, and an exit code."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlplatform.cli import codes, refusals, review_live, review_refs
from mlplatform.cli.review_runs import Run
from mlplatform.review import events, markdown, model, report, text
from mlplatform.review.danger import Danger
from mlplatform.review.events import EventLogError
from mlplatform.review.model import Review


def review(
    *,
    base: str | None,
    head: str,
    stacks: Sequence[str],
    logs: Sequence[Path],
    live: bool,
    drift: bool,
    out: Path,
    exit_code: bool,
    limit: int,
    cwd: Path,
) -> int:
    """Review, write both files into ``out``, and return the exit code."""
    chosen = [
        name for name, on in (("--base", base), ("--event-log", logs), ("--live", live)) if on
    ]
    if len(chosen) != 1:
        said = " and ".join(chosen) or "none"
        return _wrong(f"got {said}, allowed: one of --base REF, --event-log FILE, --live")
    if drift and base:
        return _wrong("--drift needs --event-log or --live: a sandbox has no hands that change it")
    work = Path(tempfile.mkdtemp(prefix="mlp-review-"))
    try:
        if base:
            runs, title = review_refs.run(
                cwd, base=base, head=head, stacks=stacks, work=work, say=_say
            )
        elif live:
            runs, title = review_live.run(cwd, stacks=stacks, drift=drift, work=work)
        else:
            runs = [Run(log=file) for file in logs]
            title = ", ".join(file.name for file in logs)
        made = _read(runs, title=title, drift=drift)
    except EventLogError as error:
        return _wrong(str(error))
    except review_refs.BadRef as error:
        return _wrong(str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _write(made, out, limit)
    return code_of(made, exit_code=exit_code)


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
        for refusal in refusals.judge(log).refusals
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


def _wrong(message: str) -> int:
    print(f"mlp: {message}", file=sys.stderr)
    return codes.USAGE
