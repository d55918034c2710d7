"""KMS key that encrypts what the platform stores, with yearly rotation.

Creates, for a component named ``NAME``:

===============  ==================  ======
child            type                when
===============  ==================  ======
``NAME``         aws:kms/key:Key     always
``NAME-alias``   aws:kms/alias:Alias always
===============  ==================  ======

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
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 7 <= self.deletion_window_days <= 30:
            raise ValueError(
                f"deletion_window_days: got {self.deletion_window_days}, allowed: 7 to 30"
            )


class Keys(MlComponent):
    """One symmetric key and its alias."""

    kind = "aws:Keys"

    alias_name: str
    alias_arn: str
    """Known at preview. Depend on this component before using it."""
    key_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        key = aws.kms.Key(
            name,
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_window_days,
            policy=json.dumps(key_policy(args.place)),
            tags=dict(args.tags),
            opts=self._opts(),
        )
        self.alias_name = f"alias/{name}"
        aws.kms.Alias(
            self._child("alias"),
            name=self.alias_name,
            target_key_id=key.key_id,
            opts=self._opts(),
        )
        self.alias_arn = args.place.arn("kms", self.alias_name)
        self.key_arn = key.arn
        self.register_outputs({"alias_arn": self.alias_arn, "key_arn": self.key_arn})


def key_policy(place: Place) -> dict[str, Any]:
    """Hands the decision to the account's identity policies.

    Without this statement nobody, not even an administrator, can manage the key
    again (KMS developer guide, "Default key policy").
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountDecidesByIdentityPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": place.root_arn()},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
