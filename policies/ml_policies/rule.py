"""A rule is data and one pure check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ml_policies.finding import Finding
from ml_policies.resource import Resource

Settings = Mapping[str, Any]
"""A rule's thresholds: its defaults with the pack's configuration over them."""
Run = Callable[[Resource, Settings], Iterator[Finding]]
RunStack = Callable[[Sequence[Resource], Settings], Iterator[Finding]]
Fix = Callable[[Mapping[str, Any], Settings], Mapping[str, Any]]


class Severity(Enum):
    """Critical: data or credentials exposed. High: unencrypted or public. Medium: reliability or
    cost. Low: hygiene.
    """

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True)
class Check:
    """Finds what is wrong; ``fix`` returns properties with which it finds nothing, where that is
    safe: nothing is replaced by it and nothing stops working.
    """

    run: Run
    fix: Fix | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One threshold: its default, and the JSON Schema of its values."""

    default: Any
    schema: Mapping[str, Any]
    says: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """One resource of an example; ``type`` is the rule's first when left out."""

    props: Mapping[str, Any]
    type: str = ""
    name: str = "example"
    stack: str = "prod"
    protect: bool = False
    provider: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Described:
    """What every rule says about itself."""

    id: str
    """What must hold, in the affirmative: stable, also the name in exemptions and configuration."""
    severity: Severity
    summary: str
    """The invariant, present tense."""
    rationale: str
    """The harm, one sentence."""
    remediation: str
    """The configuration key or the argument to change."""
    sources: tuple[str, ...] = ()
    """Published checks that say the same (`CKV_AWS_98`, `SageMaker.4`), or the document behind."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    production_only: bool = False
    """Holds in production only; see ``environments``."""
    example_settings: Mapping[str, Any] = field(default_factory=dict)
    """Configuration with which the examples run, where the defaults allow everything."""
    also: frozenset[str] = frozenset()
    """Other rules that the bad examples break too, since they are about the same thing."""
    ignores_unknown: bool = False
    """What is not known yet is nothing to it, so it never has to say that it cannot decide."""

    @property
    def cloud(self) -> str:
        """``aws``, ``gcp``, ``azure`` or ``all``: the first word of the id."""
        word = self.id.split("-", 1)[0]
        return word if word in ("aws", "gcp", "azure") else "all"

    def defaults(self) -> dict[str, Any]:
        return {name: setting.default for name, setting in self.settings.items()}


@dataclass(frozen=True, kw_only=True)
class Rule(Described):
    """About one resource at a time."""

    types: tuple[str, ...] = ()
    """Type tokens that it is about; none means every type."""
    check: Check
    good: Example
    bad: tuple[Example, ...]
    unknown: Example
    """Makes the rule say that it cannot decide, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class StackRule(Described):
    """About what the resources of a stack are to one another."""

    check: RunStack
    good: tuple[Example, ...]
    bad: tuple[Example, ...]
    unknown: tuple[Example, ...]


AnyRule = Rule | StackRule
