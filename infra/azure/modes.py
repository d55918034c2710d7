"""Endpoints of other modes on Azure ML: batch, and models of the catalogue."""

from __future__ import annotations

from typing import Any

from pulumi_azure_native import storage as native_storage

from components.azure.access import (
    PULL_IMAGES,
    READ_BLOBS,
    WRITE_BLOBS,
    Access,
    AccessArgs,
    GrantArgs,
)
from components.azure.batch import Batch, BatchArgs, BatchVariantArgs
from components.azure.serverless import Serverless, ServerlessArgs
from components.core.naming import physical_name
from infra.azure.common import (
    ASSET_NAME_MAX,
    ENDPOINT_NAME_MAX,
    GROUP_NAME_MAX,
    IDENTITY_NAME_MAX,
    Common,
    model_uri,
)
from infra.azure.endpoint import model_hash, scoring, upload_models
from mlplatform.spec import AzureBatch, AzureServerless


def score_files(
    workload: str, plan: AzureBatch, common: Common, score: native_storage.Blob
) -> dict[str, Any]:
    """Declare a batch endpoint with its cluster and identity; return its outputs."""
    environment, place, storage = common.environment, common.place, common.storage
    name = physical_name(environment, workload, max_length=GROUP_NAME_MAX)
    registry = common.workspace.registry_id
    access = Access(
        name,
        AccessArgs(
            place=place,
            identity_name=physical_name(
                environment, workload, "batch", max_length=IDENTITY_NAME_MAX
            ),
            grants=[
                GrantArgs(suffix=suffix, scope=scope, scope_name=scope, role=role)
                for suffix, scope, role in (
                    ("images", registry, PULL_IMAGES),
                    ("artifacts", storage.container_id, READ_BLOBS),
                    # Where the answers go, beside what endpoints keep.
                    ("captured", storage.captured_id, WRITE_BLOBS),
                )
            ],
            tags=common.tags,
        ),
        opts=common.opts,
        after=[storage, common.workspace],
    )
    uploads = upload_models(plan.variants, common)
    own_image = not any(variant.pip_packages for variant in plan.variants)
    made = Batch(
        name,
        BatchArgs(
            workspace=common.workspace,
            # Names of its own: an endpoint of another mode goes only after this one is there.
            endpoint_name=physical_name(
                environment, workload, "batch", place.unique, max_length=ENDPOINT_NAME_MAX
            ),
            asset_name=physical_name(environment, workload, "batch", max_length=ASSET_NAME_MAX),
            environment=environment,
            workload=workload,
            identity_id=access.identity_id,
            instance_type=plan.instance_type,
            min_nodes=plan.min_nodes,
            max_nodes=plan.max_nodes,
            variants=[
                BatchVariantArgs(
                    name=variant.name,
                    model_uri=model_uri(variant.artifact, common.workspace),
                    model_hash=model_hash(variant),
                    image_uri=variant.image_uri,
                    pip_packages=variant.pip_packages,
                    weight=variant.weight,
                )
                for variant in plan.variants
            ],
            scoring=None if own_image else scoring(common),
            idle_before_scale_down_s=plan.idle_before_scale_down_s,
            low_priority=plan.low_priority,
            files_per_batch=plan.files_per_batch,
            batches_per_node=plan.batches_per_node,
            retries=plan.retries,
            timeout_s=plan.timeout_s,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[access, score, *common.images, *uploads],
    )
    return {
        "endpoint_name": made.endpoint_name,
        "deployment_names": dict(made.deployment_names),
        "identity_id": access.identity_id,
    }


def offer(workload: str, plan: AzureServerless, common: Common) -> dict[str, Any]:
    """Declare a serverless endpoint of a catalogue model; return its outputs."""
    made = Serverless(
        physical_name(common.environment, workload, max_length=GROUP_NAME_MAX),
        ServerlessArgs(
            workspace=common.workspace,
            endpoint_name=physical_name(
                common.environment,
                workload,
                "model",
                common.place.unique,
                max_length=ENDPOINT_NAME_MAX,
            ),
            model_id=plan.model_id,
            marketplace=plan.marketplace,
            content_safety=plan.content_safety,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[common.group],
    )
    return {"endpoint_name": made.endpoint_name}
