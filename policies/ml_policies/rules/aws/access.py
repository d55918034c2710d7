"""Roles and policies on AWS."""

from __future__ import annotations

from collections.abc import Iterator
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
from ml_policies.making import rule
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
WIDE = ("AdministratorAccess", "PowerUserAccess", "AmazonSageMakerFullAccess", "IAMFullAccess")
_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")


def _granted(resource: Resource) -> Iterator[tuple[str, Any]]:
    for path in ("policy", "inlinePolicies[*].policy"):
        yield from ((at, found) for at, found in resource.find(path) if not absent(found))


def _attached(resource: Resource) -> Iterator[tuple[str, Any]]:
    for path in ("policyArn", "managedPolicyArns[*]"):
        yield from ((at, found) for at, found in resource.find(path) if not absent(found))


def _least(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    for path, arn in _attached(resource):
        if is_unknown(arn):
            yield Finding(problem="", path=path, undecided=True)
        elif str(arn).rsplit("/", 1)[-1] in WIDE:
            yield Finding(problem="allowed: a policy that names what is needed", path=path, got=arn)
    for path, document in _granted(resource):
        try:
            for statement in filter(allows, statements(document)):
                yield from _wide(statement, path)
        except UndecidableError:
            yield Finding(problem="", path=path, undecided=True)


def _wide(statement: Any, path: str) -> Iterator[Finding]:
    sid = statement.get("Sid", "a statement")
    actions = listed(statement.get("Action"))
    if "NotAction" in statement:
        yield Finding(problem=f"{path}: {sid} allows everything but a list (NotAction)")
    for action in actions:
        if action == "*" or action.endswith(":*"):
            yield Finding(problem=f"{path}: {sid} allows {action}; allowed: actions by name")
        elif action.lower() == "iam:passrole":
            if not conditions(statement).get("iam:passedtoservice"):
                yield Finding(
                    problem=f"{path}: {sid} passes roles to any service; needed: the condition "
                    "iam:PassedToService"
                )
            if "*" in listed(statement.get("Resource")):
                yield Finding(problem=f"{path}: {sid} passes any role; allowed: roles by ARN")


def _trusted(resource: Resource, settings: Settings) -> Iterator[Finding]:
    document = resource.get("assumeRolePolicy")
    try:
        for statement in filter(allows, statements(document)):
            yield from _trusts(statement, settings)
    except UndecidableError:
        yield Finding(problem="", path="assumeRolePolicy", undecided=True)


def _trusts(statement: Any, settings: Settings) -> Iterator[Finding]:
    known = conditions(statement)
    for kind, names in principals(statement).items():
        for name in names:
            if kind == "AWS" and name == "*":
                yield Finding(problem="assumeRolePolicy: trusts every AWS account")
            elif kind == "Service":
                if name not in settings["services"]:
                    yield Finding(
                        problem=f"assumeRolePolicy: trusts {name}; allowed: "
                        f"{', '.join(settings['services'])}"
                    )
                elif not any(key in known for key in _SOURCES):
                    yield Finding(
                        problem=f"assumeRolePolicy: {name} may use it for anybody's resources; "
                        "needed: the condition aws:SourceAccount"
                    )


_NARROW = (
    '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}'
)
_TRUST = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, '
    '"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}]}'
)


def _policy(action: str, **more: str) -> str:
    extra = "".join(f', "{key}": {value}' for key, value in more.items())
    return f'{{"Statement": [{{"Effect": "Allow", "Action": "{action}"{extra}}}]}}'


RULES = (
    Rule(
        id="aws-sm-role-least-priv",
        severity=Severity.CRITICAL,
        types=(ROLE_POLICY, POLICY, ROLE, ATTACHMENT),
        check=Check(run=_least),
        summary="Roles are allowed what they need, by name.",
        rationale="Who takes over a container gets everything that its role may do.",
        remediation="Use the verbs of components/aws/policy.py, or name actions and resources.",
        sources=(
            *("CKV2_AWS_68", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_274", "CKV_AWS_286"),
            *("CKV_AWS_355", "AVD-AWS-0057", "AVD-AWS-0342"),
        ),
        good=Example(props={"policy": _NARROW}),
        bad=(
            Example(props={"policy": _policy("*", Resource='"*"')}),
            Example(props={"policy": _policy("sagemaker:*", Resource='"*"')}),
            Example(props={"policy": _policy("iam:PassRole", Resource='"arn:aws:iam::1:role/r"')}),
            Example(
                type=ATTACHMENT,
                props={"policyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"},
            ),
        ),
        unknown=Example(props={"policy": UNKNOWN}),
    ),
    rule(
        "aws-role-trust",
        Severity.HIGH,
        ROLE,
        Check(run=_trusted),
        "Roles trust services that need them, for this account's resources only.",
        "Without the condition another customer can have the service use the role for them.",
        "Use trust_policy of components/aws, or add the condition aws:SourceAccount; add services "
        "in the pack's configuration.",
        good={"assumeRolePolicy": _TRUST},
        bad=[
            {"assumeRolePolicy": _TRUST.replace("aws:SourceAccount", "aws:Other")},
            {"assumeRolePolicy": _TRUST.replace("sagemaker.amazonaws", "evil.example")},
            {"assumeRolePolicy": _TRUST.replace('{"Service": "sagemaker.amazonaws.com"}', '"*"')},
        ],
        unknown="assumeRolePolicy",
        sources=("CKV_AWS_60", "CKV_AWS_61", "Security Hub confused deputy"),
        settings={
            "services": Setting(
                default=[
                    "sagemaker.amazonaws.com",
                    "scheduler.amazonaws.com",
                    "states.amazonaws.com",
                    "events.amazonaws.com",
                    "vpc-flow-logs.amazonaws.com",
                    "lambda.amazonaws.com",
                ],
                schema={"type": "array", "items": {"type": "string"}},
                says="Services that roles may trust.",
            )
        },
    ),
)
