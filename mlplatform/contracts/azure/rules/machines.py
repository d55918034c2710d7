"""Virtual machine sizes: their grammar, retired ones with their replacement, and near misses."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlplatform.contracts.problem import Problem

_GRAMMAR = "rule: learn.microsoft.com, Azure VM sizes naming conventions"
_RETIRED = "rule: learn.microsoft.com, Retired Azure VM size series"
_SIZE = re.compile(r"(standard|basic)_[a-z]{1,3}\d+[a-z0-9-]*(_[a-z0-9]+)*", re.IGNORECASE)
_PREFIX = "Standard_"


def size_problem(size: Any, path: str) -> Iterator[Problem]:
    """Refuse a size that is retired, misspelt or no size at all.

    A size that looks right and that the table does not know is let through: Azure adds sizes all
    the time. One that differs in a single character from a known size, while no size family of
    that writing exists in the table, is taken for a misspelling.
    """
    if not isinstance(size, str):
        return
    table = _table()
    short = size.removeprefix(_PREFIX).lower()
    if short in table["retired"]:
        row = table["retired"][short]
        message = f"retired since {row['on']}; use {row['instead']}"
        yield Problem(path=path, got=size, message=message, source=_RETIRED)
        return
    near = difflib.get_close_matches(short, table["current"], n=1, cutoff=0.9)
    if _SIZE.fullmatch(size) is None:
        message = "allowed: a size such as Standard_NC4as_T4_v3"
        if near:
            message = f"no such size; nearest: {_PREFIX}{table['current'][near[0]]}"
        yield Problem(path=path, got=size, message=message, source=_GRAMMAR)
    elif near and short not in table["current"] and _misspelt(short, near[0]):
        message = f"no such size; nearest: {_PREFIX}{table['current'][near[0]]}"
        yield Problem(path=path, got=size, message=message, source=_GRAMMAR)


def _misspelt(short: str, near: str) -> bool:
    """The letters differ (`T4_v33`, `ads_A10_v4`), not only the number of cores."""
    return re.sub(r"^([a-z]+)\d+", r"\1", short) != re.sub(r"^([a-z]+)\d+", r"\1", near)


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent.parent / "machines.toml").read_text()
    table = tomllib.loads(text)
    return {
        "retired": {name.lower(): row for name, row in table["retired"].items()},
        "current": {name.lower(): name for name in table["current"]["sizes"]},
    }
