"""Runs rules over resources. A rule that breaks is a failed rule; the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml_policies.environments import is_production
from ml_policies.exemptions import Exemptions
from ml_policies.finding import Finding
from ml_policies.resource import Resource
from ml_policies.rule import AnyRule, Rule, StackRule
from ml_policies.types import unversioned

Settings = Mapping[str, Mapping[str, Any]]
"""By rule id: what the pack's configuration says of it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one rule says of one resource or stack."""

    rule: AnyRule
    resource: Resource
    finding: Finding | None = None
    failure: str = ""
    """The kind of error that broke the rule; its text is left out, as it may hold values."""
    exempted_by: str = ""
    """Who answers for the exemption that covers it; empty when none does."""

    @property
    def message(self) -> str:
        if self.failure:
            return (
                f"{self.resource.name}: the rule {self.rule.id} failed ({self.failure}), so "
                "nothing is known; report it with the resource's type: " + self.resource.type
            )
        assert self.finding is not None
        return f"{self.finding.text(self.resource)}. Fix: {self.rule.remediation}"


class Runner:
    """The rules, found by type, with their settings and exemptions."""

    def __init__(
        self,
        rules: Iterable[AnyRule],
        *,
        settings: Settings | None = None,
        exemptions: Exemptions | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self.exemptions = exemptions or Exemptions()
        self._settings: dict[str, Mapping[str, Any]] = {}
        self.configure(settings or {})
        self._everywhere = [r for r in self.rules if isinstance(r, Rule) and not r.types]
        self._by_type: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if isinstance(rule, Rule):
                for token in rule.types:
                    self._by_type.setdefault(token, []).append(rule)

    def configure(self, settings: Settings) -> None:
        """The pack's configuration over the rules' defaults. Numbers may be floats."""
        self._settings = {
            rule.id: {**rule.defaults(), **settings.get(rule.id, {})} for rule in self.rules
        }

    def about(self, token: str) -> Sequence[Rule]:
        """The rules for a type: its own, and those for every type."""
        return (*self._everywhere, *self._by_type.get(unversioned(token), ()))

    def resource(self, resource: Resource, only: Iterable[AnyRule] | None = None) -> list[Outcome]:
        """What every rule for its type says of it."""
        wanted = None if only is None else {rule.id for rule in only}
        return [
            outcome
            for rule in self.about(resource.type)
            if wanted is None or rule.id in wanted
            for outcome in self._one(rule, resource)
        ]

    def mended(self, rule: Rule, resource: Resource, props: Mapping[str, Any]) -> Mapping[str, Any]:
        """The properties with which the rule finds nothing, where mending is safe and allowed."""
        if rule.check.fix is None or not self._applies(rule, resource):
            return props
        try:
            return rule.check.fix(props, self._settings[rule.id])
        except Exception:
            # The judging that follows says that the rule failed.
            return props

    def stack(
        self, resources: Sequence[Resource], only: Iterable[AnyRule] | None = None
    ) -> list[Outcome]:
        """What every rule about relations says of them."""
        wanted = None if only is None else {rule.id for rule in only}
        return [
            outcome
            for rule in self.rules
            if isinstance(rule, StackRule) and (wanted is None or rule.id in wanted)
            for outcome in self._whole(rule, resources)
        ]

    def _one(self, rule: Rule, resource: Resource) -> list[Outcome]:
        if not self._applies(rule, resource):
            return []
        try:
            found = list(rule.check.run(resource, self._settings[rule.id]))
        except Exception as error:
            return [Outcome(rule=rule, resource=resource, failure=type(error).__name__)]
        return [self._outcome(rule, resource, finding) for finding in found]

    def _applies(self, rule: AnyRule, resource: Resource) -> bool:
        return not rule.production_only or is_production(resource.environment)

    def _whole(self, rule: StackRule, resources: Sequence[Resource]) -> list[Outcome]:
        if not resources:
            return []
        if not self._applies(rule, resources[0]):
            return []
        try:
            found = list(rule.check(resources, self._settings[rule.id]))
        except Exception as error:
            return [Outcome(rule=rule, resource=resources[0], failure=type(error).__name__)]
        return [self._outcome(rule, one.resource or resources[0], one) for one in found]

    def _outcome(self, rule: AnyRule, resource: Resource, finding: Finding) -> Outcome:
        covering = self.exemptions.covering(rule.id, resource)
        return Outcome(
            rule=rule,
            resource=resource,
            finding=finding,
            exempted_by=covering.owner if covering is not None else "",
        )
