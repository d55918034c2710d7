"""One workload's endpoint on Vertex AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.core.naming import physical_name
from components.gcp.access import Access, AccessArgs
from components.gcp.endpoint import (
    Endpoint,
    EndpointArgs,
    LoggingArgs,
    RolloutArgs,
    ScaleToZeroArgs,
    VariantArgs,
)
from components.gcp.pool import Pool
from infra.gcp.common import ACCOUNT_ID_MAX, ENDPOINT_ID_MAX, Common, artifact_uri, files
from mlplatform.spec import GcpEndpoint


def serve(
    workload: str, plan: GcpEndpoint, common: Common, pools: Mapping[str, Pool]
) -> tuple[dict[str, Any], Endpoint]:
    """Declare everything of one endpoint; return its outputs and itself."""
    environment, storage, opts = common.environment, common.storage, common.opts
    name = physical_name(environment, workload, max_length=ENDPOINT_ID_MAX)
    pool = pools[plan.pool] if plan.pool is not None else None
    account, runs_as = _account(workload, plan, common) if pool is None else (pool.account, pool)
    if common.ci is not None and pool is None:
        common.ci.may_use(workload, account, after=[runs_as])
    uploads: dict[str, pulumi.Resource] = {}
    for variant in plan.variants:
        for key, path in files(variant.artifact):
            if key not in uploads:
                uploads[key] = storage.upload(key.replace("/", "-"), path, key)
    logging, tables = _capture(name, plan, common)
    endpoint = Endpoint(
        name,
        EndpointArgs(
            place=common.place,
            endpoint_id=name,
            service_account=account,
            machine_type=plan.machine_type,
            accelerator_type=plan.accelerator_type,
            accelerator_count=plan.accelerator_count,
            target_metric=plan.target_metric,
            target_value=round(plan.target_value),
            key_name=common.keys.key_name,
            variants=[
                VariantArgs(
                    name=variant.name,
                    weight=variant.weight,
                    min_replicas=variant.min_replicas,
                    max_replicas=variant.max_replicas,
                    image_uri=variant.image_uri,
                    artifact_uri=artifact_uri(variant.artifact, storage.bucket),
                    scale_to_zero=ScaleToZeroArgs(
                        idle_s=variant.scale_to_zero.idle_s,
                        min_up_s=variant.scale_to_zero.min_up_s,
                    )
                    if variant.scale_to_zero
                    else None,
                )
                for variant in plan.variants
            ],
            version_aliases=plan.version_aliases,
            pool=pool.resource_name if pool is not None else None,
            network=common.network if plan.private else None,
            logging=logging,
            rollout=RolloutArgs(
                strategy=plan.rollout.strategy,
                step_percent=plan.rollout.step_percent,
                wait_s=plan.rollout.wait_s,
            )
            if plan.rollout
            else None,
            labels=common.labels,
        ),
        opts=opts,
        after=[runs_as, common.keys, *common.in_network, *uploads.values(), *tables],
    )
    outputs: dict[str, Any] = {
        "endpoint_name": endpoint.endpoint_name,
        "service_account": account,
    }
    if endpoint.endpoint_url is not None:
        outputs["endpoint_url"] = endpoint.endpoint_url
    return outputs, endpoint


def _account(workload: str, plan: GcpEndpoint, common: Common) -> tuple[str, Access]:
    """The account that the endpoint's containers run as; one in a pool runs as the pool's."""
    environment = common.environment
    access = Access(
        physical_name(environment, workload, max_length=ENDPOINT_ID_MAX),
        AccessArgs(
            place=common.place,
            account_id=physical_name(environment, workload, max_length=ACCOUNT_ID_MAX),
            bucket=common.storage.bucket,
            object_prefixes=[f"{workload}/"],
            image_uris=[variant.image_uri for variant in plan.variants],
        ),
        opts=common.opts,
        after=[common.storage],
    )
    return access.email, access


def _capture(
    name: str, plan: GcpEndpoint, common: Common
) -> tuple[LoggingArgs | None, list[pulumi.Resource]]:
    if plan.capture is None or common.capture is None:
        return None, []
    uri, table = common.capture.table(name, plan.capture.retention_days)
    rate = plan.capture.sampling_percent / 100
    return LoggingArgs(table=uri, sampling_rate=rate), [table]
