"""``mlp schema``: the JSON Schema of the stack files, for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mlplatform.cli.places import ROOT

FILE = "mlplatform.schema.json"
"""The stack files name it in their first line, so that editors complete and check."""


def schema(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if stale.")] = False,
    out: Annotated[
        Path, typer.Option(help="The file to write; `-` for stdout.", show_default=FILE)
    ] = ROOT / FILE,
) -> None:
    """Write the JSON Schema of Pulumi.<stack>.yaml."""
    from mlplatform.spec.schema import json_schema

    text = json.dumps(json_schema(), indent=2) + "\n"
    if str(out) == "-":
        sys.stdout.write(text)
        return
    if check:
        if not out.exists() or out.read_text() != text:
            print(f"{out} is stale: run ./mlp schema", file=sys.stderr)
            raise typer.Exit(1)
        return
    out.write_text(text)
    print(f"wrote {out}")
