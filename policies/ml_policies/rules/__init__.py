"""Every rule of the pack, in the order of the catalogue."""

from __future__ import annotations

from ml_policies.core import Rule
from ml_policies.rules import contract, tags


def all_rules() -> tuple[Rule, ...]:
    """The rules; raises ``ValueError`` when two share an id."""
    rules = (contract.VENDOR_CONTRACT, tags.REQUIRED_TAGS)
    ids = [rule.id for rule in rules]
    if len(ids) != len(set(ids)):
        raise ValueError(f"duplicate rule id in {ids}")
    return rules
