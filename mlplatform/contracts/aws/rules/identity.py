"""Rules for roles and their policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar
from mlplatform.contracts.aws.rules.reading import text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_GRAMMAR = "rule: IAM guide, policy grammar"
_IDENTIFIERS = "rule: IAM guide, identifiers"


def trust(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A role's trust policy says who may assume it and names no resource."""
    document = text(inputs, "assumeRolePolicy")
    if document is not None:
        for message in grammar.policy_document(
            document, names_principals=True, names_resources=False
        ):
            yield Problem(path="assumeRolePolicy", got=document, message=message, source=_GRAMMAR)
    listed = inputs.get("managedPolicyArns")
    for i, arn in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(arn, str) and not is_unknown(arn):
            yield from _arn(f"managedPolicyArns[{i}]", arn)
    boundary = text(inputs, "permissionsBoundary")
    if boundary is not None:
        yield from _arn("permissionsBoundary", boundary)


def permissions(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A policy of an identity says what may be done to which resources, and names no principal."""
    document = text(inputs, "policy")
    if document is not None:
        for message in grammar.policy_document(
            document, names_principals=False, names_resources=True
        ):
            yield Problem(path="policy", got=document, message=message, source=_GRAMMAR)


def attachment(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What is attached is a managed policy."""
    arn = text(inputs, "policyArn")
    if arn is not None:
        yield from _arn("policyArn", arn)


def _arn(path: str, arn: str) -> Iterator[Problem]:
    message = grammar.policy_arn(arn)
    if message:
        yield Problem(path=path, got=arn, message=message, source=_IDENTIFIERS)
