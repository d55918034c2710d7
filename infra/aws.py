"""The AWS plan wired to components: one key and one bucket, then each workload's endpoint."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.access import Access, AccessArgs
from components.aws.endpoint import Endpoint, EndpointArgs, ScalingArgs, VariantArgs
from components.aws.keys import Keys, KeysArgs
from components.aws.place import Place
from components.aws.storage import Storage, StorageArgs
from components.core.labels import pascal_tags
from components.core.naming import physical_name
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import Artifact, AwsEndpoint, AwsPlan

BUCKET_NAME_MAX = 63
ROLE_NAME_MAX = 64
ENDPOINT_NAME_MAX = 63
"""Lengths: S3 bucket naming rules; botocore iam roleNameType; botocore sagemaker EndpointName."""


def deploy(plan: AwsPlan, settings: Settings) -> dict[str, Any]:
    """Declare everything of the plan; return the stack output ``aws``."""
    place = Place(account_id=plan.account_id, region=plan.region)
    environment = settings.environment
    tags = pascal_tags(settings.labels, environment)
    provider = aws.Provider(
        "aws",
        region=plan.region,
        # The credentials' account is compared with the spec before anything is created.
        allowed_account_ids=[plan.account_id],
    )
    gaps = GapProvider("mlgap-aws", aws={"region": plan.region, "account_id": plan.account_id})
    here = pulumi.ResourceOptions(providers={"aws": provider, "mlgap": gaps})
    stateful = pulumi.ResourceOptions.merge(
        here, pulumi.ResourceOptions(protect=settings.protect or None)
    )

    keys = Keys(
        physical_name(environment, "models", max_length=ENDPOINT_NAME_MAX),
        KeysArgs(place=place, description=f"Model artifacts and volumes, {environment}", tags=tags),
        opts=stateful,
    )
    storage = Storage(
        physical_name(environment, "artifacts", max_length=ENDPOINT_NAME_MAX),
        StorageArgs(
            place=place,
            bucket=physical_name(
                environment,
                "artifacts",
                plan.account_id,
                plan.region,
                max_length=BUCKET_NAME_MAX,
            ),
            key_arn=keys.key_arn,
            force_destroy=not settings.protect,
            tags=tags,
        ),
        opts=stateful,
    )
    outputs: dict[str, Any] = {}
    for workload in plan.workloads:
        if workload.endpoint is not None:
            outputs[workload.name] = _serve(
                workload.name, workload.endpoint, place, environment, keys, storage, tags, here
            )
    return outputs


def _serve(
    workload: str,
    plan: AwsEndpoint,
    place: Place,
    environment: str,
    keys: Keys,
    storage: Storage,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    name = physical_name(environment, workload, max_length=ENDPOINT_NAME_MAX)
    access = Access(
        name,
        AccessArgs(
            place=place,
            role_name=physical_name(environment, workload, "serve", max_length=ROLE_NAME_MAX),
            endpoint_name=name,
            bucket=storage.bucket,
            object_prefix=f"{workload}/",
            key_alias=keys.alias_name,
            image_uris=[variant.image_uri for variant in plan.variants],
            artifact_uris=[v.artifact.uri for v in plan.variants if v.artifact.uri is not None],
            tags=tags,
        ),
        opts=opts,
    )
    uploads: dict[str, aws.s3.BucketObjectv2] = {}
    for variant in plan.variants:
        artifact = variant.artifact
        if artifact.path is not None and artifact.object_key not in uploads:
            assert artifact.object_key is not None  # a local file always has a key
            suffix = artifact.object_key.rsplit("/", 1)[0].replace("/", "-")
            uploads[artifact.object_key] = storage.upload(
                suffix, artifact.path, artifact.object_key
            )
    endpoint = Endpoint(
        name,
        EndpointArgs(
            place=place,
            endpoint_name=name,
            role_arn=access.role_arn,
            instance_type=plan.instance_type,
            volume_key_arn=keys.alias_arn,
            variants=[
                VariantArgs(
                    name=variant.name,
                    weight=variant.weight,
                    min_instances=variant.min_instances,
                    max_instances=variant.max_instances,
                    model_data_url=artifact_uri(variant.artifact, storage.bucket),
                    image_uri=variant.image_uri,
                    environment=variant.container_environment,
                )
                for variant in plan.variants
            ],
            scaling=ScalingArgs(
                invocations_per_instance_per_minute=plan.invocations_per_instance_per_minute,
                scale_in_cooldown_s=plan.scale_in_cooldown_s,
                scale_out_cooldown_s=plan.scale_out_cooldown_s,
            ),
            tags=tags,
        ),
        opts=opts,
        after=[access, keys, *uploads.values()],
    )
    return {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_arn": endpoint.endpoint_arn,
        "endpoint_url": endpoint.endpoint_url,
        "role_arn": access.role_arn,
    }


def artifact_uri(artifact: Artifact, bucket: str) -> str:
    """Where SageMaker finds the artifact: the given URI, or the upload's."""
    return artifact.uri if artifact.uri is not None else f"s3://{bucket}/{artifact.object_key}"
