"""What a changed property opens, protects no longer, or encrypts otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlplatform.review import subjects, watched
from mlplatform.review.changes import ABSENT, Change, Property
from mlplatform.review.danger import Found, Kind, brief, physical_name
from mlplatform.review.subjects import Subject

_EGRESS = re.compile("egress", re.IGNORECASE)


def weakened(change: Change, subject: Subject, *, new_part: bool) -> Iterator[Found]:
    """Lines about exposure, protection and keys. new_part: as in ``widening.widened``."""
    if change.kind == "create":
        if not new_part and change.new is not None:
            for path, value in _leaves(change.new.inputs, ""):
                prop = Property(path=path, old=ABSENT, new=value)
                if _exposes(prop, list(_named(prop))):
                    yield _said(change, subject, "exposure", prop)
        return
    for prop in change.properties:
        named = list(_named(prop))
        if _exposes(prop, named):
            yield _said(change, subject, "exposure", prop)
        if _unprotects(prop, named):
            yield _said(change, subject, "protection", prop)
        if (watched.KEY_PROPERTY.search(prop.path) and "policy" not in prop.path.lower()) or (
            change.kind != "replace"
            and watched.KEY_TYPES.search(change.type)
            and prop.path.rpartition(".")[2] in watched.KEY_STATE
        ):
            yield _said(change, subject, "key", prop)


_Named = Sequence[tuple[str, Any, Any]]


def _exposes(prop: Property, named: _Named) -> bool:
    opens = any(
        not _all_in(old, values) and _all_in(new, values)
        for name, old, new in named
        if (values := watched.PUBLIC_WHEN.get(name))
    )
    # What goes out opens nothing.
    return (opens or _leaves_safe(named, watched.PRIVATE_WHILE)) and not _EGRESS.search(prop.path)


def _unprotects(prop: Property, named: _Named) -> bool:
    lower = (
        _last(prop.path) in watched.LOWER_IS_LESS
        and isinstance(prop.old, int | float)
        and isinstance(prop.new, int | float)
        and prop.new < prop.old
    )
    return (
        lower
        or _leaves_safe(named, watched.PROTECTING)
        or _leaves_safe(named, watched.PROTECTING_PAIRS)
    )


def _leaves_safe(named: _Named, safe: Mapping[str, frozenset[str]]) -> bool:
    return any(
        _all_in(old, values) and not _all_in(new, values)
        for name, old, new in named
        if (values := safe.get(name))
    )


def _named(prop: Property) -> Iterator[tuple[str, Any, Any]]:
    """(name, old, new) of the leaf itself, of its name with the one above, and of what is inside a
    property that is there on one side only.
    """
    names = prop.path.replace("]", "").replace("[", ".").split(".")
    words = [name.strip('"').lower() for name in names if name and not name.isdigit()]
    if words:
        yield words[-1], prop.old, prop.new
        yield ".".join(words[-2:]), prop.old, prop.new
    for value, is_old in ((prop.old, True), (prop.new, False)):
        if isinstance(value, Mapping | list):
            for path, leaf in _leaves(value, words[-1] if words else ""):
                inner = [w for w in path.replace("]", "").replace("[", ".").lower().split(".") if w]
                inner = [word for word in inner if not word.isdigit()]
                old, new = (leaf, ABSENT) if is_old else (ABSENT, leaf)
                if inner:
                    yield inner[-1], old, new
                    yield ".".join(inner[-2:]), old, new


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def _all_in(value: Any, values: frozenset[str]) -> bool:
    return value is not ABSENT and str(value).lower() in values


def _last(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _said(change: Change, subject: Subject, kind: Kind, prop: Property) -> Found:
    noun = subjects.noun(change.type)
    text = (
        f"{noun} {physical_name(change)}: {prop.path} {brief(prop.old)} → {brief(prop.new)}"
        if prop.old is not ABSENT
        else f"{noun} {physical_name(change)}: {prop.path} is {brief(prop.new)}"
    )
    return Found(kind=kind, subject=subject, text=text, urn=change.urn)
