"""Rules for every cloud."""

from ml_policies.rules.every import basics, hardware, reach

RULES = (*basics.RULES, *hardware.RULES, *reach.RULES)
