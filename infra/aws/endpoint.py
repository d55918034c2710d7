"""One workload's endpoint on SageMaker."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from components.aws import purposes
from components.aws.access import Access, AccessArgs
from components.aws.endpoint import Endpoint, EndpointArgs, NetworkArgs, ScalingArgs, VariantArgs
from components.core.naming import physical_name
from infra.aws.common import ENDPOINT_NAME_MAX, ROLE_NAME_MAX, Common, artifact_uri
from mlplatform.spec import AwsEndpoint


def serve(workload: str, plan: AwsEndpoint, common: Common) -> tuple[dict[str, Any], Endpoint]:
    """Declare everything of one endpoint; return its outputs and what others build on."""
    inside, retention = common.inside, common.plan.foundation.log_retention_days
    place, keys, storage = common.place, common.keys, common.storage
    environment, opts = common.environment, common.opts
    name = physical_name(environment, workload, max_length=ENDPOINT_NAME_MAX)
    access = Access(
        name,
        AccessArgs(
            place=place,
            role_name=physical_name(environment, workload, "serve", max_length=ROLE_NAME_MAX),
            description=f"Runs the SageMaker endpoint {name}",
            statements=purposes.serve(
                common.stores(workload),
                endpoint_name=name,
                image_uris=[variant.image_uri for variant in plan.variants],
                artifact_uris=[v.artifact.uri for v in plan.variants if v.artifact.uri is not None],
                network=inside.permissions if inside else None,
            ),
            tags=common.tags,
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
            volume_key_arn=keys.use_arn,
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
            network=NetworkArgs(
                subnet_ids=inside.subnet_ids, security_group_ids=inside.security_group_ids
            )
            if inside
            else None,
            log_retention_days=retention,
            log_key_arn=common.data_keys.key_arn if retention else None,
            tags=common.tags,
        ),
        opts=opts,
        after=[access, keys, *uploads.values(), *(inside.after if inside else ())],
    )
    outputs = {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_arn": endpoint.endpoint_arn,
        "endpoint_url": endpoint.endpoint_url,
        "role_arn": access.role_arn,
    }
    return outputs, endpoint
