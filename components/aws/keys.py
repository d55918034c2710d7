"""KMS key that encrypts what the platform stores, with yearly rotation.

Creates, for a component named ``NAME``:

===============  ==================  ======
child            type                when
===============  ==================  ======
``NAME``         aws:kms/key:Key     new
``NAME-alias``   aws:kms/alias:Alias new
===============  ==================  ======

With ``existing`` it creates nothing and stands for that key.

Others name the key by its alias: a key's id is made by AWS, so its ARN is not known in
a preview, while the alias's is. Role documents allow the key by ``kms:ResourceAliases``
for the same reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent

DELETION_WINDOW_DAYS = 30
"""How long a deleted key can be taken back; 7 to 30 (KMS ScheduleKeyDeletion)."""


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What a caller decides."""

    place: Place
    description: str
    deletion_window_days: int = DELETION_WINDOW_DAYS
    existing: str | None = None
    """``alias/...`` or the ARN of a key that is there; its own policy decides who may use it."""
    for_logs: bool = False
    """Whether CloudWatch Logs encrypts log groups of this account with it."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 7 <= self.deletion_window_days <= 30:
            raise ValueError(
                f"deletion_window_days: got {self.deletion_window_days}, allowed: 7 to 30"
            )


class Keys(MlComponent):
    """One symmetric key and its alias."""

    kind = "aws:Keys"

    reference: str
    """What policies name the key by: ``alias/...``, or the ARN of an existing key."""
    use_arn: str
    """ARN to encrypt with, of the alias or the key. Known at preview. Depend on this component
    before using it."""
    key_arn: pulumi.Input[str]

    def __init__(
        self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.reference = args.existing or f"alias/{name}"
        self.use_arn = args.place.key_arn(self.reference)
        self.key_arn = self.use_arn if args.existing else self._make(name, args)
        self.register_outputs({"use_arn": self.use_arn, "key_arn": self.key_arn})

    def _make(self, name: str, args: KeysArgs) -> pulumi.Output[str]:
        key = aws.kms.Key(
            name,
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_window_days,
            policy=json.dumps(key_policy(args.place, for_logs=args.for_logs)),
            tags=dict(args.tags),
            opts=self._opts(),
        )
        aws.kms.Alias(
            self._child("alias"),
            name=self.reference,
            target_key_id=key.key_id,
            opts=self._opts(),
        )
        return key.arn


def key_policy(place: Place, *, for_logs: bool = False) -> dict[str, Any]:
    """Hands the decision to the account's identity policies.

    Without the first statement nobody, not even an administrator, can manage the key again (KMS
    developer guide, "Default key policy"). CloudWatch Logs has no role, so the key itself must
    let it in (CloudWatch Logs guide, "Encrypt log data").
    """
    decided: list[dict[str, Any]] = [
        {
            "Sid": "AccountDecidesByIdentityPolicies",
            "Effect": "Allow",
            "Principal": {"AWS": place.root_arn()},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    if for_logs:
        groups = place.arn("logs", "log-group:*")
        decided.append(
            {
                "Sid": "LogsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{place.region}.{place.dns_suffix}"},
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            }
        )
    return {"Version": "2012-10-17", "Statement": decided}
