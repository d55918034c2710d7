"""Deployment pools of the environment, each with the account that its containers run as."""

from __future__ import annotations

from collections.abc import Mapping

from components.core.naming import physical_name
from components.gcp.access import Access, AccessArgs
from components.gcp.pool import NAME_MAX, Pool, PoolArgs
from infra.gcp.common import ACCOUNT_ID_MAX, Common
from mlplatform.spec import GcpPlan


def pools(plan: GcpPlan, common: Common) -> Mapping[str, Pool]:
    """Declare every pool that an endpoint is in; by name."""
    found: dict[str, Pool] = {}
    for pool in plan.pools:
        guests = {
            workload.name: [variant.image_uri for variant in workload.endpoint.variants]
            for workload in plan.workloads
            if workload.endpoint is not None and workload.endpoint.pool == pool.name
        }
        name = physical_name(common.environment, pool.name, "pool", max_length=NAME_MAX)
        access = Access(
            name,
            AccessArgs(
                place=common.place,
                account_id=physical_name(
                    common.environment, pool.name, "pool", max_length=ACCOUNT_ID_MAX
                ),
                bucket=common.storage.bucket,
                object_prefixes=[f"{guest}/" for guest in guests],
                image_uris=sorted({uri for uris in guests.values() for uri in uris}),
            ),
            opts=common.opts,
            after=[common.storage],
        )
        if common.ci is not None:
            common.ci.may_use(f"{pool.name}-pool", access.email, after=[access])
        found[pool.name] = Pool(
            name,
            PoolArgs(
                place=common.place,
                pool_name=name,
                machine_type=pool.machine_type,
                accelerator_type=pool.accelerator_type,
                accelerator_count=pool.accelerator_count,
                min_replicas=pool.min_replicas,
                max_replicas=pool.max_replicas,
                target_metric=pool.target_metric,
                target_value=round(pool.target_value),
                service_account=access.email,
                key_name=common.keys.key_name,
            ),
            opts=common.opts,
            after=[access, common.keys],
        )
    return found
