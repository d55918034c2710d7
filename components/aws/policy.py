"""Policy documents and the verbs that they are made of; pure, so that they show in a preview.

A verb gives the statements that one thing needs, on the resources that it needs it on. A role is a
list of verbs (``purposes.py``); no other place writes actions. Each ``Sid`` says what for.

Source of which action knows which resource and which condition key: Service Authorization
Reference, by service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from components.aws.place import Place

JobKind = Literal["training-job", "processing-job", "hyper-parameter-tuning-job"]
"""As in the jobs' ARNs."""
_JOBS: dict[JobKind, str] = {
    "training-job": "TrainingJob",
    "processing-job": "ProcessingJob",
    "hyper-parameter-tuning-job": "HyperParameterTuningJob",
}
Statement = dict[str, Any]
Document = dict[str, Any]


def document(statements: Iterable[Statement]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(place: Place, service: str, source_arn: str) -> Document:
    """One service may assume the role, for this account's own resources only.

    Without the conditions another customer could have the service use the role on their behalf
    (IAM guide, "The confused deputy problem").

    Args:
        service: such as ``sagemaker.amazonaws.com``.
        source_arn: whom it acts for; may have wildcards.
    """
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": place.account_id},
                    "ArnLike": {"aws:SourceArn": source_arn},
                },
            }
        ]
    )


def read_objects(
    place: Place, bucket: str, prefix: str, elsewhere: Sequence[str] = (), *, sid: str = "Objects"
) -> list[Statement]:
    """Read and find what is under ``prefix``; read the single objects (s3://...) ``elsewhere``.

    A key that encrypts objects elsewhere is not the platform's, so its owner grants its use.
    """
    bucket_arn, prefix = place.bucket_arn(bucket), folder(prefix)
    others = {place.bucket_arn(uri.removeprefix("s3://")) for uri in elsewhere}
    return [
        {
            "Sid": f"Read{sid}",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": [f"{bucket_arn}/{prefix}*", *sorted(others)],
        },
        {
            "Sid": f"Find{sid}",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}},
        },
    ]


def write_objects(
    place: Place, bucket: str, prefix: str, *, sid: str = "Results"
) -> list[Statement]:
    """Put objects under ``prefix``, in parts where they are large; nothing is deleted."""
    return [
        {
            "Sid": f"Write{sid}",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
            "Resource": f"{place.bucket_arn(bucket)}/{folder(prefix)}*",
        }
    ]


def decrypt(place: Place, *keys: str) -> list[Statement]:
    """Read what the keys encrypted. ``keys``: ``alias/...``, or ARNs of existing keys."""
    return _with_keys(place, "Decrypt", ["kms:Decrypt", "kms:DescribeKey"], keys)


def encrypt(place: Place, *keys: str) -> list[Statement]:
    """Write what the keys encrypt."""
    return _with_keys(place, "Encrypt", ["kms:Encrypt", "kms:GenerateDataKey"], keys)


def encrypt_volumes(place: Place, *keys: str) -> list[Statement]:
    """Let AWS services attach volumes that the keys encrypt; nobody else gets a grant."""
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return _with_keys(place, "EncryptVolumes", ["kms:CreateGrant"], keys, for_aws)


def pull_images(place: Place, image_uris: Iterable[str]) -> list[Statement]:
    """Pull from these repositories only."""
    return [
        {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": sorted({place.repository_arn(uri) for uri in image_uris}),
        },
        {
            # The action knows no resource (Service Authorization Reference, Amazon ECR).
            "Sid": "LogInToRegistries",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
    ]


def write_logs(place: Place, log_group: str) -> list[Statement]:
    """Write to one log group of this account and region."""
    group = place.arn("logs", f"log-group:{log_group}")
    return [
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": [group, f"{group}:log-stream:*"],
        }
    ]


def publish_metrics(*namespaces: str) -> list[Statement]:
    """Publish metrics in SageMaker's namespaces only."""
    return [
        {
            # The action knows no resource; the condition is the only way to narrow it.
            "Sid": "PublishMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringLike": {"cloudwatch:namespace": list(namespaces)}},
        }
    ]


def join_network(
    place: Place, *, subnet_ids: Sequence[str] = (), tags: Mapping[str, str] | None = None
) -> list[Statement]:
    """Have network interfaces in the subnets that a job or endpoint is put in.

    Args:
        subnet_ids: an existing network's. The ids of a new network are not known in a preview:
            without ids, ``tags`` tell which subnets and groups.
    """
    places = [place.arn("ec2", f"subnet/{one}") for one in subnet_ids or ("*",)]
    own = {} if subnet_ids else {f"aws:ResourceTag/{k}": v for k, v in (tags or {}).items()}
    interfaces = place.arn("ec2", "network-interface/*")
    return [
        {
            "Sid": "JoinSubnets",
            "Effect": "Allow",
            "Action": "ec2:CreateNetworkInterface",
            "Resource": [*places, place.arn("ec2", "security-group/*")],
            **({"Condition": {"StringEquals": own}} if own else {}),
        },
        {
            "Sid": "HaveInterfaces",
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            "Resource": interfaces,
        },
        {
            # None of these knows a resource (Service Authorization Reference, Amazon EC2).
            "Sid": "SeeNetwork",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            "Resource": "*",
        },
    ]


def notify(topic_arns: Iterable[str]) -> list[Statement]:
    """Publish to these SNS topics."""
    return [
        {
            "Sid": "Notify",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": sorted(set(topic_arns)),
        }
    ]


def invoke(place: Place, endpoint_name: str) -> list[Statement]:
    """Ask one endpoint, at once or through the queue of an asynchronous one."""
    return [
        {
            "Sid": "InvokeEndpoint",
            "Effect": "Allow",
            "Action": [
                "sagemaker:InvokeEndpoint",
                "sagemaker:InvokeEndpointAsync",
                "sagemaker:InvokeEndpointWithResponseStream",
            ],
            "Resource": place.sagemaker_arn("endpoint", endpoint_name),
        }
    ]


def ask_shadow(place: Place, name_prefix: str) -> list[Statement]:
    """Make, ask and take away Clarify's own copy of an endpoint (SageMaker guide, "Feature
    attributions ... shadow endpoint"), and see the model that it serves.
    """
    names = f"{name_prefix}*"
    endpoints = [
        place.sagemaker_arn("endpoint", names),
        place.sagemaker_arn("endpoint-config", names),
    ]
    return [
        {
            "Sid": "AskShadow",
            "Effect": "Allow",
            "Action": [
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
            ],
            "Resource": endpoints,
        },
        {
            "Sid": "SeeModels",
            "Effect": "Allow",
            "Action": "sagemaker:DescribeModel",
            "Resource": place.sagemaker_arn("model", "*"),
        },
    ]


def pass_role(role_arn: str, service: str) -> list[Statement]:
    """Hand one role to one service."""
    return [
        {
            "Sid": "PassRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": service}},
        }
    ]


def start_jobs(place: Place, kind: JobKind, name_prefix: str) -> list[Statement]:
    """Start, watch, tag and stop jobs whose names begin with ``name_prefix``.

    Source of the three calls that a starter makes and waits with: Step Functions guide, "IAM
    policies for SageMaker".
    """
    noun = _JOBS[kind]
    return [
        {
            "Sid": f"Start{noun}s",
            "Effect": "Allow",
            "Action": [
                "sagemaker:AddTags",
                f"sagemaker:Create{noun}",
                f"sagemaker:Describe{noun}",
                "sagemaker:ListTags",
                f"sagemaker:Stop{noun}",
            ],
            "Resource": place.sagemaker_arn(kind, f"{name_prefix}*"),
        }
    ]


def wait_for_jobs(place: Place, kind: JobKind) -> list[Statement]:
    """Let Step Functions hear of the ends of jobs, by the rule that it keeps for that itself.

    Source: Step Functions guide, "IAM policies for SageMaker", ``.sync``.
    """
    ends = {"hyper-parameter-tuning-job": "TuningJobs"}.get(kind, f"{_JOBS[kind]}s")
    rule = f"rule/StepFunctionsGetEventsForSageMaker{ends}Rule"
    return [
        {
            "Sid": "HearOfEnds",
            "Effect": "Allow",
            "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            "Resource": place.arn("events", rule),
        }
    ]


def start_executions(state_machine_arn: str) -> list[Statement]:
    """Start one state machine."""
    return [
        {
            "Sid": "StartExecutions",
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": state_machine_arn,
        }
    ]


def put_records(place: Place, group_names: Iterable[str]) -> list[Statement]:
    """Write, read and delete records of feature groups' online stores, and find the groups."""
    return [
        {
            "Sid": "PutRecords",
            "Effect": "Allow",
            "Action": [
                "sagemaker:BatchGetRecord",
                "sagemaker:DeleteRecord",
                "sagemaker:DescribeFeatureGroup",
                "sagemaker:GetRecord",
                "sagemaker:PutRecord",
            ],
            "Resource": [
                place.sagemaker_arn("feature-group", name) for name in sorted(set(group_names))
            ],
        }
    ]


def folder(prefix: str) -> str:
    """The prefix itself.

    Raises ``ValueError`` for one that would match a neighbour whose name begins alike.
    """
    if not prefix.endswith("/"):
        raise ValueError(
            f"prefix: got {prefix!r}, must end with '/' or it would also match others whose names "
            "begin alike"
        )
    return prefix


def _with_keys(
    place: Place,
    sid: str,
    actions: list[str],
    keys: Sequence[str],
    condition: Mapping[str, Any] | None = None,
) -> list[Statement]:
    """By alias where there is one, as the ids of new keys are not known in a preview (KMS guide,
    "kms:ResourceAliases").
    """
    aliases = sorted({key for key in keys if key.startswith("alias/")})
    arns = sorted({key for key in keys if not key.startswith("alias/")})
    found: list[Statement] = []
    if aliases:
        behind = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
        found.append(
            {
                "Sid": sid,
                "Effect": "Allow",
                "Action": actions,
                "Resource": place.arn("kms", "key/*"),
                "Condition": {**behind, **(condition or {})},
            }
        )
    if arns:
        found.append(
            {
                "Sid": f"{sid}Existing",
                "Effect": "Allow",
                "Action": actions,
                "Resource": arns,
                **({"Condition": dict(condition)} if condition else {}),
            }
        )
    return found
