"""What a role of each purpose may do: lists of verbs; pure.

=========  ============================  ====================================================
purpose    who assumes the role          what for
=========  ============================  ====================================================
serve      sagemaker.amazonaws.com       containers of one endpoint
train      sagemaker.amazonaws.com       training and tuning jobs of one workload
monitor    sagemaker.amazonaws.com       monitoring jobs of one endpoint
store      sagemaker.amazonaws.com       Feature Store, writing its offline store
ingest     a service of the caller       putting records into feature groups
start      scheduler.amazonaws.com, ...  starting jobs that run with another role
=========  ============================  ====================================================

None has AmazonSageMakerFullAccess: it allows ``sagemaker:*`` and reading every bucket with
"sagemaker" in its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from components.aws import policy
from components.aws.place import Place
from components.aws.policy import Statement

SAGEMAKER = "sagemaker.amazonaws.com"
METRICS = ("/aws/sagemaker/*", "AWS/SageMaker")


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where one workload's data lies. Plain values, so that documents show in a preview."""

    place: Place
    artifacts_bucket: str
    prefix: str
    """What the workload reads and writes in every bucket begins so; ends with ``/``."""
    keys: Sequence[str]
    """The keys that encrypt what it touches, volumes included: ``alias/...``, or ARNs of existing
    ones."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """Whether jobs and endpoints stand in a VPC, and which."""

    subnet_ids: Sequence[str] = ()
    """An existing network's; those of a new one are found by ``tags``."""
    tags: Mapping[str, str] = field(default_factory=dict)


def serve(
    stores: Stores,
    *,
    endpoint_name: str,
    image_uris: Iterable[str],
    artifact_uris: Sequence[str] = (),
    network: Network | None = None,
    captured: tuple[str, str] | None = None,
    async_bucket: str = "",
    topic_arns: Sequence[str] = (),
) -> list[Statement]:
    """Run one endpoint ("CreateModel API: Execution Role Permissions", narrowed).

    Args:
        artifact_uris: artifacts that lie elsewhere, as ``s3://bucket/key``.
        captured: bucket and prefix of captured requests; SageMaker writes them with this role
            ("Capture data from real-time endpoint").
        async_bucket: of requests and answers of an asynchronous endpoint, under the same prefix.
        topic_arns: that an asynchronous endpoint tells of its answers.
    """
    place = stores.place
    found = [
        *policy.read_objects(
            place, stores.artifacts_bucket, stores.prefix, artifact_uris, sid="Artifacts"
        ),
        *policy.decrypt(place, *stores.keys),
        *policy.encrypt_volumes(place, *stores.keys),
        *policy.pull_images(place, image_uris),
        *policy.write_logs(place, f"/aws/sagemaker/Endpoints/{endpoint_name}"),
        *policy.publish_metrics(*METRICS),
    ]
    if captured is not None:
        found += policy.write_objects(place, *captured, sid="Captured")
    if async_bucket:
        found += policy.read_objects(place, async_bucket, stores.prefix, sid="Requests")
        found += policy.write_objects(place, async_bucket, stores.prefix, sid="Answers")
    if captured is not None or async_bucket:
        found += policy.encrypt(place, *stores.keys)
    if topic_arns:
        found += policy.notify(topic_arns)
    return found + _network(place, network)


def train(
    stores: Stores,
    *,
    image_uris: Iterable[str],
    data_uris: Sequence[str] = (),
    network: Network | None = None,
) -> list[Statement]:
    """Run training jobs: read data and code, write models and checkpoints ("CreateTrainingJob API:
    Execution Role Permissions", narrowed).
    """
    place = stores.place
    return [
        *policy.read_objects(place, stores.artifacts_bucket, stores.prefix, data_uris, sid="Data"),
        *policy.write_objects(place, stores.artifacts_bucket, stores.prefix, sid="Models"),
        *policy.decrypt(place, *stores.keys),
        *policy.encrypt(place, *stores.keys),
        *policy.encrypt_volumes(place, *stores.keys),
        *policy.pull_images(place, image_uris),
        *policy.write_logs(place, "/aws/sagemaker/TrainingJobs"),
        *policy.publish_metrics(*METRICS),
        *_network(place, network),
    ]


def monitor(
    stores: Stores,
    *,
    capture_bucket: str,
    reports_bucket: str,
    endpoint_name: str,
    image_uris: Iterable[str],
    data_uris: Sequence[str] = (),
    network: Network | None = None,
) -> list[Statement]:
    """Run monitoring jobs: read what was captured and baselines, write reports
    ("CreateProcessingJob API: Execution Role Permissions", narrowed).

    Args:
        data_uris: baselines and labels that lie elsewhere.
    """
    place = stores.place
    return [
        *policy.read_objects(place, stores.artifacts_bucket, stores.prefix, data_uris, sid="Data"),
        *policy.read_objects(place, capture_bucket, stores.prefix, sid="Captured"),
        *policy.read_objects(place, reports_bucket, stores.prefix, sid="Reports"),
        *policy.write_objects(place, reports_bucket, stores.prefix, sid="Reports"),
        *policy.decrypt(place, *stores.keys),
        *policy.encrypt(place, *stores.keys),
        *policy.encrypt_volumes(place, *stores.keys),
        *policy.pull_images(place, image_uris),
        *policy.write_logs(place, "/aws/sagemaker/ProcessingJobs"),
        *policy.publish_metrics(*METRICS, "aws/sagemaker/*"),
        {
            # The monitoring job looks up what it watches.
            "Sid": "SeeEndpoint",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig"],
            "Resource": [
                place.sagemaker_arn("endpoint", endpoint_name),
                place.sagemaker_arn("endpoint-config", f"{endpoint_name}-*"),
            ],
        },
        *_network(place, network),
    ]


def store(stores: Stores, *, offline_bucket: str) -> list[Statement]:
    """Let Feature Store write an offline store ("AmazonSageMakerFeatureStoreAccess", narrowed)."""
    place = stores.place
    return [
        *policy.read_objects(place, offline_bucket, stores.prefix, sid="Rows"),
        *policy.write_objects(place, offline_bucket, stores.prefix, sid="Rows"),
        {
            "Sid": "SeeBucketOwner",
            "Effect": "Allow",
            "Action": "s3:GetBucketAcl",
            "Resource": place.bucket_arn(offline_bucket),
        },
        *policy.decrypt(place, *stores.keys),
        *policy.encrypt(place, *stores.keys),
    ]


def ingest(place: Place, group_names: Iterable[str]) -> list[Statement]:
    """Put records into feature groups."""
    return policy.put_records(place, group_names)


def start(
    place: Place,
    *,
    kind: policy.JobKind,
    name_prefix: str,
    role_arn: str,
) -> list[Statement]:
    """Start jobs that run with ``role_arn``, and hand that role to SageMaker only."""
    return [
        *policy.start_jobs(place, kind, name_prefix),
        *policy.pass_role(role_arn, SAGEMAKER),
    ]


def _network(place: Place, network: Network | None) -> list[Statement]:
    if network is None:
        return []
    return policy.join_network(place, subnet_ids=network.subnet_ids, tags=network.tags)
