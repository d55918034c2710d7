"""The application: its commands, and what happens when one of them fails."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

import typer

from mlplatform.cli import (
    bench,
    checks,
    codes,
    comment,
    contracts,
    doctor,
    policy,
    review,
    sandbox,
    schema,
)
from mlplatform.sandbox.errors import UserError

app = typer.Typer(
    name="mlp",
    help="Machine-learning platforms as code, and a sandbox that needs no account.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(policy.app, name="policy")
app.command(name="test", context_settings=checks.PASS_THROUGH)(checks.test)
app.command(name="doctor")(doctor.doctor)
app.command(name="schema")(schema.schema)
app.command(name="contracts", context_settings=contracts.PASS_THROUGH)(contracts.contracts)
app.command(name="review")(review.review)
app.command(name="comment")(comment.comment)
app.command(name="bench", context_settings=bench.PASS_THROUGH)(bench.bench)


def main() -> int:
    """Run one command. A failure is one line for the user; what is unexpected goes to a log."""
    try:
        app(prog_name="mlp")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except UserError as error:
        print(f"mlp: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    except Exception as error:
        log = _write_log()
        print(
            f"mlp: {type(error).__name__}: {_first_line(error)} (details: {log})", file=sys.stderr
        )
        return 1
    return 0


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def _write_log() -> Path:
    """Append the traceback to the user's own log file; its path."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mlplatform")
    report = (
        f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(sys.argv)}\n{traceback.format_exc()}"
    )
    for folder in (cache, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "mlp.log").open("a") as log:
                log.write(report)
        except OSError:
            continue
        return folder / "mlp.log"
    print(report, file=sys.stderr)
    return Path("stderr")
