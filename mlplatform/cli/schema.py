"""``mlp schema``: the JSON Schema of the stack files, for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def schema(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if stale.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="The file; `-` for stdout; else the one that the stack files name."),
    ] = None,
) -> None:
    """Write the JSON Schema of Pulumi.<stack>.yaml."""
    from mlplatform.spec.schema import FILE, text

    target = out or FILE
    if str(target) == "-":
        sys.stdout.write(text())
    elif not check:
        target.write_text(text())
        print(f"wrote {target}")
    elif not target.exists() or target.read_text() != text():
        print(f"mlp: {target} is stale: run ./mlp schema", file=sys.stderr)
        raise typer.Exit(1)
