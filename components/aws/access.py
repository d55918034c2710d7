"""Execution role of one serving workload: what its containers need, and nothing else.

Creates, for a component named ``NAME``:

================  ==============================  ======
child             type                            when
================  ==============================  ======
``NAME``          aws:iam/role:Role               always
``NAME-serve``    aws:iam/rolePolicy:RolePolicy   always
================  ==============================  ======

Does not attach AmazonSageMakerFullAccess: it allows ``sagemaker:*`` and reading every
bucket with "sagemaker" in its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """What the role may reach. All plain values, so that its documents show in a preview."""

    place: Place
    role_name: str
    endpoint_name: str
    bucket: str
    object_prefix: str
    """Only artifacts under this prefix are readable; ends with ``/``."""
    key_alias: str
    """``alias/...`` of the key that encrypts the artifacts and the volumes."""
    image_uris: Sequence[str]
    """Only these repositories are pullable."""
    artifact_uris: Sequence[str] = ()
    """Artifacts that lie elsewhere, as ``s3://bucket/key``: readable one by one. A key that
    encrypts them is not the platform's, so its owner grants its use."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.object_prefix.endswith("/"):
            raise ValueError(
                f"object_prefix: got {self.object_prefix!r}, must end with '/' or it would also "
                "match other workloads whose names begin alike"
            )


class Access(MlComponent):
    """One role that SageMaker assumes to run the workload's endpoint."""

    kind = "aws:Access"

    role_arn: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        role = aws.iam.Role(
            name,
            name=args.role_name,
            description=f"Runs the SageMaker endpoint {args.endpoint_name}",
            assume_role_policy=json.dumps(trust_policy(args.place)),
            tags=dict(args.tags),
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child("serve"),
            role=role.name,
            policy=json.dumps(serving_policy(args)),
            opts=self._opts(),
        )
        self.role_arn = args.place.role_arn(args.role_name)
        self.register_outputs({"role_arn": self.role_arn})


def trust_policy(place: Place) -> dict[str, Any]:
    """SageMaker may assume the role, but only for this account's own resources.

    Without the conditions another customer could have SageMaker use the role on their
    behalf (SageMaker developer guide, "Cross-service confused deputy prevention").
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": place.account_id},
                    "ArnLike": {"aws:SourceArn": place.arn("sagemaker", "*")},
                },
            }
        ],
    }


def serving_policy(args: AccessArgs) -> dict[str, Any]:
    """The actions that hosting needs ("CreateModel API: Execution Role Permissions"), narrowed."""
    place = args.place
    bucket_arn = place.bucket_arn(args.bucket)
    log_group = place.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{args.endpoint_name}")
    repositories = sorted({place.repository_arn(uri) for uri in args.image_uris})
    by_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": args.key_alias}}
    elsewhere = [place.bucket_arn(uri.removeprefix("s3://")) for uri in args.artifact_uris]
    statements: list[dict[str, Any]] = [
        {
            "Sid": "ReadArtifacts",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": [f"{bucket_arn}/{args.object_prefix}*", *sorted(set(elsewhere))],
        },
        {
            "Sid": "FindArtifacts",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": f"{args.object_prefix}*"}},
        },
        {
            "Sid": "DecryptArtifacts",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": place.arn("kms", "key/*"),
            "Condition": by_alias,
        },
        {
            "Sid": "EncryptVolumes",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": place.arn("kms", "key/*"),
            "Condition": {**by_alias, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": repositories,
        },
        {
            # The action knows no resource (Service Authorization Reference, Amazon ECR).
            "Sid": "LogInToRegistries",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": [log_group, f"{log_group}:log-stream:*"],
        },
        {
            # The action knows no resource; the condition is the only way to narrow it.
            "Sid": "PublishMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {
                "StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"]}
            },
        },
    ]
    return {"Version": "2012-10-17", "Statement": statements}
