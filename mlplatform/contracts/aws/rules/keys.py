"""Rules for KMS keys and aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar
from mlplatform.contracts.aws.rules.reading import given, number, text
from mlplatform.contracts.problem import Problem

_DELETION_DAYS = (7, 30)
_ROTATION_DAYS = (90, 2560)


def key(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Waiting time 7 to 30 days; rotation only for symmetric keys; the key policy is a document."""
    days = number(inputs, "deletionWindowInDays")
    if days is not None and not _DELETION_DAYS[0] <= days <= _DELETION_DAYS[1]:
        yield Problem(
            path="deletionWindowInDays",
            got=days,
            message="allowed: 7 to 30 days",
            source="rule: KMS ScheduleKeyDeletion, PendingWindowInDays",
        )
    period = number(inputs, "rotationPeriodInDays")
    if period is not None and not _ROTATION_DAYS[0] <= period <= _ROTATION_DAYS[1]:
        yield Problem(
            path="rotationPeriodInDays",
            got=period,
            message="allowed: 90 to 2560 days",
            source="rule: KMS EnableKeyRotation, RotationPeriodInDays",
        )
    rotates = inputs.get("enableKeyRotation") is True
    if given(inputs, "rotationPeriodInDays") and inputs.get("enableKeyRotation") in (None, False):
        yield Problem(
            path="rotationPeriodInDays",
            got=inputs["rotationPeriodInDays"],
            message="allowed: only together with enableKeyRotation true",
            source="rule: pulumi-aws kms.Key",
        )
    spec = text(inputs, "customerMasterKeySpec")
    if rotates and spec is not None and spec != "SYMMETRIC_DEFAULT":
        yield Problem(
            path="enableKeyRotation",
            got=True,
            message=f"allowed: false for a key of spec {spec}; only symmetric keys rotate",
            source="rule: KMS EnableKeyRotation",
        )
    document = text(inputs, "policy")
    if document is not None:
        for message in grammar.policy_document(
            document, names_principals=True, names_resources=True
        ):
            yield Problem(
                path="policy", got=document, message=message, source="rule: KMS guide, key policies"
            )


def alias(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An alias starts with `alias/`, and `alias/aws/` is AWS's own."""
    name = text(inputs, "name")
    if name is not None and (not name.startswith("alias/") or name.startswith("alias/aws/")):
        yield Problem(
            path="name",
            got=name,
            message="allowed: alias/<name>, not alias/aws/<name>",
            source="rule: KMS CreateAlias, AliasName",
        )
