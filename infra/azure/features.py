"""The environment's feature store and the workloads' feature groups on Azure ML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.azure.access import (
    READ_BLOBS,
    WRAP_KEYS,
    WRITE_BLOBS,
    Access,
    AccessArgs,
    GrantArgs,
)
from components.azure.feature_store import FeatureStore, FeatureStoreArgs, offline_id
from components.azure.features import Features, FeaturesArgs, MaterializationArgs
from components.azure.outbound import IsolationArgs, OutboundArgs
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
    access = _materializer(plan, common, offline)
    return FeatureStore(
        physical_name(environment, "feature-store", max_length=GROUP_NAME_MAX),
        FeatureStoreArgs(
            place=place,
            store_name=physical_name(environment, "features", max_length=WORKSPACE_NAME_MAX),
            keys=common.keys,
            storage=common.storage,
            offline=offline,
            identity_id=access.identity_id,
            principal_id=access.principal_id,
            client_id=access.client_id,
            logs_id=common.workspace.logs_id,
            insights_id=common.workspace.insights_id,
            redis_id=plan.redis_id,
            isolation=_isolation(plan, common, offline),
            purge=plan.stores.purge_workspaces,
            public=not plan.network.private,
            encrypted=plan.stores.encrypt_workspace,
            tags=common.tags,
        ),
        opts=common.stateful,
        after=[common.group, access],
    )


def _materializer(plan: AzurePlan, common: Common, offline: Storage) -> Access:
    """The identity of jobs that materialise: it writes the history and reads what a feature set
    says; who owns the rows that it starts from lets it read them.
    """
    environment = common.environment
    history = offline_id(common.place, offline.account_name)
    said = common.storage.container_id
    grants = [
        GrantArgs(suffix="history", scope=history, scope_name=history, role=WRITE_BLOBS),
        GrantArgs(suffix="said", scope=said, scope_name=said, role=READ_BLOBS),
    ]
    if plan.stores.encrypt_workspace:
        keys = common.keys
        grants.append(
            GrantArgs(
                suffix="wrap",
                scope=pulumi.Output.concat(keys.vault_id, "/keys/", keys.key_name),
                scope_name=f"{environment}/keys/{keys.key_name}",
                role=WRAP_KEYS,
            )
        )
    return Access(
        physical_name(environment, "materialize", max_length=GROUP_NAME_MAX),
        AccessArgs(
            place=common.place,
            identity_name=physical_name(environment, "materialize", max_length=IDENTITY_NAME_MAX),
            grants=grants,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[offline, common.storage, common.keys],
    )


def _isolation(plan: AzurePlan, common: Common, offline: Storage) -> IsolationArgs | None:
    """The network of the store's jobs, where the platform has one; into private stores, which shut
    everybody else out, it has private endpoints.
    """
    if not plan.network.private:
        mode = plan.network.isolation
        return IsolationArgs(mode="internet_outbound", spark=True) if mode is not None else None
    rules = [
        OutboundArgs(name=name, resource_id=id_, sub_resource=part, spark=True)
        for name, id_, part in (
            ("history", offline.account_id, "dfs"),
            ("specifications", common.storage.account_id, "blob"),
            ("vault", common.keys.vault_id, "vault"),
        )
    ]
    if plan.redis_id is not None:
        managed = "/databases/" in plan.redis_id
        rules.append(
            OutboundArgs(
                name="online",
                resource_id=plan.redis_id.partition("/databases/")[0],
                sub_resource="redisEnterprise" if managed else "redisCache",
                spark=True,
            )
        )
    return IsolationArgs(mode="internet_outbound", rules=rules, spark=True)


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
