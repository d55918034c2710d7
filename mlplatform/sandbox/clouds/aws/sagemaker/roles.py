"""Whether SageMaker can assume a role: it exists, it is known by now, and it trusts the service."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import Refusal, invalid
from mlplatform.sandbox.clouds.aws.registry import Ask
from mlplatform.sandbox.clouds.aws.world import World

SERVICE = "sagemaker.amazonaws.com"


def must_be_assumable(world: World, ask: Ask, arn: str) -> None:
    """``Refusal`` unless SageMaker can assume the role now.

    IAM is eventually consistent: a role that was created less than the sandbox's delay ago is
    not known to other services yet, and they word that as if it did not exist.
    """
    account = ask.call.account
    if f"::{account}:" not in arn:
        raise Refusal("AccessDeniedException", f"Cross-account pass role is not allowed: {arn}")
    with world.moto.lock:
        roles = list(world.moto.backend("iam", account, "aws").get_roles())
    found = next((role for role in roles if role.arn == arn), None)
    known = found is not None and _age_s(found, ask.call.now) >= world.delay_s
    if not known or not trusts(found.assume_role_policy_document, SERVICE):  # type: ignore[union-attr]
        raise invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows "
            f"principal '{SERVICE}' to assume the role."
        )


def trusts(document: str | Mapping[str, Any], service: str) -> bool:
    """Whether a trust policy lets a service assume its role. Conditions are taken as met."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = _listed(policy.get("Statement"))
    named = [one for one in statements if _names(one, service)]
    return any(one.get("Effect") == "Allow" for one in named) and not any(
        one.get("Effect") == "Deny" and not one.get("Condition") for one in named
    )


def _names(statement: Mapping[str, Any], service: str) -> bool:
    actions = {str(action).lower() for action in _listed(statement.get("Action"))}
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, dict) else []
    return bool(actions & {"sts:assumerole", "sts:*", "*"}) and service in services


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _age_s(role: Any, now: float) -> float:
    created = role.create_date
    return now - calendar.timegm(created.timetuple()) - created.microsecond / 1e6
