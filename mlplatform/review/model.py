"""A review: what a comment and a report show, read from event logs; no rendering here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlplatform.review import changes, dangers, subjects, text
from mlplatform.review.changes import ABSENT, UNKNOWN, Change, Changes, Property
from mlplatform.review.danger import ORDER, Danger
from mlplatform.review.events import SECRET, EventLog, State, Violation
from mlplatform.review.sources import Sources
from mlplatform.review.subjects import Subject

_NOISE = ("Duplicate resource", "grpc: the client connection is closing")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What failed: the resource's name, empty for the program or the engine; the first lines."""

    where: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StackReview:
    """One stack. complete: the run ended well, so nothing is missing.
    base_failed: what it is compared with is not whole. notes: what a reader has to
    know about how it was read, such as stand-ins.
    """

    name: str
    changes: Changes
    subjects: Mapping[str, Subject]
    dangers: tuple[Danger, ...]
    violations: tuple[Violation, ...]
    failures: tuple[Failure, ...]
    complete: bool
    policies_ran: bool = False
    base_failed: bool = False
    notes: tuple[str, ...] = ()
    sources: Sources = field(default_factory=Sources)

    @property
    def blocking(self) -> list[Violation]:
        """Violations that stop an `up`."""
        return [v for v in self.violations if v.level == "mandatory"]


@dataclass(frozen=True, kw_only=True)
class Review:
    """All stacks. title: what was compared, in words."""

    title: str
    stacks: tuple[StackReview, ...]
    drift: bool = False

    @property
    def changed(self) -> bool:
        return any(stack.changes.listed for stack in self.stacks)

    @property
    def dangerous(self) -> bool:
        return any(stack.dangers for stack in self.stacks)

    @property
    def violated(self) -> bool:
        return any(stack.blocking for stack in self.stacks)

    @property
    def failed(self) -> bool:
        """A run that broke off for another reason than a policy."""
        return any(
            stack.base_failed or (not stack.complete and not stack.blocking)
            for stack in self.stacks
        )


def read(
    log: EventLog,
    *,
    name: str = "",
    gaps_before: Iterable[str] | None = None,
    refused: Iterable[Danger] = (),
    notes: Sequence[str] = (),
    sources: Sources | None = None,
    scrub: Callable[[str], str] | None = None,
    base_failed: bool = False,
) -> StackReview:
    """What one event log says.

    Args:
        name: of the stack; else what the URNs say.
        gaps_before: the gaps that the base has; else the stack's old output.
        refused: what a cloud would refuse, judged elsewhere.
        scrub: takes secrets out of text; the shapes of keys and tokens when left out.
    """
    scrub = scrub or text.Scrubber()
    found = changes.read(log)
    old_gaps = dangers.gaps_before(log) if gaps_before is None else gaps_before
    found = _clean(found, scrub)
    # The inputs are whole until here: rules read them, and what they say is cleaned line by line.
    listed = [*refused, *dangers.find(found), *dangers.gaps(log, before=old_gaps)]
    found.listed = [_clean_states(change, scrub) for change in found.listed]
    listed.sort(key=lambda d: ORDER.index(d.kind))
    return StackReview(
        name=scrub(name or _stack_name(log)),
        changes=found,
        subjects={change.urn: subjects.of(change, found) for change in found.listed},
        dangers=tuple(_clean_danger(danger, scrub) for danger in listed),
        violations=tuple(
            dataclasses.replace(
                v,
                urn=scrub(v.urn),
                policy=scrub(v.policy),
                pack=scrub(v.pack),
                message=scrub(v.message),
            )
            for v in sorted(
                set(log.violations), key=lambda v: (v.level, v.policy, v.urn, v.message)
            )
        ),
        failures=tuple(_failures(log, scrub)),
        complete=log.summary is not None and log.summary.succeeded,
        base_failed=base_failed,
        policies_ran=log.policies_ran or bool(log.violations),
        notes=tuple(scrub(note) for note in notes),
        sources=sources or Sources(),
    )


def _stack_name(log: EventLog) -> str:
    urn = next((step.urn for step in log.steps), "")
    return urn.split("::", 1)[0].rpartition(":")[2] or "stack"


def _failures(log: EventLog, scrub: Callable[[str], str]) -> list[Failure]:
    """Errors, each once; those that only repeat that something failed come last or not at all."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for diagnostic in log.diagnostics:
        if diagnostic.severity == "error":
            where = scrub(diagnostic.urn.split("::", 3)[-1])
            listed = tuple(text.lines(scrub(diagnostic.message)))
            if listed and not any(noise in diagnostic.message for noise in _NOISE):
                found[(where, listed)] = None
    return [Failure(where=where, lines=listed) for where, listed in found]


def _clean(found: Changes, scrub: Callable[[str], str]) -> Changes:
    """The same changes without secrets, in names as in values."""
    return Changes(
        listed=[_clean_change(change, scrub) for change in found.listed],
        parents={scrub(k): scrub(v) for k, v in found.parents.items()},
        types={scrub(k): v for k, v in found.types.items()},
        unchanged=found.unchanged,
        workloads=frozenset(map(scrub, found.workloads)),
    )


def _clean_change(change: Change, scrub: Callable[[str], str]) -> Change:
    return dataclasses.replace(
        change,
        urn=scrub(change.urn),
        name=scrub(change.name),
        parent=scrub(change.parent),
        properties=tuple(_clean_property(p, scrub) for p in change.properties),
    )


def _clean_states(change: Change, scrub: Callable[[str], str]) -> Change:
    """With no more of both sides than a report shows: the inputs, where no properties tell them."""

    def state(side: State | None) -> State | None:
        if side is None:
            return None
        inputs = {} if change.properties else _clean_value(side.inputs, scrub)
        return dataclasses.replace(side, id="", inputs=inputs, outputs={})

    return dataclasses.replace(change, old=state(change.old), new=state(change.new))


def _clean_property(prop: Property, scrub: Callable[[str], str]) -> Property:
    old, new = prop.old, prop.new
    if text.names_secret(prop.path):
        old, new = _hidden(old), _hidden(new)
    return dataclasses.replace(
        prop, path=scrub(prop.path), old=_clean_value(old, scrub), new=_clean_value(new, scrub)
    )


def _hidden(value: Any) -> Any:
    return value if value is ABSENT or value == UNKNOWN or isinstance(value, bool) else SECRET


def _clean_value(value: Any, scrub: Callable[[str], str], name: str = "") -> Any:
    if isinstance(value, str):
        return SECRET if name and text.names_secret(name) and value != UNKNOWN else scrub(value)
    if isinstance(value, Mapping):
        return {scrub(str(k)): _clean_value(v, scrub, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean_value(inner, scrub, name) for inner in value]
    return value


def _clean_danger(danger: Danger, scrub: Callable[[str], str]) -> Danger:
    return dataclasses.replace(
        danger,
        owner=scrub(danger.owner),
        text=scrub(danger.text),
        details=tuple(scrub(line) for line in danger.details),
    )
