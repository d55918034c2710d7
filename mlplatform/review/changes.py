"""What a run changes: the steps of an event log, one change for each resource.

The engine logs a replacement as three steps; here it is one. Property by property, the inputs are
compared value by value, since a provider's own diff may name no more than a top-level property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlplatform.review.events import SECRET, EventLog, State, Step

Kind = Literal["create", "update", "replace", "delete", "import", "read"]

UNKNOWN = "(known after apply)"
_SENTINELS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
    }
)
"""Stand for values that are not known yet, one for each type (sdk/go/common/resource/plugin/rpc.go,
pulumi_policy/proxy.py)."""

_KINDS: Mapping[str, Kind] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import": "import",
    "import-replacement": "replace",
    "read": "read",
    "read-replacement": "replace",
    "read-discard": "delete",
    "discard-replaced": "replace",
}
"""Op of the engine -> kind; ops that are not here change nothing."""
_ENGINE_TYPES = ("pulumi:pulumi:", "pulumi:providers:")
_INTERNAL = frozenset({"__defaults", "__internal", "__meta", "__provider"})
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "absent"})()
"""On the side where a property is not there."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One value that differs. old, new: ABSENT on the side that lacks it; secrets are blanked and
    what is not known yet is UNKNOWN. forces: it makes the provider ask for a new object.
    """

    path: str
    old: Any
    new: Any
    forces: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource."""

    kind: Kind
    urn: str
    type: str
    name: str
    parent: str
    old: State | None
    new: State | None
    properties: tuple[Property, ...]

    @property
    def stack(self) -> str:
        """The stack's name in the URN."""
        return self.urn.split("::", 1)[0].rpartition(":")[2]


@dataclass(kw_only=True)
class Changes:
    """All that a run changes. parents: URN -> URN of the parent, of every resource seen; unchanged:
    how many resources stay; types: URN -> type of every resource seen; workloads: names in the
    spec.
    """

    listed: list[Change] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    workloads: frozenset[str] = frozenset()

    def counts(self) -> dict[str, int]:
        """Number of changes by kind; kinds without any are left out."""
        found: dict[str, int] = {}
        for change in self.listed:
            found[change.kind] = found.get(change.kind, 0) + 1
        return found


def read(log: EventLog) -> Changes:
    """One change for each resource that a run touches, in the order of their URNs."""
    made = Changes(workloads=log.workloads)
    steps: dict[str, list[Step]] = {}
    same: set[str] = set()
    for step in log.steps:
        state = step.new or step.old
        made.parents[step.urn] = state.parent if state is not None else ""
        made.types[step.urn] = step.type
        if step.op in _KINDS or _protection_changes(step):
            steps.setdefault(step.urn, []).append(step)
        else:
            same.add(step.urn)
    for urn in sorted(steps):
        if not made.types[urn].startswith(_ENGINE_TYPES):
            made.listed.append(_change(steps[urn]))
    made.unchanged = sum(
        urn not in steps and not made.types[urn].startswith(_ENGINE_TYPES) for urn in same
    )
    return made


def _protection_changes(step: Step) -> bool:
    return (
        step.old is not None and step.new is not None and step.old.protect is not step.new.protect
    )


def _change(steps: list[Step]) -> Change:
    # What only gains or loses its protection is `same` to the engine.
    kinds: set[Kind] = {_KINDS.get(step.op, "update") for step in steps}
    # A resource that is made anew somewhere else is deleted and created under the same URN.
    kind = "replace" if kinds >= {"create", "delete"} or "replace" in kinds else min(kinds)
    whole = next((step for step in steps if step.old and step.new), steps[0])
    old = next((step.old for step in steps if step.old), None)
    new = next((step.new for step in steps if step.new), None)
    state = new or old
    return Change(
        kind=kind,
        urn=whole.urn,
        type=whole.type,
        name=whole.name,
        parent=state.parent if state is not None else "",
        old=old,
        new=new,
        properties=tuple(_properties(whole, old, new)) if old and new else (),
    )


def _properties(step: Step, old: State, new: State) -> Iterator[Property]:
    said = {diff.path: diff for diff in step.diffs}
    forcing = [diff.path for diff in step.diffs if diff.replaces] or list(step.replaced_for)
    found = list(_differences(old.inputs, new.inputs, ""))
    for path, before, after in found:
        yield Property(
            path=path,
            old=before,
            new=after,
            forces=any(_covers(top, path) or _covers(path, top) for top in forcing),
        )
    paths = [tuple(_parts(path)) for path, _, _ in found]
    for path, diff in said.items():
        here = tuple(_parts(path))
        if any(here[: len(other)] == other[: len(here)] for other in paths):
            continue
        # Secrets look alike on both sides, and drift shows in the outputs.
        before, after = at(old.inputs, path), at(new.inputs, path)
        if not diff.of_input and SECRET not in (before, after):
            before, after = at(old.outputs, path), at(new.outputs, path)
        yield Property(path=path, old=shown(before), new=shown(after), forces=diff.replaces)
    if old.protect != new.protect:
        yield Property(path="protect", old=old.protect, new=new.protect)


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """(path, old, new) of each leaf that differs."""
    if old is new or old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({**old, **new}):
            if key not in _INTERNAL:
                yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), _key(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _differences(
                old[index] if index < len(old) else ABSENT,
                new[index] if index < len(new) else ABSENT,
                f"{path}[{index}]",
            )
    else:
        yield path, shown(old), shown(new)


def at(value: Any, path: str) -> Any:
    """The value at a path such as ``a.b[0]["c.d"]``; ABSENT when it is not there."""
    for key in _parts(path):
        in_list = isinstance(value, list) and isinstance(key, int) and key < len(value)
        if in_list or (isinstance(value, Mapping) and key in value):
            value = value[key]
        else:
            return ABSENT
    return value


def shown(value: Any) -> Any:
    """The value, with UNKNOWN in place of the engine's sentinels."""
    if isinstance(value, str):
        return UNKNOWN if value in _SENTINELS else value
    if isinstance(value, Mapping):
        return {key: shown(inner) for key, inner in value.items() if key not in _INTERNAL}
    if isinstance(value, list):
        return [shown(inner) for inner in value]
    return value


def _key(path: str, key: str) -> str:
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{quoted}"]'


_PART = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')


def _parts(path: str) -> Iterator[str | int]:
    for found in _PART.finditer(path):
        name, index, quoted = found.groups()
        if index is not None:
            yield int(index)
        else:
            yield name if name is not None else re.sub(r"\\(.)", r"\1", quoted)


def _covers(outer: str, inner: str) -> bool:
    return inner == outer or (inner.startswith(outer) and inner[len(outer)] in ".[")
