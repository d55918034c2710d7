"""What the stack opens to the public, what identities are for, and whether clouds are alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ml_policies.documents import (
    UndecidableError,
    allows,
    conditions,
    listed,
    principals,
    statements,
)
from ml_policies.finding import Finding
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity, StackRule
from ml_policies.types import unversioned
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
RESOURCE_POLICIES = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:kms/key:Key",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topic:Topic",
)
OPEN_RANGES = ("0.0.0.0/0", "::/0", "*", "Internet", "Any")
INGRESS = {
    "aws:ec2/securityGroup:SecurityGroup": ("ingress[*].cidrBlocks", "ingress[*].ipv6CidrBlocks"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("cidrIpv4", "cidrIpv6"),
    "gcp:compute/firewall:Firewall": ("sourceRanges",),
    "azure-native:network:SecurityRule": ("sourceAddressPrefix",),
    "azure-native:network:NetworkSecurityGroup": ("securityRules[*].sourceAddressPrefix",),
}
_EVERYBODY = ("allUsers", "allAuthenticatedUsers")
_ADMINISTRATION = re.compile(
    r"(?i)iam:(create|put|attach|detach|delete|update)\w*|kms:(schedulekeydeletion|putkeypolicy)"
    r"|s3:(deletebucket\w*|putbucketpolicy|putbucketacl)|organizations:\w+|sts:assumerole"
    r"|sagemaker:(delete(?!record\b)\w+|createpresigned\w+|updatedomain)"
)
ENDPOINTS = {
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "aws",
    "gcp:vertex/aiEndpoint:AiEndpoint": "gcp",
    "mlgap:azure:OnlineEndpoint": "azure",
}


def _public(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    for one in resources:
        token = unversioned(one.type)
        if token in RESOURCE_POLICIES:
            yield from _open_policy(one)
        for path in INGRESS.get(token, ()):
            yield from _open_range(one, path)
        for path in ("member", "members"):
            value = one.get(path) if token.startswith("gcp:") else None
            if any(who in (value if isinstance(value, list) else [value]) for who in _EVERYBODY):
                yield Finding(problem="open to everybody", path=path, got=value, resource=one)


def _open_policy(one: Resource) -> Iterator[Finding]:
    try:
        for statement in filter(allows, statements(one.get("policy"))):
            everybody = "*" in principals(statement).get("AWS", [])
            if everybody and not conditions(statement):
                sid = statement.get("Sid", "a statement")
                yield Finding(problem=f"policy: {sid} is open to everybody", resource=one)
    except UndecidableError:
        yield Finding(problem="", path="policy", undecided=True, resource=one)


def _open_range(one: Resource, path: str) -> Iterator[Finding]:
    if str(one.get("access")) == "Deny" or str(one.get("direction")) in ("EGRESS", "Outbound"):
        return
    for place, value in one.find(path):
        if is_unknown(value):
            yield Finding(problem="", path=place, undecided=True, resource=one)
        elif any(item in OPEN_RANGES for item in (value if isinstance(value, list) else [value])):
            yield Finding(problem="open to everybody", path=place, got=value, resource=one)


def _purpose(resource: Resource, settings: Settings) -> Iterator[Finding]:
    try:
        for statement in filter(allows, statements(resource.get("policy"))):
            for action in listed(statement.get("Action")):
                exempt = action in settings["allowed"]
                if _ADMINISTRATION.fullmatch(action) and not exempt:
                    yield Finding(
                        problem=f"policy: {statement.get('Sid', 'a statement')} allows {action}, "
                        "which administers and does not serve"
                    )
    except UndecidableError:
        yield Finding(problem="", path="policy", undecided=True)


def _guarantees(one: Resource) -> dict[str, Any]:
    cloud = ENDPOINTS[one.type]
    if cloud == "aws":
        return {"keeps requests": one.get("dataCaptureConfig")}
    if cloud == "gcp":
        return {"keeps requests": one.get("predictRequestResponseLoggingConfig.enabled")}
    return {}


def _alike(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    kept: dict[tuple[str, str], list[tuple[Resource, bool]]] = {}
    for one in resources:
        if one.type not in ENDPOINTS:
            continue
        for name, value in _guarantees(one).items():
            if is_unknown(value):
                yield Finding(problem="", path=name, undecided=True, resource=one)
                return
            # One workload has one name on every cloud; a configuration adds a word to it.
            workload = one.name.removesuffix("-config")
            held = not absent(value) and value is not False
            kept.setdefault((workload, name), []).append((one, held))
    for (_, name), found in kept.items():
        clouds = {ENDPOINTS[one.type] for one, _ in found}
        lacking = [one for one, held in found if not held]
        if len(clouds) > 1 and lacking and len(lacking) < len(found):
            for one in lacking:
                yield Finding(
                    problem=f"does not do what others of the stack do: {name}", resource=one
                )


def _pair(logging: object) -> tuple[Example, ...]:
    return (
        Example(
            type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            name="churn-config",
            props={"dataCaptureConfig": {"enableCapture": True}},
        ),
        Example(
            type="gcp:vertex/aiEndpoint:AiEndpoint",
            name="churn",
            props={"predictRequestResponseLoggingConfig": {"enabled": logging}},
        ),
    )


def _group(ranges: object) -> tuple[Example, ...]:
    return (
        Example(
            type="aws:ec2/securityGroup:SecurityGroup",
            name="group",
            props={"ingress": [{"cidrBlocks": ranges}]},
        ),
    )


def _acts(action: str) -> dict[str, str]:
    return {
        "policy": f'{{"Statement": [{{"Sid": "S", "Effect": "Allow", "Action": "{action}", '
        '"Resource": "arn:aws:s3:::b"}]}'
    }


RULES = (
    StackRule(
        id="x-no-wildcard-public",
        severity=Severity.CRITICAL,
        check=_public,
        summary="Nothing in the stack is open to everybody.",
        rationale="What everybody can reach, somebody will.",
        remediation="Name who may: a principal, a range, a member; or add a condition.",
        sources=("CKV_AWS_24", "CKV_AWS_70", "CKV_GCP_28", "AZU-0047", "AZU-0051"),
        good=_group(["10.0.0.0/16"]),
        bad=_group(["0.0.0.0/0"]),
        unknown=_group(UNKNOWN),
    ),
    Rule(
        id="x-identity-purpose",
        severity=Severity.HIGH,
        types=(ROLE_POLICY, "aws:iam/policy:Policy"),
        check=Check(run=_purpose),
        summary="Roles of workloads do not administer.",
        rationale="A container that may change roles or keys may give itself everything.",
        remediation="Take the action out; what administers runs elsewhere, with a role of its own.",
        sources=("AWS IAM best practices, least privilege",),
        settings={
            "allowed": Setting(
                default=[],
                schema={"type": "array", "items": {"type": "string"}},
                says="Administrative actions that roles of this stack may have all the same.",
            )
        },
        good=Example(props=_acts("s3:GetObject")),
        bad=(
            Example(props=_acts("iam:PutRolePolicy")),
            Example(props=_acts("kms:ScheduleKeyDeletion")),
        ),
        unknown=Example(props={"policy": UNKNOWN}),
    ),
    StackRule(
        id="x-parity",
        severity=Severity.LOW,
        check=_alike,
        summary="The same workload has the same guarantees on each cloud.",
        rationale="Who trusts one half of a platform trusts the other half too.",
        remediation="Set the key under endpoint, not under one cloud; gaps are listed in `gaps`.",
        sources=("own",),
        good=_pair(True),
        bad=_pair(False),
        unknown=_pair(UNKNOWN),
    ),
)
