"""Policy documents: what S3, IAM and KMS refuse because it is no policy; pure.

Source: IAM guide, "Grammar of the IAM JSON policy language"; messages as the services word them.
moto takes some of these documents and fails later, or never.
"""

from __future__ import annotations

import json
from typing import Any

from mlplatform.sandbox.clouds.aws.errors import ServiceError

_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
_TRUST_ACTIONS = (
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
    "sts:*",
)


def require_bucket_policy(document: bytes) -> None:
    """Refuse what S3 calls a MalformedPolicy."""
    for statement in _statements(document, "MalformedPolicy"):
        for names in (
            ("Principal", "NotPrincipal"),
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
        ):
            _require_one(statement, names, "MalformedPolicy")


def require_key_policy(document: str) -> None:
    """Refuse what KMS calls a MalformedPolicyDocumentException."""
    for statement in _statements(document, "MalformedPolicyDocumentException"):
        for names in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
            _require_one(statement, names, "MalformedPolicyDocumentException")


def require_trust_policy(document: str) -> None:
    """Refuse what IAM calls a MalformedPolicyDocument in a role's trust policy."""
    code = "MalformedPolicyDocument"
    for statement in _statements(document, code):
        _require_one(statement, ("Principal", "NotPrincipal"), code)
        _require_one(statement, ("Action", "NotAction"), code)
        if "Resource" in statement or "NotResource" in statement:
            raise ServiceError(code, "Has prohibited field Resource")
        principal = statement.get("Principal", "*")
        kinds = principal if isinstance(principal, dict) else {}
        if principal != "*" and not kinds:
            raise ServiceError(code, f'Invalid principal in policy: "{principal}"')
        for kind in kinds.keys() - set(_PRINCIPALS):
            raise ServiceError(code, f'Invalid principal in policy: "{kind}":"{kinds[kind]}"')
        actions = statement.get("Action", [])
        for action in actions if isinstance(actions, list) else [actions]:
            if str(action).lower() not in _TRUST_ACTIONS:
                raise ServiceError(
                    code,
                    "AssumeRole policy may only specify STS AssumeRole actions.",
                )


def _statements(document: str | bytes, code: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(document)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise ServiceError(code, "This policy contains invalid Json")
    given = policy.get("Statement")
    listed: list[Any] = given if isinstance(given, list) else [given]
    if not given or not all(isinstance(one, dict) for one in listed):
        raise ServiceError(code, "Missing required field Statement")
    for statement in listed:
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise ServiceError(code, f"Invalid effect: {statement.get('Effect')}")
    return listed


def _require_one(statement: dict[str, Any], names: tuple[str, str], code: str) -> None:
    if not any(name in statement for name in names):
        raise ServiceError(code, f"Missing required field {names[0]}")
