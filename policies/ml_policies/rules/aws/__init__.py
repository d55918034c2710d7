"""Rules for AWS, a file per noun."""

from ml_policies.rules.aws import access, data, notebooks, scaling, serving, stores

RULES = (
    *notebooks.RULES,
    *serving.RULES,
    *scaling.RULES,
    *data.RULES,
    *access.RULES,
    *stores.RULES,
)
