"""What policies and contracts say of one preview, in one form for every output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ml_policies.rule import Described
from mlplatform.cli import refusals
from mlplatform.contracts.problem import show
from mlplatform.review import events
from mlplatform.review.events import EventLog

IN_PLACE = "accepted-in-place"
"""The rule of update steps, which no policy can see: docs of ``refusals``."""
_ORDER = {"mandatory": 0, "remediate": 1, "advisory": 2}
_SEVERITIES = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One thing that was said about one resource.

    level: ``mandatory`` fails the check. what: where, what was got, what is allowed. why, fix:
    empty for a pack that is not ours.
    """

    rule: str
    level: str
    severity: str
    urn: str
    what: str
    why: str = ""
    fix: str = ""

    @property
    def fails(self) -> bool:
        return self.level == "mandatory"

    @property
    def resource(self) -> str:
        return events.name_in(self.urn) or "(stack)"


def of(log: EventLog, known: Mapping[str, Described]) -> list[Verdict]:
    """Everything that a log holds, the worst first; the same thing is said once."""
    found = [*_violations(log, known), *_steps(log)]
    once = {(one.rule, one.urn, one.what): one for one in found}
    return sorted(
        once.values(),
        key=lambda one: (
            _ORDER.get(one.level, 3),
            _SEVERITIES.get(one.severity, 4),
            one.rule,
            one.urn,
            one.what,
        ),
    )


def _violations(log: EventLog, known: Mapping[str, Described]) -> Iterator[Verdict]:
    for one in log.violations:
        rule = known.get(one.policy)
        # The engine puts the policy's own words in front of what was found.
        what = one.message.split("\n")[-1].strip() if rule is not None else one.message
        if rule is not None:
            what = what.removesuffix(f" Fix: {rule.remediation}")
            what = what.split(" Fix: ")[0]
        yield Verdict(
            rule=one.policy,
            level=one.level,
            severity=one.severity or (rule.severity.value if rule else ""),
            urn=one.urn,
            what=what,
            why=f"{rule.summary} {rule.rationale}" if rule else "",
            fix=rule.remediation if rule else "",
        )


def _steps(log: EventLog) -> Iterator[Verdict]:
    urns = {step.name: step.urn for step in log.steps}
    for one in refusals.judge(log).refusals:
        yield Verdict(
            rule=IN_PLACE,
            level="mandatory" if one.certain else "advisory",
            severity="high",
            urn=urns.get(one.name, one.name),
            what=f"{one.name}: {one.path}: {_values(one)}: {one.reason} ({one.source})",
            why="A change is one that the cloud makes. An update that it refuses stops half-way.",
            fix=one.remedy + ".",
        )


def _values(one: refusals.Refusal) -> str:
    return f"{show(one.old)} -> {show(one.new) if one.certain else 'not known yet'}"


def not_judged(log: EventLog) -> Iterator[str]:
    """What no contract covers among the changed types, and that a failed run may hide more."""
    verdict = refusals.judge(log)
    if verdict.unjudged:
        yield f"not judged, as there is no contract: {', '.join(verdict.unjudged)}"
    if not verdict.complete:
        yield "the run failed, so there may be more steps"


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many of each level."""
    counts: dict[str, int] = {}
    for one in verdicts:
        counts[one.level] = counts.get(one.level, 0) + 1
    return counts
