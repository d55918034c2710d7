"""Rules for Azure, a file per noun."""

from ml_policies.rules.azure import compute, serving, workspaces

RULES = (*workspaces.RULES, *compute.RULES, *serving.RULES)
