"""The environment's feature store and the workloads' feature groups on Azure ML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.azure.access import WRITE_BLOBS, Access, AccessArgs, GrantArgs
from components.azure.feature_store import FeatureStore, FeatureStoreArgs, offline_id
from components.azure.features import Features, FeaturesArgs, MaterializationArgs
from components.azure.storage import Storage, StorageArgs
from components.core.naming import physical_name
from infra.azure.common import (
    GROUP_NAME_MAX,
    IDENTITY_NAME_MAX,
    STORE_NAME_MAX,
    WORKSPACE_NAME_MAX,
    Common,
)
from mlplatform.spec import AzureFeatures, AzurePlan


def store(plan: AzurePlan, common: Common) -> FeatureStore | None:
    """The feature store, where a workload has features."""
    if not any(workload.features for workload in plan.workloads):
        return None
    environment, place = common.environment, common.place
    unique = "".join(c for c in f"{environment}{place.unique}" if c.isalnum())
    offline = Storage(
        physical_name(environment, "features", max_length=GROUP_NAME_MAX),
        StorageArgs(
            place=place,
            account_name=physical_name(
                "feat", unique, max_length=STORE_NAME_MAX, separator=""
            ).lower(),
            keys=common.keys,
            hierarchical=True,
            public=not plan.network.private,
            allowed_ips=plan.network.allowed_ips,
            tags=common.tags,
        ),
        opts=common.stateful,
        after=[common.group],
    )
    store_name = physical_name(environment, "features", max_length=WORKSPACE_NAME_MAX)
    history = offline_id(place, offline.account_name)
    access = Access(
        physical_name(environment, "materialize", max_length=GROUP_NAME_MAX),
        AccessArgs(
            place=place,
            identity_name=physical_name(environment, "materialize", max_length=IDENTITY_NAME_MAX),
            grants=[
                GrantArgs(suffix="history", scope=history, scope_name=history, role=WRITE_BLOBS)
            ],
            tags=common.tags,
        ),
        opts=common.opts,
        after=[offline],
    )
    return FeatureStore(
        physical_name(environment, "feature-store", max_length=GROUP_NAME_MAX),
        FeatureStoreArgs(
            place=place,
            store_name=store_name,
            keys=common.keys,
            storage=common.storage,
            offline=offline,
            identity_id=access.identity_id,
            principal_id=access.principal_id,
            redis_id=plan.redis_id,
            public=not plan.network.private,
            tags=common.tags,
        ),
        opts=common.stateful,
        after=[common.group, access],
    )


def features(
    workload: str, groups: Sequence[AzureFeatures], there: FeatureStore, common: Common
) -> dict[str, Any]:
    """Declare the groups; return their versions."""
    versions = {}
    for group in groups:
        made = Features(
            physical_name(common.environment, workload, group.name, max_length=GROUP_NAME_MAX),
            FeaturesArgs(
                store=there,
                group=f"{workload}-{group.name}",
                record_id=group.record_id,
                event_time=group.event_time,
                columns=group.columns,
                source_uri=group.source_uri,
                description=group.description,
                online=group.online,
                offline=group.offline,
                materialization=MaterializationArgs(
                    frequency=group.materialization.frequency,
                    hours=group.materialization.hours,
                    minutes=group.materialization.minutes,
                    week_days=group.materialization.week_days,
                    instance_type=group.materialization.instance_type,
                )
                if group.materialization is not None
                else None,
                tags=common.tags,
            ),
            opts=common.stateful,
        )
        versions[group.name] = {"name": made.featureset, "version": made.version}
    return {"features": versions}
