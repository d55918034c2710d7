"""Rules for Google Cloud, a file per noun."""

from ml_policies.rules.gcp import access, serving, workbench

RULES = (*serving.RULES, *workbench.RULES, *access.RULES)
