"""Entry point of the policy pack. Making the pack blocks, so only here."""

from pulumi_policy import EnforcementLevel, PolicyPack

from ml_policies.rules import all_rules

PolicyPack(
    name="ml-platform",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[rule.policy() for rule in all_rules()],
)
