"""Every rule of the pack, in the order of the catalogue."""

from __future__ import annotations

from ml_policies.rule import AnyRule
from ml_policies.rules import aws, azure, every, gcp


def all_rules() -> tuple[AnyRule, ...]:
    """The rules; raises ``ValueError`` when two share an id."""
    rules: tuple[AnyRule, ...] = (*every.RULES, *aws.RULES, *gcp.RULES, *azure.RULES)
    ids = [rule.id for rule in rules]
    if len(ids) != len(set(ids)):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise ValueError(f"rule ids that are used twice: {', '.join(twice)}")
    return rules
