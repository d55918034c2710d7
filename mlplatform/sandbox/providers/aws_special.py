"""What the plans cannot say: the few types whose work is more than calls with members.

Each hook looks the type up in a table and does nothing for all others.
"""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlplatform.contracts.aws.encode import request
from mlplatform.provider.model import ProviderError
from mlplatform.sandbox.providers import aws_network as network
from mlplatform.sandbox.providers.aws_cloud import CallFailed

if TYPE_CHECKING:
    from mlplatform.sandbox.providers.aws_action import Action

_BUCKET = "aws:s3/bucket:Bucket"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
_ROLE = "aws:iam/role:Role"
_POLICY = "aws:iam/policy:Policy"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_BODIES = frozenset({"content", "contentBase64", "source", "sourceHash", "etag"})
# Deprecated in pulumi-aws in favour of resources of their own.
_INLINE = frozenset(
    {"accelerationStatus", "acl", "corsRules", "grants", "lifecycleRules", "logging", "policy"}
    | {"objectLockConfiguration", "replicationConfiguration", "requestPayer", "versioning"}
    | {"serverSideEncryptionConfiguration", "website"}
)
_FIRST_REGION = "us-east-1"


def not_carried_out(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """Given properties that the sandbox accepts and ignores: a bucket's inline settings."""
    return sorted(name for name in inputs if token == _BUCKET and name in _INLINE and inputs[name])


def normalise(token: str, state: dict[str, Any]) -> None:
    """Values that mean "absent" to the real provider."""
    if token == _LOG_GROUP and state.get("retentionInDays") == 0:
        state["retentionInDays"] = None


def creates(token: str, state: Mapping[str, Any]) -> bool:
    """False where the real provider makes no call: versioning that is declared as disabled."""
    if token != _VERSIONING:
        return True
    settings = state.get("versioningConfiguration") or {}
    return settings.get("status") != "Disabled"


def create_request(action: Action, params: dict[str, Any]) -> dict[str, Any]:
    """The create request, with what does not come from a property of its own."""
    region = action.state["region"]
    if action.plan.token == _BUCKET and region != _FIRST_REGION:
        return {**params, "CreateBucketConfiguration": {"LocationConstraint": region}}
    if action.plan.token == _OBJECT:
        return {**params, **_body(action.state)}
    return params


def after_create(action: Action) -> None:
    """Settings that are lists of calls."""
    _run(_AFTER_CREATE, action)


def after_update(action: Action, changed: set[str]) -> None:
    """The same for changed settings."""
    token = action.plan.token
    if token == _OBJECT and changed & _BODIES and not changed & set(action.plan.create.send):
        action.api("PutObject", create_request(action, _object_request(action)))
    if token == _ROLE and "managedPolicyArns" in changed:
        _attach(action)
    if token == _GROUP and changed & {"ingress", "egress"}:
        network.rules(action)
    if token == _VPC_ENDPOINT:
        network.members(action, changed)


def before_delete(action: Action) -> None:
    """What must go before the object can."""
    _run(_BEFORE_DELETE, action)


def _run(table: Mapping[str, Callable[[Action], None]], action: Action) -> None:
    step = table.get(action.plan.token)
    if step is not None:
        step(action)


# Objects


def _body(state: Mapping[str, Any]) -> dict[str, Any]:
    source = state.get("source")
    if isinstance(source, Mapping):
        path, text = source.get("path"), source.get("text")
        if text is not None:
            return {"Body": str(text).encode()}
        if path is None:
            raise ProviderError("source: only local files and texts can be uploaded in the sandbox")
        source = path
    if source:
        file = Path(str(source))
        if not file.is_file():
            raise ProviderError(f"source: got {str(file)!r}, allowed: a file that exists")
        kind = state.get("contentType") or mimetypes.guess_type(file.name)[0]
        found: dict[str, Any] = {"Body": file.read_bytes()}
        return {**found, "ContentType": kind} if kind else found
    if state.get("contentBase64"):
        return {"Body": base64.b64decode(state["contentBase64"])}
    return {"Body": str(state.get("content") or "").encode()}


def _object_request(action: Action) -> dict[str, Any]:
    return request(action.plan, action.plan.create, {**action.state, "tags": None})


def _delete_versions(action: Action) -> None:
    """Every version of the key goes, as with the real provider."""
    _empty(action, str(action.state["key"]))


def _force_empty(action: Action) -> None:
    if action.state.get("forceDestroy") in (True, "true"):
        _empty(action, None)


def _empty(action: Action, key: str | None) -> None:
    bucket = action.state["bucket"]
    prefix = {"Prefix": key} if key else {}
    listed = action.api("ListObjectVersions", {"Bucket": bucket, **prefix})
    for entry in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        if key in (None, entry["Key"]):
            version = {"VersionId": entry["VersionId"]} if entry.get("VersionId") else {}
            action.api("DeleteObject", {"Bucket": bucket, "Key": entry["Key"], **version})


# Roles and policies


def _attach(action: Action) -> None:
    """Exactly the declared managed policies are attached."""
    role, wanted = action.id, action.inputs.get("managedPolicyArns")
    if wanted is None:
        return
    listed = action.api("ListAttachedRolePolicies", {"RoleName": role})
    now = {entry["PolicyArn"] for entry in listed.get("AttachedPolicies", [])}
    for arn in sorted(set(wanted) - now):
        action.api("AttachRolePolicy", {"RoleName": role, "PolicyArn": arn})
    for arn in sorted(now - set(wanted)):
        action.api("DetachRolePolicy", {"RoleName": role, "PolicyArn": arn})


def _role_settings(action: Action) -> None:
    _attach(action)
    for entry in action.inputs.get("inlinePolicies") or ():
        if entry.get("name") and entry.get("policy"):
            params = {"RoleName": action.id, "PolicyName": entry["name"]}
            action.api("PutRolePolicy", {**params, "PolicyDocument": entry["policy"]})


def _detach(action: Action) -> None:
    """What the role itself declares goes with it; everything goes when the program asks for
    that.
    """
    role, force = action.id, action.state.get("forceDetachPolicies") in (True, "true")
    if force or action.inputs.get("managedPolicyArns"):
        for entry in action.api("ListAttachedRolePolicies", {"RoleName": role})["AttachedPolicies"]:
            action.api("DetachRolePolicy", {"RoleName": role, "PolicyArn": entry["PolicyArn"]})
    if force or action.inputs.get("inlinePolicies"):
        for name in action.api("ListRolePolicies", {"RoleName": role})["PolicyNames"]:
            action.api("DeleteRolePolicy", {"RoleName": role, "PolicyName": name})


def _old_versions(action: Action) -> None:
    """IAM deletes a policy only when its default version is the last one."""
    for entry in action.api("ListPolicyVersions", {"PolicyArn": action.id}).get("Versions", []):
        if not entry["IsDefaultVersion"]:
            params = {"PolicyArn": action.id, "VersionId": entry["VersionId"]}
            action.api("DeletePolicyVersion", params)


def _stop_versioning(action: Action) -> None:
    """A bucket that goes in the same run, or was never versioned, is nothing to suspend."""
    try:
        found = action.api("GetBucketVersioning", {"Bucket": action.state["bucket"]})
    except CallFailed as error:
        if error.gone:
            return
        raise
    if found.get("Status") != "Enabled":
        raise CallFailed("GetBucketVersioning", "NotFound", "nothing to suspend", 404)


_AFTER_CREATE: dict[str, Callable[[Any], None]] = {_ROLE: _role_settings, _GROUP: network.rules}
_BEFORE_DELETE: dict[str, Callable[[Any], None]] = {
    _BUCKET: _force_empty,
    _OBJECT: _delete_versions,
    _ROLE: _detach,
    _POLICY: _old_versions,
    _VERSIONING: _stop_versioning,
}
