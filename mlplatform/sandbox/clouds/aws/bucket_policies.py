"""Bucket policies whose conditions moto does not weigh.

moto applies a Deny without looking at its Condition, so the usual "deny without TLS" statement
would refuse everything. This cloud's door stands for S3's TLS endpoint: what comes through it
counts as secure transport, and statements about its absence do not apply.
"""

from __future__ import annotations

import json
from typing import Any


def weigh_secure_transport() -> None:
    """Make moto's buckets leave out statements that only hold without TLS."""
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(bucket: Any, action: str, resource: str) -> Any:
        if bucket.policy is None:
            return PermissionResult.NEUTRAL
        policy = applying_over_tls(json.loads(bucket.policy))
        if not policy["Statement"]:
            return PermissionResult.NEUTRAL
        return IAMPolicy(policy).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


def applying_over_tls(policy: dict[str, Any]) -> dict[str, Any]:
    """The policy without the statements that need ``aws:SecureTransport`` to be false."""
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**policy, "Statement": [s for s in listed if not _needs_plain_http(s)]}


def _needs_plain_http(statement: dict[str, Any]) -> bool:
    wanted = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return str(wanted).lower() == "false"
