"""One workload's feature groups on Vertex AI Feature Store."""

from __future__ import annotations

from typing import Any

from components.core.naming import physical_name
from components.gcp.feature_store import FeatureCatalogue, FeatureCatalogueArgs, OnlineStoreArgs
from components.gcp.features import FeatureGroupArgs, Features, FeaturesArgs
from infra.gcp.common import ENDPOINT_ID_MAX, Common
from mlplatform.spec import GcpFeatureGroup, GcpPlan

STORE_ID_MAX = 60
"""aiplatform featureOnlineStores.create featureOnlineStoreId; views have the same."""


def catalogue(plan: GcpPlan, common: Common) -> FeatureCatalogue:
    """The dataset and the online store of the environment."""
    name = physical_name(common.environment, "features", max_length=ENDPOINT_ID_MAX)
    store = plan.online_store
    return FeatureCatalogue(
        name,
        FeatureCatalogueArgs(
            place=common.place,
            dataset_id=_id(common.environment, "features"),
            key_name=common.keys.key_name,
            online=OnlineStoreArgs(
                store_id=_id(common.environment, "features"),
                optimized=store.optimized,
                min_nodes=store.min_nodes,
                max_nodes=store.max_nodes,
                cpu_percent=store.cpu_percent,
            )
            if store is not None
            else None,
            readers=plan.feature_readers,
            delete_contents=not common.stateful.protect,
            labels=common.labels,
        ),
        opts=common.stateful,
        after=[common.keys],
    )


def store(
    workload: str, plans: tuple[GcpFeatureGroup, ...], tables: FeatureCatalogue, common: Common
) -> dict[str, Any]:
    """Declare the feature groups of one workload; return their ids."""
    made = Features(
        physical_name(common.environment, workload, "features", max_length=ENDPOINT_ID_MAX),
        FeaturesArgs(
            place=common.place,
            dataset_id=tables.dataset_id,
            store_id=tables.store_id,
            groups={plan.name: _group(workload, plan, common) for plan in plans},
            deletion_protection=bool(common.stateful.protect),
            labels=common.labels,
        ),
        opts=common.stateful,
        after=[tables],
    )
    return {"feature_groups": made.group_ids}


def _group(workload: str, plan: GcpFeatureGroup, common: Common) -> FeatureGroupArgs:
    return FeatureGroupArgs(
        group_id=_id(common.environment, workload, plan.name),
        record_id=plan.record_id,
        event_time=plan.event_time,
        columns=plan.columns,
        features={feature.feature_id: feature.column for feature in plan.features},
        source=plan.source,
        description=plan.description,
        online=plan.online,
        sync_cron=plan.sync_cron,
    )


def _id(*parts: str) -> str:
    return physical_name(*parts, max_length=STORE_ID_MAX, separator="_").replace("-", "_")
