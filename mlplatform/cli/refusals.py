"""What a cloud would refuse among the changes that a preview shows.

A policy never sees old values, so only the event log of a preview can tell that a change is one
that the cloud refuses in place. Each update and replacement is judged by the contracts' life-cycle
layer; how the engine carries it out is in the log.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlplatform import contracts
from mlplatform.contracts.problem import Change, show
from mlplatform.contracts.unknown import has_unknown
from mlplatform.provider import paths
from mlplatform.review.events import SECRET, EventLog, Step

_CHANGED_SECRET = f"{SECRET} (changed)"
"""A new secret that differs from the old one: the log hides both values, but tells the place."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One change that a cloud would refuse, or that would not be what the step says.

    path: Pulumi property path. old, new: None when absent; secrets blanked. reason: why. remedy:
    what to do. source: the document or model behind the reason. certain: False when the new value
    is not known yet, so that it may turn out to be the old one.
    """

    name: str
    type: str
    path: str
    old: Any
    new: Any
    reason: str
    remedy: str
    source: str
    certain: bool

    def __str__(self) -> str:
        new = show(self.new) if self.certain else "not known yet"
        return (
            f"{self.name} ({self.type}) {self.path}: {show(self.old)} -> {new}: "
            f"{self.reason}; {self.remedy} ({self.source})"
        )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The judgement over one log. steps: updates and replacements. unjudged: types without a
    contract among them. complete: False when the run failed, so that steps may be missing.
    """

    steps: int
    refusals: Sequence[Refusal] = field(default_factory=tuple)
    unjudged: Sequence[str] = ()
    complete: bool = True

    @property
    def refused(self) -> bool:
        """Whether something is refused for certain."""
        return any(refusal.certain for refusal in self.refusals)


def judge(log: EventLog) -> Verdict:
    """Ask the contracts about every update and replacement."""
    steps = [step for step in log.steps if step.op in ("update", "replace") and _judgeable(step)]
    return Verdict(
        steps=len(steps),
        refusals=tuple(refusal for step in steps for refusal in refusals(step)),
        unjudged=tuple(sorted({s.type for s in steps if not contracts.covers(s.type)})),
        complete=log.summary is not None and log.summary.succeeded,
    )


def refusals(step: Step) -> Iterator[Refusal]:
    """What is wrong with one update or replacement; nothing for a type without a contract."""
    if step.old is None or step.new is None or not contracts.covers(step.type):
        return
    old, new = step.old.inputs, _with_changed_secrets(step)
    changes = contracts.changes(step.type, old, new)
    for change in changes:
        wrong = _in_place(change) if step.op == "update" else _side_by_side(step, change, changes)
        if wrong is None:
            continue
        reason, remedy = wrong
        before, after = _at(old, change.path), _at(new, change.path)
        secret = _has_secret(before) or _has_secret(after)
        yield Refusal(
            name=step.name,
            type=step.type,
            path=change.path,
            old=SECRET if secret else before,
            new=SECRET if secret else after,
            reason=reason,
            remedy=remedy,
            source=change.source,
            certain=not has_unknown(after),
        )


def lines(verdict: Verdict) -> Iterator[str]:
    """The verdict as text: one line when nothing is refused for certain, then the lists."""
    if not verdict.refused:
        words = [f"{_count(verdict.steps, 'update step')}, nothing that a cloud would refuse"]
        if verdict.unjudged:
            words.append(f"not judged, as there is no contract: {', '.join(verdict.unjudged)}")
        if not verdict.complete:
            words.append("the run failed, so there may be more steps")
        yield "; ".join(words)
    yield from listed(verdict)


def listed(verdict: Verdict) -> Iterator[str]:
    """What is refused, then what would be if an unknown value differs; nothing when all is well."""
    for certain, title in (
        (True, "that a cloud would refuse:"),
        (False, "that a cloud would refuse if the value, not known yet, differs:"),
    ):
        found = [refusal for refusal in verdict.refusals if refusal.certain is certain]
        if found:
            yield f"{_count(len(found), 'change')} {title}"
            yield from (f"  - {refusal}" for refusal in found)


def file_written(flags: Sequence[str], *, default: Path, folder: Path) -> Path | None:
    """Where an engine that runs in `folder` writes its log: the last word of the user counts.

    None when the log goes over the network instead (`--event-log tcp://...`).
    """
    target = str(default)
    for at, flag in enumerate(flags):
        name, equals, value = flag.partition("=")
        if name == "--event-log":
            target = value if equals else next(iter(flags[at + 1 : at + 2]), target)
    return None if target.startswith("tcp://") else folder / target


def _judgeable(step: Step) -> bool:
    """Resources of a cloud: components and provider configurations are the engine's own."""
    custom = step.old is not None and step.new is not None and step.new.custom
    return custom and not step.type.startswith("pulumi:")


def _in_place(change: Change) -> tuple[str, str] | None:
    """(why, what to do) for a change that a plain update carries."""
    if change.kind == "refuse":
        return change.reason, "keep the old value, or make a new object under another name"
    if change.kind == "replace":
        reason = f"the step updates in place, but {change.reason}"
        return reason, f'add replace_on_changes=["{change.path}"]'
    return None


def _side_by_side(step: Step, change: Change, changes: Sequence[Change]) -> tuple[str, str] | None:
    """(why, what to do) for a new object that is made while the old one is still there.

    Where nothing changes that names the object, the new one cannot exist beside the old one: its
    creation would be the very update that the cloud refuses.
    """
    assert step.old is not None
    if change.kind != "refuse" or not step.old.pending_deletion:
        return None
    if any(other.kind == "replace" for other in changes):
        return None
    reason = "the replacement is made first, under the name of the old object, which still exists"
    return f"{reason}: {change.reason}", "add delete_before_replace=True, or give it another name"


def _with_changed_secrets(step: Step) -> Mapping[str, Any]:
    """The new inputs, with changed secrets made different from the old ones, which look alike."""
    assert step.old is not None and step.new is not None
    changed = [
        paths.parse(diff.path) or ()
        for diff in step.diffs
        if _at(step.old.inputs, diff.path) == SECRET == _at(step.new.inputs, diff.path)
    ]
    if not changed:
        return step.new.inputs
    inputs: dict[str, Any] = copy.deepcopy(dict(step.new.inputs))
    for steps in changed:
        inner: Any = inputs
        for part in steps[:-1]:
            inner = inner[part]
        inner[steps[-1]] = _CHANGED_SECRET
    return inputs


def _has_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_secret(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_secret(inner) for inner in value)
    return value in (SECRET, _CHANGED_SECRET)


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    found = paths.get(inputs, path)
    return None if found is paths.MISSING else found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
