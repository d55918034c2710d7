"""What is dangerous among the changes of a run: the first thing that a reviewer reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlplatform.review import serving, subjects, watched
from mlplatform.review.changes import Change, Changes
from mlplatform.review.danger import Danger, Found, brief, merged, physical_name
from mlplatform.review.events import EventLog
from mlplatform.review.guarding import weakened
from mlplatform.review.subjects import Subject
from mlplatform.review.widening import widened

_SPEC_KEYS = {"scaling": "scaling", "machine": "accelerator"}
"""Keys of an endpoint in the spec."""


def find(changes: Changes) -> list[Danger]:
    """Every danger among the changes, the worst kind first."""
    found: list[Found] = []
    made = {change.urn for change in changes.listed if change.kind == "create"}
    successors = {(c.type, c.parent): c for c in changes.listed if c.kind == "create"}
    renamed = {
        physical_name(change): physical_name(successors[change.type, change.parent])
        for change in changes.listed
        if change.kind == "delete" and (change.type, change.parent) in successors
    }
    for change in changes.listed:
        subject = subjects.of(change, changes)
        new_part = change.parent in made
        found += _gone(change, subject, successors)
        found += widened(change, subject, renamed, new_part=new_part)
        found += weakened(change, subject, new_part=new_part)
        found += _serving(change, subject, changes)
    return merged(found)


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
) -> Iterator[Found]:
    if change.kind not in ("delete", "replace"):
        return
    noun = subjects.noun(change.type)
    how = "is deleted" if change.kind == "delete" else "is replaced"
    # Another of its type in the same place: under a new name, but in its stead.
    successor = successors.get((change.type, change.parent)) if change.kind == "delete" else None
    if successor is not None:
        how = f"is replaced by {physical_name(successor)}"
    why = _forced_by(change)
    named = physical_name(change)
    for kind, pattern, meaning in (
        ("data", watched.STATEFUL, "what it holds goes with it"),
        ("endpoint", watched.ENDPOINTS, "callers lose it"),
        ("cluster", watched.CLUSTERS, "work on it stops"),
    ):
        if pattern.search(change.type):
            text = f"{noun} {named} {how}{why}; {meaning}"
            yield Found(kind=kind, subject=subject, text=text, urn=change.urn)  # type: ignore[arg-type]
            break
    if change.kind == "delete" and watched.PROTECTIONS.search(change.type):
        yield Found(
            kind="protection", subject=subject, text=f"{noun} {named} is deleted", urn=change.urn
        )
    if change.old is not None and change.old.protect:
        yield Found(
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


def _serving(change: Change, subject: Subject, among: Changes) -> Iterator[Found]:
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
        yield Found(
            kind="scaling" if what == "scaling" else "hardware",
            subject=subject,
            text=f"{what}{of} {before or 'none'} → {after or 'none'}",
            urn=change.urn,
            path=f"mlplatform:workloads.{subject.owner}.endpoint.{_SPEC_KEYS[what]}",
        )
    if shares:
        yield Found(
            kind="scaling",
            subject=subject,
            text=f"traffic {', '.join(shares)}",
            urn=change.urn,
            path=f"mlplatform:workloads.{subject.owner}.endpoint.variants",
        )
