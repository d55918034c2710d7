"""What holds for every type: tags and the region."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.azure_regions import PUBLIC
from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_TAGS = "rule: learn.microsoft.com, Use tags to organize your Azure resources: limitations"
_REGIONS = "rule: learn.microsoft.com, List of Azure regions"
_TAGS_MOST, _NAME_MOST, _VALUE_MOST = 50, 512, 256
_STORAGE_NAME_MOST = 128
_FORBIDDEN = re.compile(r"[<>%&\\?/]")
_CLOSE = 0.85


def tags(short: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """At most 50; names of 1 to 512 characters (storage accounts: 128), values of at most 256."""
    given = inputs.get("tags")
    if not isinstance(given, Mapping):
        return
    named = {name: value for name, value in given.items() if not name.startswith("__")}
    if len(named) > _TAGS_MOST:
        message = f"allowed: at most {_TAGS_MOST} tags"
        yield Problem(path="tags", got=len(named), message=message, source=_TAGS)
    most = _STORAGE_NAME_MOST if short == "storage:StorageAccount" else _NAME_MOST
    for name, value in named.items():
        if not 1 <= len(name) <= most or _FORBIDDEN.search(name):
            message = f"allowed: a name of 1 to {most} characters without < > % & \\ ? /"
            yield Problem(path=f"tags.{name}", got=name, message=message, source=_TAGS)
        if isinstance(value, str) and not is_unknown(value) and len(value) > _VALUE_MOST:
            message = f"allowed: a value of at most {_VALUE_MOST} characters"
            yield Problem(path=f"tags.{name}", got=value, message=message, source=_TAGS)


def location(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A region that is misspelt. One that looks right and is not known is let through."""
    value = at(inputs, "location")
    if not isinstance(value, str):
        return
    plain = re.sub(r"\s", "", value).lower()
    if plain in PUBLIC or plain == "global":
        return
    near = difflib.get_close_matches(plain, sorted(PUBLIC), n=1, cutoff=_CLOSE)
    if near:
        message = f"no such region; nearest: {near[0]}"
        yield Problem(path="location", got=value, message=message, source=_REGIONS)
    elif re.fullmatch(r"[a-z]+\d*", plain) is None:
        message = "allowed: a region such as westeurope"
        yield Problem(path="location", got=value, message=message, source=_REGIONS)
