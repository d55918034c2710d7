"""Rules for Azure, a file per noun."""

from ml_policies.rules.azure import compute, egress, serving, workspaces

RULES = (*workspaces.RULES, *compute.RULES, *serving.RULES, *egress.RULES)
