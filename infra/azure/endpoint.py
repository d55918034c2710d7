"""One workload's endpoint on Azure ML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, cast

from pulumi_azure_native import storage as native_storage

from components.azure.access import (
    PULL_IMAGES,
    READ_BLOBS,
    WRITE_BLOBS,
    Access,
    AccessArgs,
    GrantArgs,
)
from components.azure.assets import ScoringArgs
from components.azure.autoscale import ScalingArgs, ScheduledBoundsArgs
from components.azure.capture import CaptureArgs
from components.azure.ci import Ci
from components.azure.endpoint import Endpoint, EndpointArgs
from components.azure.serving import ProbeArgs, RequestArgs, RolloutArgs, VariantArgs
from components.core.naming import physical_name
from infra.azure.common import (
    ASSET_NAME_MAX,
    ENDPOINT_NAME_MAX,
    GROUP_NAME_MAX,
    IDENTITY_NAME_MAX,
    Common,
    model_uri,
)
from mlplatform.spec import AzureEndpoint, AzureRollout, AzureVariant, AzureWorkload

SCORE = Path(__file__).resolve().parents[2] / "components" / "azure" / "scoring" / "score.py"


def upload_score(common: Common) -> native_storage.Blob:
    """The scoring program that every prebuilt image runs, under its content's hash."""
    return common.storage.upload("score", SCORE, f"code/{sha256_of(SCORE)[:16]}/{SCORE.name}")


def serve(
    workload: str,
    plan: AzureEndpoint,
    common: Common,
    score: native_storage.Blob,
    ci: Ci | None,
) -> dict[str, Any]:
    """Declare everything of one endpoint; return its outputs."""
    environment, place, storage = common.environment, common.place, common.storage
    opts = common.opts
    name = physical_name(environment, workload, max_length=GROUP_NAME_MAX)
    access = Access(
        name,
        AccessArgs(
            place=place,
            identity_name=physical_name(
                environment, workload, "serve", max_length=IDENTITY_NAME_MAX
            ),
            grants=[
                GrantArgs(
                    suffix="images",
                    scope=common.workspace.registry_id,
                    scope_name=common.workspace.registry_id,
                    role=PULL_IMAGES,
                ),
                GrantArgs(
                    suffix="artifacts",
                    scope=storage.container_id,
                    scope_name=storage.container_id,
                    role=READ_BLOBS,
                ),
                *(
                    [
                        GrantArgs(
                            suffix="captured",
                            scope=storage.captured_id,
                            scope_name=storage.captured_id,
                            role=WRITE_BLOBS,
                        )
                    ]
                    if plan.capture is not None
                    else []
                ),
            ],
            tags=common.tags,
        ),
        opts=opts,
        after=[storage, common.workspace],
    )
    if ci is not None:
        ci.may_use(workload, access.identity_id, after=[access])
    uploads = upload_models(plan.variants, common)
    own_image = not any(variant.pip_packages for variant in plan.variants)
    endpoint = Endpoint(
        name,
        EndpointArgs(
            workspace=common.workspace,
            endpoint_name=physical_name(
                environment, workload, place.unique, max_length=ENDPOINT_NAME_MAX
            ),
            asset_name=physical_name(environment, workload, max_length=ASSET_NAME_MAX),
            identity_id=access.identity_id,
            instance_type=plan.instance_type,
            variants=[
                VariantArgs(
                    name=variant.name,
                    weight=variant.weight,
                    min_instances=variant.min_instances,
                    max_instances=variant.max_instances,
                    model_uri=model_uri(variant.artifact, common.workspace),
                    model_hash=model_hash(variant),
                    image_uri=variant.image_uri,
                    pip_packages=variant.pip_packages,
                    shadow_percent=variant.shadow_percent,
                )
                for variant in plan.variants
            ],
            scaling=ScalingArgs(
                metric=cast("Literal['cpu_percent', 'gpu_percent']", plan.target_metric),
                target_percent=plan.target_value,
                scale_in_cooldown_s=plan.scale_in_cooldown_s,
                scale_out_cooldown_s=plan.scale_out_cooldown_s,
                schedules=[ScheduledBoundsArgs(**asdict(one)) for one in plan.schedules],
            ),
            request=RequestArgs(
                timeout_s=plan.request_timeout_s,
                max_concurrent_per_instance=plan.max_concurrent_per_instance,
            ),
            liveness=ProbeArgs(**asdict(plan.liveness)) if plan.liveness else None,
            readiness=ProbeArgs(**asdict(plan.readiness)) if plan.readiness else None,
            public=plan.public,
            egress_public=plan.egress_public,
            rollout=_rollout(plan.rollout),
            capture=CaptureArgs(sampling_percent=plan.capture.sampling_percent, workload=workload)
            if plan.capture
            else None,
            scoring=None if own_image else scoring(common),
            tags=common.tags,
        ),
        opts=opts,
        # The containers pull and read with the identity as soon as a deployment starts.
        after=[access, score, *common.images, *uploads],
    )
    return {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_id": endpoint.endpoint_id,
        "endpoint_url": endpoint.endpoint_url,
        "identity_id": access.identity_id,
        **(
            {"captured": {name: dict(one.uris) for name, one in endpoint.captured.items()}}
            if endpoint.captured
            else {}
        ),
    }


def _rollout(plan: AzureRollout | None) -> RolloutArgs | None:
    if plan is None:
        return None
    return RolloutArgs(
        strategy=cast("Literal['canary', 'linear']", plan.strategy),
        step_percent=plan.step_percent,
        wait_s=plan.wait_s,
        max_error_percent=plan.max_error_percent,
        max_latency_ms=plan.max_latency_ms,
    )


def upload_models(variants: Sequence[AzureVariant], common: Common) -> list[native_storage.Blob]:
    """Every local file once, whichever variants it is in."""
    uploads: dict[str, native_storage.Blob] = {}
    for variant in variants:
        for key, path in variant.artifact.files:
            if key not in uploads:
                uploads[key] = common.storage.upload(key.replace("/", "-"), path, key)
    return list(uploads.values())


def model_hash(variant: AzureVariant) -> str:
    """Of the content, or of the URI where the content is elsewhere."""
    given = variant.artifact
    return given.sha256 or hashlib.sha256(str(given.uri).encode()).hexdigest()


def scoring(common: Common) -> ScoringArgs:
    """Where the scoring program lies; ``upload_score`` puts it there."""
    sha256 = sha256_of(SCORE)
    return ScoringArgs(
        code_uri=f"{common.storage.container_url}/code/{sha256[:16]}",
        script=SCORE.name,
        sha256=sha256,
    )


def retain(workloads: Sequence[AzureWorkload], common: Common) -> None:
    """How long what endpoints keep is kept: one policy for all."""
    days = {
        workload.name: workload.endpoint.capture.retention_days
        for workload in workloads
        if workload.endpoint is not None and workload.endpoint.capture is not None
    }
    if days:
        common.storage.retain(days)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
