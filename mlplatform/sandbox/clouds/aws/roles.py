"""Roles as SageMaker sees them: known to moto's IAM, and assumable a moment after they changed.

IAM is eventually consistent: a service cannot assume a role right after it was created. Source:
IAM guide, "Changes that I make are not always immediately visible".
"""

from __future__ import annotations

import json
import re
from typing import Any

from mlplatform.sandbox.clouds.aws import evaluation, trust
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.evaluation import Request
from mlplatform.sandbox.clouds.aws.state import Call

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]+)")


def require_assumable(call: Call, arn: str) -> None:
    """Refuse a role that SageMaker cannot assume for this account, in the service's words."""
    refusal = invalid(
        f"Could not assume role {arn}. Please ensure that the role exists and allows "
        f"principal '{trust.SERVICE}' to assume the role."
    )
    found = _ROLE_ARN.fullmatch(arn)
    if found is None or found.group(1) != call.home.account:
        raise refusal
    policy = _trust_policy(call.home.account, arn)
    if policy is None:
        raise refusal
    since = call.state.roles.get(arn, float("-inf"))
    if call.now < since + call.delay_s:
        raise refusal
    if not trust.allows(policy, account=call.home.account, region=call.home.region):
        raise refusal


def require_passable(call: Call, arn: str) -> None:
    """Refuse a role of another account, as IAM's PassRole does."""
    found = _ROLE_ARN.fullmatch(arn)
    if found is not None and found.group(1) != call.home.account:
        raise ServiceError("AccessDeniedException", "Cross-account pass role is not allowed.")


def may(call: Call, arn: str, request: Request) -> bool:
    """Whether the role's own policies, inline and attached, allow a request.

    What is decided elsewhere (keys, bucket policies, boundaries) is not asked.
    """
    role = _role(call.home.account, arn)
    if role is None:
        return False
    texts = [*role.policies.values(), *(one.document for one in role.managed_policies.values())]
    return evaluation.decide(request, map(json.loads, texts)) == "allowed"


def _trust_policy(account: str, arn: str) -> dict[str, object] | None:
    role = _role(account, arn)
    try:
        policy = json.loads(role.assume_role_policy_document) if role is not None else None
    except ValueError:
        return None
    return policy if isinstance(policy, dict) else None


def _role(account: str, arn: str) -> Any:
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

    try:
        return iam_backends[account]["aws"].get_role_by_arn(arn)
    except NotFoundException:
        return None
