"""``mlp comment``: puts a review's Markdown on the pull request, as one comment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mlplatform.review import hosts, posting

WRONG_USAGE = 2
_RUNS = ("GITHUB_RUN_NUMBER", "CI_PIPELINE_IID", "BUILD_BUILDID")
_DEFAULT_KEY = "review"


def comment(
    file: Annotated[Path, typer.Argument(help="Markdown, such as OUT/comment.md of `mlp review`.")],
    host: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(hosts.HOSTS)}; the CI job's own otherwise."),
    ] = None,
    pull_request: Annotated[
        str | None, typer.Option(help="Its number; the CI job's own otherwise.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="Keeps comments of several reviews apart.")
    ] = _DEFAULT_KEY,
    run: Annotated[
        int | None, typer.Option(help="Grows from run to run; the CI job's own otherwise.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print it, post nothing.")] = False,
) -> None:
    """Put a comment on the pull request, or replace the one that an earlier run put there."""
    if not file.is_file():
        raise _wrong(f"{file}: no such file")
    if posting.KEY.fullmatch(key) is None:
        raise _wrong(f"--key: got {key!r}, allowed: letters, digits and _ . / -")
    text = file.read_text()
    number = run if run is not None else _run_of_job()
    if dry_run:
        print(posting.marked(text, key=key, run=number, limit=hosts.GitHub.limit))
        return
    try:
        where = hosts.connect(os.environ, name=host, pull_request=pull_request)
        done = posting.post(where, text, key=key, run=number)
    except hosts.HostError as error:
        print(f"mlp: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"comment on {where.name}: {done}")


def _run_of_job() -> int:
    found = next((os.environ[name] for name in _RUNS if os.environ.get(name, "").isdigit()), "0")
    return int(found)


def _wrong(message: str) -> typer.Exit:
    print(f"mlp: {message}", file=sys.stderr)
    return typer.Exit(WRONG_USAGE)
