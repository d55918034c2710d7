"""Profiles: how strict each rule is, as the configuration that the engine takes.

``pulumi preview --policy-pack policies --policy-pack-config policies/profiles/prod.json``; the
files are generated from here. Without one it is as in development: what is critical is mandatory,
the rest advises.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ml_policies.environments import is_production
from ml_policies.rule import Described, Rule, Severity

Level = Literal["advisory", "mandatory", "remediate", "disabled"]
LEVELS: tuple[Level, ...] = ("advisory", "mandatory", "remediate", "disabled")
PROFILES = ("dev", "prod", "strict", "remediate")
UNDECIDED = "decidable-before-apply"
ALWAYS = frozenset({"vendor-contract", "every-rule-runs"})
"""Mandatory in every profile: what a cloud refuses is refused, and a broken rule judges nothing."""


def default(about: Described) -> Level:
    """Without a profile: as in development."""
    return level("dev", about)


def level(profile: str, about: Described) -> Level:
    """How strict a rule is in a profile."""
    if about.id in ALWAYS:
        return "mandatory"
    if profile == "dev":
        return "mandatory" if about.severity is Severity.CRITICAL else "advisory"
    if about.id == UNDECIDED:
        return "mandatory" if profile == "strict" else "advisory"
    if profile == "remediate" and isinstance(about, Rule) and about.check.fix is not None:
        return "remediate"
    return "mandatory"


def of(environment: str) -> str:
    """The profile of an environment: ``prod`` for production, else ``dev``."""
    return "prod" if is_production(environment) else "dev"


def configuration(profile: str, rules: Iterable[Described]) -> dict[str, Any]:
    """A profile in the engine's form."""
    return {rule.id: {"enforcementLevel": level(profile, rule)} for rule in rules}


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A profile with somebody's own configuration over it, rule by rule."""
    made = {rule: dict(found) for rule, found in base.items()}
    for rule, found in own.items():
        said = {"enforcementLevel": found} if isinstance(found, str) else dict(found)
        made[rule] = {**made.get(rule, {}), **said}
    return made


def text(profile: str, rules: Iterable[Described]) -> str:
    """The file as it is committed."""
    return json.dumps(configuration(profile, rules), indent=1) + "\n"
