"""Who may do more than before: what each resource grants, action by action.

A grant is one action (or role) on one thing for one identity. The grants of a resource are read
from its inputs, before and after; what is there after and was not covered before is a widening, and
so is a denial that goes away. Read literally: conditions count as part of a grant.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.review.changes import UNKNOWN

POLICY_INPUTS: Mapping[str, tuple[str, ...]] = {
    "aws:iam/role:Role": ("assumeRolePolicy",),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:iam/policy:Policy": ("policy",),
    "aws:iam/userPolicy:UserPolicy": ("policy",),
    "aws:iam/groupPolicy:GroupPolicy": ("policy",),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy",),
    "aws:kms/key:Key": ("policy",),
    "aws:kms/keyPolicy:KeyPolicy": ("policy",),
    "aws:sns/topicPolicy:TopicPolicy": ("policy",),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy",),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": ("policy",),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ("policy",),
}
"""Inputs that hold a policy document of AWS (IAM JSON policy elements reference)."""

ATTACHMENTS: Mapping[str, tuple[str, str]] = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("policyArn", "role"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": ("policyArn", "user"),
    "azure-native:authorization:RoleAssignment": ("roleDefinitionId", "scope"),
}
"""Type -> the input that names what is granted, and the one that says on what or to whom."""

AZURE_ROLES: Mapping[str, str] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": "Key Vault Crypto Service Encryption User",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": "AzureML Data Scientist",
}
"""Built-in roles by id (learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""

PUBLIC_MEMBERS = frozenset({"allUsers", "allAuthenticatedUsers"})


@dataclass(frozen=True, kw_only=True, order=True)
class Grant:
    """effect: `allow` or `deny`. action: an action, a role or a permission. on: what it is about.
    to: who, where the resource says so. condition: canonical JSON, empty when there is none.
    """

    effect: str
    action: str
    on: str
    to: str = ""
    condition: str = ""

    @property
    def public(self) -> bool:
        """Whether anybody at all may."""
        return (
            self.effect == "allow"
            and not self.condition
            and (self.to == "*" or self.to in PUBLIC_MEMBERS)
        )


def grants(token: str, inputs: Mapping[str, Any]) -> frozenset[Grant]:
    """What a resource grants; nothing for a type that grants nothing."""
    found: list[Grant] = []
    for name in POLICY_INPUTS.get(token, ()):
        found += _of_document(inputs.get(name))
    if token == "aws:iam/role:Role":
        for policy in inputs.get("inlinePolicies") or ():
            if isinstance(policy, Mapping):
                found += _of_document(policy.get("policy"))
        found += [
            Grant(effect="allow", action=_last(arn), on="")
            for arn in inputs.get("managedPolicyArns") or ()
        ]
    elif token in ATTACHMENTS:
        what, on = ATTACHMENTS[token]
        to = _text(inputs.get("principalId", ""))
        found.append(
            Grant(
                effect="allow",
                action=_last(inputs.get(what)),
                on=_last(inputs.get(on), whole=True),
                to=to,
            )
        )
    elif token == "azure-native:authorization:RoleDefinition":
        found += _of_role_definition(inputs)
    elif token.startswith("gcp:"):
        found += _of_google(token, inputs)
    return frozenset(found)


def grants_anything(token: str) -> bool:
    """Whether resources of a type are nothing but a grant, so that making one widens."""
    if token == "aws:iam/role:Role" or token == "aws:kms/key:Key":
        return False
    return (
        token in POLICY_INPUTS
        or token in ATTACHMENTS
        or (token.startswith("gcp:") and _is_google_grant(token))
    )


def widened(old: frozenset[Grant], new: frozenset[Grant]) -> list[Grant]:
    """Allowed after and not before, and denied before and not after; sorted."""
    allowed = [g for g in old if g.effect == "allow"]
    gained = [
        grant
        for grant in new - old
        if grant.effect == "allow" and not any(_within(grant, other) for other in allowed)
    ]
    denied = [g for g in new if g.effect == "deny"]
    lifted = [
        grant
        for grant in old - new
        if grant.effect == "deny" and not any(_within(grant, other) for other in denied)
    ]
    return sorted(gained) + sorted(lifted)


def _within(inner: Grant, outer: Grant) -> bool:
    return (
        _matches(inner.action.lower(), outer.action.lower())
        and _matches(inner.on, outer.on)
        and _matches(inner.to, outer.to)
        and outer.condition in ("", inner.condition)
    )


def _matches(text: str, pattern: str) -> bool:
    if text == pattern:
        return True
    # `[` means itself in a policy, and a character class to fnmatch.
    return "*" in pattern and fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _of_document(document: Any) -> Iterator[Grant]:
    if isinstance(document, str):
        if document == UNKNOWN:
            yield Grant(effect="allow", action=UNKNOWN, on="")
            return
        try:
            document = json.loads(document)
        except ValueError:
            return
    if not isinstance(document, Mapping):
        return
    for statement in _list(document.get("Statement")):
        if isinstance(statement, Mapping):
            yield from _of_statement(statement)


def _of_statement(statement: Mapping[str, Any]) -> Iterator[Grant]:
    condition = statement.get("Condition")
    text = json.dumps(condition, sort_keys=True) if condition else ""
    actions = [_text(a) for a in _list(statement.get("Action"))]
    actions += [f"all but {_text(a)}" for a in _list(statement.get("NotAction"))]
    things = [_text(r) for r in _list(statement.get("Resource"))]
    things += [f"all but {_text(r)}" for r in _list(statement.get("NotResource"))]
    people = list(_principals(statement.get("Principal")))
    people += [f"all but {p}" for p in _principals(statement.get("NotPrincipal"))]
    effect = "deny" if statement.get("Effect") == "Deny" else "allow"
    for action in actions:
        for thing in things or [""]:
            for person in people or [""]:
                yield Grant(effect=effect, action=action, on=thing, to=person, condition=text)


def _principals(said: Any) -> Iterator[str]:
    if isinstance(said, Mapping):
        for people in said.values():
            yield from (_text(person) for person in _list(people))
    elif said is not None:
        yield _text(said)


def _of_role_definition(inputs: Mapping[str, Any]) -> Iterator[Grant]:
    scopes = [_text(scope) for scope in _list(inputs.get("assignableScopes"))] or [""]
    for permission in _list(inputs.get("permissions")):
        if not isinstance(permission, Mapping):
            continue
        for key, effect in (
            ("actions", "allow"),
            ("dataActions", "allow"),
            ("notActions", "deny"),
            ("notDataActions", "deny"),
        ):
            for action in _list(permission.get(key)):
                for scope in scopes:
                    yield Grant(effect=effect, action=_text(action), on=scope)


def _of_google(token: str, inputs: Mapping[str, Any]) -> Iterator[Grant]:
    noun = token.rpartition(":")[2]
    if noun == "IAMCustomRole":
        for permission in _list(inputs.get("permissions")):
            yield Grant(effect="allow", action=_text(permission), on="")
    elif _is_google_grant(token):
        members = _list(inputs.get("members")) or [inputs.get("member", "")]
        condition = inputs.get("condition")
        text = json.dumps(condition, sort_keys=True) if condition else ""
        on = next(
            (
                _text(inputs[key])
                for key in sorted(inputs)
                if key not in ("role", "member", "members", "condition", "location", "etag")
                and isinstance(inputs[key], str)
                and key != "project"
            ),
            _text(inputs.get("project", "")),
        )
        for member in members:
            yield Grant(
                effect="allow",
                action=_text(inputs.get("role", "")),
                on=on,
                to=_text(member),
                condition=text,
            )


def _is_google_grant(token: str) -> bool:
    return token.lower().endswith(("iammember", "iambinding"))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _last(value: Any, *, whole: bool = False) -> str:
    text = _text(value or "")
    if whole:
        return text
    last = text.rsplit("/", 1)[-1]
    return AZURE_ROLES.get(last.lower(), last)
