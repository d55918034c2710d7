"""Virtual machine sizes: their grammar, retired ones with their replacement, and near misses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from mlplatform.catalog import azure as catalog
from mlplatform.contracts.problem import Problem

_GRAMMAR = "rule: learn.microsoft.com, Azure VM sizes naming conventions"
_RETIRED = "rule: learn.microsoft.com, Retired Azure VM size series"
_SIZE = re.compile(r"(standard|basic)_[a-z]{1,3}\d+[a-z0-9-]*(_[a-z0-9]+)*", re.IGNORECASE)
_CLOSE = 0.9


def size_problem(size: Any, path: str, *, today: date | None = None) -> Iterator[Problem]:
    """Refuse a size that is retired, misspelt or no size at all.

    A size that looks right and that the catalogue does not know is let through, because Azure adds
    sizes all the time; only one that is next to a known size in writing, and not by its number of
    cores, is taken for a misspelling.
    """
    if not isinstance(size, str):
        return
    found = catalog.machine(size)
    if found is not None:
        if found.is_retired(today or date.today()):
            message = f"retired since {found.retired}; use {found.replacement}"
            yield Problem(path=path, got=size, message=message, source=_RETIRED)
        return
    near = _near(size)
    if _SIZE.fullmatch(size) is None:
        message = "allowed: a size such as Standard_NC4as_T4_v3"
        if near is not None:
            message = f"no such size; nearest: {near}"
        yield Problem(path=path, got=size, message=message, source=_GRAMMAR)
    elif near is not None and _family(size) not in _families():
        message = f"no such size; nearest: {near}"
        yield Problem(path=path, got=size, message=message, source=_GRAMMAR)


def _near(size: str) -> str | None:
    by_fold = {name.lower(): name for name in catalog.instance_types()}
    close = difflib.get_close_matches(size.lower(), by_fold, n=1, cutoff=_CLOSE)
    return by_fold[close[0]] if close else None


def _families() -> set[str]:
    return {_family(name) for name in catalog.instance_types()}


def _family(size: str) -> str:
    """The size without its number of cores: `standard_ncas_t4_v3`."""
    return re.sub(r"_([a-z]+)\d+", r"_\1", size.lower(), count=1)
