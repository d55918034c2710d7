"""Where in the spec a planner is, and what is asked there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.spec import WorkloadModel


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where in the spec we are, and what belongs to the place."""

    cloud: str
    workload: str
    environment: str
    root: Path
    findings: Findings

    @property
    def at(self) -> str:
        """The workload's path in the stack file."""
        return f"workloads.{self.workload}"

    @property
    def endpoint(self) -> str:
        return f"{self.at}.endpoint"

    def gap(self, path: str, *, asked: str, given: str, reason: str) -> None:
        """Note what this cloud cannot do as asked; ``path`` as typed in the stack file."""
        self.findings.gap(self.cloud, self.workload, path, asked=asked, given=given, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One workload that is to be on this cloud."""

    scope: Scope
    workload: WorkloadModel
