"""One role for one purpose, with what that purpose needs and nothing else.

Creates, for a component named ``NAME``:

================  ==============================  ======
child             type                            when
================  ==============================  ======
``NAME``          aws:iam/role:Role               always
``NAME-may``      aws:iam/rolePolicy:RolePolicy   always
================  ==============================  ======

What each purpose needs is in ``purposes.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws import policy
from components.aws.place import Place
from components.aws.policy import Statement
from components.aws.purposes import SAGEMAKER
from components.core.base import MlComponent


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """Who may be the role, and what it may do then. All plain values: they show in a preview."""

    place: Place
    role_name: str
    """Without a path, at most 64 characters."""
    description: str
    statements: Sequence[Statement]
    service: str = SAGEMAKER
    """The one service that assumes it."""
    source_arn: str = ""
    """Whom that service acts for; every SageMaker resource of this account when left out."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Access(MlComponent):
    """One role and its policy."""

    kind = "aws:Access"

    role_name: str
    role_arn: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        source_arn = args.source_arn or args.place.arn("sagemaker", "*")
        role = aws.iam.Role(
            name,
            name=args.role_name,
            description=args.description,
            assume_role_policy=json.dumps(policy.trust(args.place, args.service, source_arn)),
            tags=dict(args.tags),
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child("may"),
            role=role.name,
            policy=json.dumps(policy.document(args.statements)),
            opts=self._opts(),
        )
        self.role_name = args.role_name
        self.role_arn = args.place.role_arn(args.role_name)
        self.register_outputs({"role_arn": self.role_arn})
