"""Whether SageMaker may assume a role: the role's trust policy, read as IAM reads it; pure.

Source: IAM guide, "Policy evaluation logic" and "The confused deputy problem". What this reader
does not know (an operator, a context key) counts as not met, as a key that is absent from the
request does in IAM.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

SERVICE = "sagemaker.amazonaws.com"
ACTION = "sts:AssumeRole"


def allows(policy: Mapping[str, Any], *, account: str, region: str) -> bool:
    """Whether SageMaker, acting for that account and region, may assume the role."""
    context = {
        "aws:sourceaccount": account,
        "aws:sourcearn": f"arn:aws:sagemaker:{region}:{account}:*",
    }
    effects = [
        statement.get("Effect")
        for statement in _several(policy.get("Statement"))
        if isinstance(statement, Mapping) and _applies(statement, context)
    ]
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    principal = statement.get("Principal")
    named = principal == "*" or (
        isinstance(principal, Mapping) and SERVICE in _several(principal.get("Service"))
    )
    acts = any(
        fnmatch.fnmatchcase(ACTION.lower(), str(action).lower())
        for action in _several(statement.get("Action"))
    )
    conditions = statement.get("Condition") or {}
    return named and acts and all(_met(op, tests, context) for op, tests in conditions.items())


def _met(operator: str, tests: Any, context: Mapping[str, str]) -> bool:
    base, _, if_exists = operator.partition("IfExists")
    del if_exists
    if not isinstance(tests, Mapping):
        return False
    return all(
        _compared(base, str(wanted), context.get(key.lower()), operator != base)
        if not isinstance(wanted, list)
        else any(
            _compared(base, str(one), context.get(key.lower()), operator != base) for one in wanted
        )
        for key, wanted in tests.items()
    )


def _compared(operator: str, wanted: str, found: str | None, absent_is_met: bool) -> bool:
    if found is None:
        return absent_is_met
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        # SageMaker names a resource of its own in SourceArn; here it stands as "*", so either
        # side may be the wider one.
        return fnmatch.fnmatchcase(found, wanted) or fnmatch.fnmatchcase(wanted, found)
    if operator in ("StringEquals", "StringEqualsIgnoreCase"):
        return found.lower() == wanted.lower() if "Ignore" in operator else found == wanted
    return False


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
