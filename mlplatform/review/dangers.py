"""What is dangerous among the changes of a run: the first thing that a reviewer reads.

Each danger is one line. The same line about several clouds or resources is said once, so that one
change of the spec is one line however many resources it touches.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlplatform.review import grants, serving, subjects, watched
from mlplatform.review.changes import ABSENT, UNKNOWN, Change, Changes, Property
from mlplatform.review.events import EventLog
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
_EGRESS = re.compile("egress", re.IGNORECASE)
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
class _Found:
    kind: Kind
    subject: Subject
    text: str
    urn: str
    details: tuple[str, ...] = ()
    path: str = ""


def find(changes: Changes) -> list[Danger]:
    """Every danger among the changes, the worst kind first."""
    found: list[_Found] = []
    made = {change.urn for change in changes.listed if change.kind == "create"}
    successors = {(c.type, c.parent): c for c in changes.listed if c.kind == "create"}
    renamed = {
        _physical_name(change): _physical_name(successors[change.type, change.parent])
        for change in changes.listed
        if change.kind == "delete" and (change.type, change.parent) in successors
    }
    for change in changes.listed:
        subject = subjects.of(change, changes)
        new_part = change.parent in made
        found += _gone(change, subject, successors)
        found += _widened(change, subject, renamed, new_part=new_part)
        found += _properties(change, subject, new_part=new_part)
        found += _serving(change, subject, changes)
    return merged(found)


def merged(found: Iterable[_Found]) -> list[Danger]:
    """The same line once, with all its clouds and resources."""
    by_line: dict[tuple[Kind, str, str], list[_Found]] = {}
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


def gaps(log: EventLog, *, before: Iterable[str]) -> list[Danger]:
    """Gaps that a preview warns of and that were not there before. before: the stack's old list."""
    known = {_gap_key(line) for line in before}
    found: list[Danger] = []
    for line in sorted({d.message for d in log.diagnostics if d.message.startswith("gap: ")}):
        text = line.removeprefix("gap: ")
        if _gap_key(text) in known:
            continue
        words = [*text.split(" ", 3), "", "", ""]
        cloud, owner, path, rest = words[0], words[1], words[2].rstrip(":"), words[3]
        hardware = path.rpartition(".")[2] in ("accelerator", "instance_type", "machine_type")
        found.append(
            Danger(
                kind="hardware" if hardware else "gap",
                owner=owner,
                text=rest or text,
                clouds=(cloud,),
                urns=(),
                path=path,
            )
        )
    return found


def gaps_before(log: EventLog) -> list[str]:
    """The list of gaps that the stack had: its old output `gaps`."""
    for step in log.steps:
        if step.type == "pulumi:pulumi:Stack" and step.old is not None:
            listed = step.old.outputs.get("gaps")
            if isinstance(listed, list):
                return [str(line) for line in listed]
    return []


def _gap_key(line: str) -> str:
    return line.removeprefix("gap: ").strip()


def _gone(
    change: Change, subject: Subject, successors: Mapping[tuple[str, str], Change]
) -> Iterator[_Found]:
    if change.kind not in ("delete", "replace"):
        return
    noun = subjects.noun(change.type)
    how = "is deleted" if change.kind == "delete" else "is replaced"
    # Another of its type in the same place: under a new name, but in its stead.
    successor = successors.get((change.type, change.parent)) if change.kind == "delete" else None
    if successor is not None:
        how = f"is replaced by {_physical_name(successor)}"
    why = _forced_by(change)
    named = _physical_name(change)
    for kind, pattern, meaning in (
        ("data", watched.STATEFUL, "what it holds goes with it"),
        ("endpoint", watched.ENDPOINTS, "callers lose it"),
        ("cluster", watched.CLUSTERS, "work on it stops"),
    ):
        if pattern.search(change.type):
            text = f"{noun} {named} {how}{why}; {meaning}"
            yield _Found(kind=kind, subject=subject, text=text, urn=change.urn)  # type: ignore[arg-type]
            break
    if change.kind == "delete" and watched.PROTECTIONS.search(change.type):
        yield _Found(
            kind="protection", subject=subject, text=f"{noun} {named} is deleted", urn=change.urn
        )
    if change.old is not None and change.old.protect:
        yield _Found(
            kind="protection",
            subject=subject,
            text=f"{noun} {named} is protected and {how}: the engine refuses until that is lifted",
            urn=change.urn,
        )


def _forced_by(change: Change) -> str:
    """Why a replacement: the properties that force it, with their values."""
    forcing = [p for p in change.properties if p.forces]
    if change.kind != "replace" or not forcing:
        return ""
    shown = [f"{p.path}: {brief(p.old)} → {brief(p.new)}" for p in forcing[:3]]
    more = f" and {len(forcing) - 3} more" if len(forcing) > 3 else ""
    return f" ({', '.join(shown)}{more})"


def _physical_name(change: Change) -> str:
    """The cloud's own name of the object when the inputs tell it, else the program's."""
    inputs = (change.old or change.new).inputs if (change.old or change.new) else {}  # type: ignore[union-attr]
    noun = change.type.rpartition(":")[2]
    keys = (f"{noun[:1].lower()}{noun[1:]}Name", "name", "bucket", "featureGroupName", "vaultName")
    for key in keys:
        if isinstance(found := inputs.get(key), str) and found and found != UNKNOWN:
            return found
    return change.name


def _widened(
    change: Change, subject: Subject, renamed: Mapping[str, str], *, new_part: bool
) -> Iterator[_Found]:
    if change.new is None:
        if change.old is not None and change.kind == "delete":
            lifted = [
                g for g in grants.grants(change.type, change.old.inputs) if g.effect == "deny"
            ]
            if lifted and change.type not in grants.ATTACHMENTS:
                yield _permission(change, subject, sorted(lifted))
        return
    new = grants.grants(change.type, change.new.inputs)
    if not new:
        return
    if change.old is None:
        # A new identity with its first grants is no widening of an old one.
        if new_part or not grants.grants_anything(change.type):
            new = frozenset(grant for grant in new if grant.public)
        old: frozenset[grants.Grant] = frozenset()
    else:
        old = grants.grants(change.type, change.old.inputs)
        # The same on what takes an old object's place is no more than before.
        old |= {
            dataclasses.replace(grant, on=grant.on.replace(before, after))
            for before, after in renamed.items()
            for grant in old
            if grant.on.endswith(before)
        }
    more = grants.widened(old, new)
    public = [grant for grant in more if grant.public]
    if public:
        acts = _listed(sorted({grant.action for grant in public}))
        yield _Found(
            kind="exposure",
            subject=subject,
            text=f"anybody may {acts} on {_listed(sorted({g.on or change.name for g in public}))}",
            urn=change.urn,
        )
    closed = [grant for grant in more if not grant.public]
    if closed:
        yield _permission(change, subject, closed)


def _permission(change: Change, subject: Subject, more: Sequence[grants.Grant]) -> _Found:
    allowed = [grant for grant in more if grant.effect == "allow"]
    lifted = [grant for grant in more if grant.effect == "deny"]
    words = []
    for what, some in (("may now", allowed), ("is no longer denied", lifted)):
        if some:
            things = sorted({grant.on for grant in some if grant.on})
            on = f" on {_listed(things, shown=2)}" if things else ""
            words.append(f"{what} {_listed(sorted({grant.action for grant in some}))}{on}")
    people = sorted({grant.to for grant in more if grant.to})
    who = _listed(people, shown=2) if people else change.name
    return _Found(
        kind="permission",
        subject=subject,
        text=f"{who} {'; '.join(words)}",
        urn=change.urn,
        details=tuple(
            f"{'+' if grant.effect == 'allow' else '-deny'} {grant.action} {grant.on} {grant.to} "
            f"{grant.condition}".strip()
            for grant in more
        ),
    )


def _properties(change: Change, subject: Subject, *, new_part: bool) -> Iterator[_Found]:
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


def _said(change: Change, subject: Subject, kind: Kind, prop: Property) -> _Found:
    noun = subjects.noun(change.type)
    text = (
        f"{noun} {_physical_name(change)}: {prop.path} {brief(prop.old)} → {brief(prop.new)}"
        if prop.old is not ABSENT
        else f"{noun} {_physical_name(change)}: {prop.path} is {brief(prop.new)}"
    )
    return _Found(kind=kind, subject=subject, text=text, urn=change.urn)


def _serving(change: Change, subject: Subject, among: Changes) -> Iterator[_Found]:
    if change.old is None or change.new is None or not serving.touched(change):
        return
    component = change.parent.split("::", 3)[-1] if change.parent in among.types else ""
    old = serving.facts(change, change.old.inputs, component=component)
    new = serving.facts(change, change.new.inputs, component=component)
    shares: list[str] = []
    for what, variant in sorted({*old, *new}):
        before, after = old.get((what, variant)), new.get((what, variant))
        if before == after:
            continue
        if what == "traffic":
            label = variant or "all"
            shares.append(f"{label} {before or 0} → {after or 0}")
            continue
        of = f" of {variant}" if variant and variant != "primary" else ""
        yield _Found(
            kind="scaling" if what == "scaling" else "hardware",
            subject=subject,
            text=f"{what}{of} {before or 'none'} → {after or 'none'}",
            urn=change.urn,
            path=f"mlplatform:workloads.{subject.owner}.endpoint.{_SPEC_KEYS[what]}",
        )
    if shares:
        yield _Found(
            kind="scaling",
            subject=subject,
            text=f"traffic {', '.join(shares)}",
            urn=change.urn,
            path=f"mlplatform:workloads.{subject.owner}.endpoint.variants",
        )


_SPEC_KEYS = {"scaling": "scaling", "machine": "accelerator"}
"""Keys of an endpoint in the spec."""


def _listed(words: Sequence[str], *, shown: int = ACTIONS_SHOWN) -> str:
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
