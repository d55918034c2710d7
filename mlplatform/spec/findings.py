"""What planning finds on its way: problems, and gaps that become problems under ``strict``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from mlplatform.catalog.nearest import nearest
from mlplatform.spec.parsing import NAMESPACE
from mlplatform.spec.plan import Gap
from mlplatform.spec.problems import MISSING, SpecProblem


@dataclass
class Findings:
    """Collects; decides nothing."""

    strict: bool
    mended: frozenset[str] = frozenset()
    """Paths whose value is a stand-in: nothing that is found there is the user's doing."""
    problems: list[SpecProblem] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def problem(self, path: str, got: Any, message: str) -> None:
        if not any(_overlap(path, other) for other in self.mended):
            self.problems.append(SpecProblem(path=NAMESPACE + path, got=got, message=message))

    def is_mended(self, path: str) -> bool:
        """Whether something at or in the path is a stand-in, and so on the list already."""
        return any(_holds(path, other) for other in self.mended)

    def missing(self, path: str, what: str) -> None:
        self.problem(path, MISSING, f"needed: {what}")

    def not_among(self, path: str, got: str, choices: Collection[str], noun: str) -> None:
        """``got`` is none of the choices; a long list is counted, the nearest is named."""
        near = nearest(got, choices)
        listed = (
            ", ".join(sorted(choices)) if len(choices) <= 12 else f"one of {len(choices)} {noun}"
        )
        self.problem(path, got, f"allowed: {listed}" + (f"; nearest: {near}" if near else ""))

    def gap(
        self, cloud: str, workload: str, path: str, *, asked: str, given: str, reason: str
    ) -> None:
        """Something is not as asked: noted, or refused under ``strict``."""
        if self.strict:
            self.problem(
                path, asked, f"{cloud} gives {given} instead: {reason}; strict: true refuses"
            )
        self.gaps.append(
            Gap(
                cloud=cloud,
                workload=workload,
                path=path,
                asked=asked,
                given=given,
                reason=reason,
            )
        )


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same, or one lies in the other."""
    return _holds(one, other) or _holds(other, one)


def _holds(path: str, inner: str) -> bool:
    """A name that has dots or spaces stands in brackets."""
    return f"{inner}.".startswith((f"{path}.", f"{path}["))
