"""What KMS refuses and moto lets pass: keys that await deletion, windows, policies.

Source: KMS developer guide, "Key states of KMS keys" (table of operations by key state), and
"Deleting KMS keys" (a waiting period of 7 to 30 days).
"""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws import documents
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid

SHORTEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS = 7, 30

_NOT_WHILE_PENDING_DELETION = {
    "CreateAlias": "TargetKeyId",
    "UpdateAlias": "TargetKeyId",
    "ReEncrypt": "DestinationKeyId",
    **dict.fromkeys(
        (
            "CreateGrant",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "Sign",
            "TagResource",
            "UntagResource",
            "UpdateKeyDescription",
            "Verify",
        ),
        "KeyId",
    ),
}
"""Operation: the member that names the key."""


def check(operation: str, params: dict[str, Any], account: str, region: str) -> None:
    """Raise ServiceError where KMS refuses."""
    if "Policy" in params and operation in ("CreateKey", "PutKeyPolicy", "ReplicateKey"):
        documents.require_key_policy(params["Policy"])
    window = params.get("PendingWindowInDays", LONGEST_WINDOW_DAYS)
    for wrong, rule, bound in (
        (window < SHORTEST_WINDOW_DAYS, "greater", SHORTEST_WINDOW_DAYS),
        (window > LONGEST_WINDOW_DAYS, "less", LONGEST_WINDOW_DAYS),
    ):
        if wrong:
            raise invalid(
                f"1 validation error detected: Value '{window}' at 'pendingWindowInDays' failed "
                f"to satisfy constraint: Member must have value {rule} than or equal to {bound}"
            )
    member = _NOT_WHILE_PENDING_DELETION.get(operation)
    key = _key(params.get(member, ""), account, region) if member else None
    if key is not None and key.key_state == "PendingDeletion":
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _key(name: str, account: str, region: str) -> Any:
    """The key behind an id, ARN or alias; None when moto has none (it then refuses itself)."""
    from moto.kms.models import kms_backends

    backend = kms_backends[account][region]
    try:
        return backend.keys.get(backend.any_id_to_key_id(name))
    except LookupError:
        return None
