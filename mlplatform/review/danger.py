"""One line of what is dangerous, and how lines are put together.

The same line about several clouds or resources is said once, so that one change of the spec is one
line however many resources it touches.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlplatform.review.changes import ABSENT, UNKNOWN, Change
from mlplatform.review.subjects import Subject

Kind = Literal[
    "data",
    "endpoint",
    "cluster",
    "permission",
    "exposure",
    "protection",
    "key",
    "hardware",
    "scaling",
    "gap",
    "refused",
]

ORDER: Sequence[Kind] = (
    "refused",
    "data",
    "endpoint",
    "cluster",
    "permission",
    "exposure",
    "protection",
    "key",
    "hardware",
    "scaling",
    "gap",
)
TITLES: Mapping[Kind, str] = {
    "refused": "The cloud would refuse",
    "data": "Data goes",
    "endpoint": "Endpoint goes",
    "cluster": "Machines go",
    "permission": "May do more",
    "exposure": "Open to the internet",
    "protection": "Protection lost",
    "key": "Key changes",
    "hardware": "Hardware changes",
    "scaling": "Scaling and traffic",
    "gap": "New gap",
}
ACTIONS_SHOWN = 8
"""Actions named in one line; the others are counted, and stand in the report."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """One line of the first screen. owner: the workload or shared part. text: what happens, with
    values of the program in it, so it is escaped where it is shown. urns: the resources behind it.
    details: what the line had to leave out. path: key of the configuration that it comes from, as
    far as it is known; empty otherwise.
    """

    kind: Kind
    owner: str
    text: str
    clouds: tuple[str, ...]
    urns: tuple[str, ...]
    details: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A line about one resource, before the same ones are put together."""

    kind: Kind
    subject: Subject
    text: str
    urn: str
    details: tuple[str, ...] = ()
    path: str = ""


def merged(found: Iterable[Found]) -> list[Danger]:
    """The same line once, with all its clouds and resources."""
    by_line: dict[tuple[Kind, str, str], list[Found]] = {}
    for one in found:
        by_line.setdefault((one.kind, one.subject.owner, one.text), []).append(one)
    dangers = [
        Danger(
            kind=kind,
            owner=owner,
            text=text,
            clouds=tuple(sorted({one.subject.cloud for one in same})),
            urns=tuple(sorted({one.urn for one in same})),
            details=tuple(sorted({line for one in same for line in one.details})),
            path=next((one.path for one in same if one.path), ""),
        )
        for (kind, owner, text), same in by_line.items()
    ]
    return sorted(dangers, key=lambda d: (ORDER.index(d.kind), d.owner, d.text, d.urns))


def physical_name(change: Change) -> str:
    """The cloud's own name of the object when the inputs tell it, else the program's."""
    inputs = (change.old or change.new).inputs if (change.old or change.new) else {}  # type: ignore[union-attr]
    noun = change.type.rpartition(":")[2]
    keys = (f"{noun[:1].lower()}{noun[1:]}Name", "name", "bucket", "featureGroupName", "vaultName")
    for key in keys:
        if isinstance(found := inputs.get(key), str) and found and found != UNKNOWN:
            return found
    return change.name


def listed(words: Sequence[str], *, shown: int = ACTIONS_SHOWN) -> str:
    """The first words, and how many more there are."""
    more = f" and {len(words) - shown} more" if len(words) > shown else ""
    return ", ".join(words[:shown]) + more


def brief(value: Any, *, length: int = 80) -> str:
    """A value in one line, cut."""
    if value is ABSENT:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list):
        value = json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = str(value)
    return text if len(text) <= length else text[: length - 1] + "…"
