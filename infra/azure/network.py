"""The network that an Azure environment is reached through."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal, cast

import pulumi

from components.azure.feature_store import FeatureStore
from components.azure.network import Network, NetworkArgs
from components.azure.outbound import IsolationArgs, OutboundArgs
from components.azure.storage import Storage
from components.core.naming import physical_name
from infra.azure.common import GROUP_NAME_MAX, NETWORK_NAME_MAX, Common
from mlplatform.spec import SPARK_RULE, AzurePlan


def isolation(plan: AzurePlan, storage: Storage) -> IsolationArgs | None:
    """The workspace's managed network, where one is asked for.

    Monitors run on serverless Spark, which has a part of it: ready at once, and with a way of its
    own into a private account.
    """
    asked = plan.network
    if asked.isolation is None:
        return None
    watched = any(workload.monitoring for workload in plan.workloads)
    rules = [OutboundArgs(**asdict(rule)) for rule in asked.outbound]
    if watched and asked.private:
        rules.append(
            OutboundArgs(
                name=SPARK_RULE, resource_id=storage.account_id, sub_resource="blob", spark=True
            )
        )
    return IsolationArgs(
        mode=cast("Literal['internet_outbound', 'approved_outbound']", asked.isolation),
        rules=rules,
        spark=watched,
    )


def connect(plan: AzurePlan, common: Common, features: FeatureStore | None) -> None:
    """Private endpoints for everything that is made here, where the plan is private."""
    asked = plan.network
    if not asked.private:
        return
    own: dict[str, tuple[pulumi.Input[str], str]] = {
        "workspace": (common.workspace.workspace_id, "amlworkspace"),
        "blobs": (common.storage.account_id, "blob"),
        "files": (common.storage.account_id, "file"),
    }
    if plan.stores.key_vault_id is None:
        own["vault"] = (common.keys.vault_id, "vault")
    if plan.stores.container_registry_id is None:
        own["registry"] = (common.workspace.registry_id, "registry")
    made: list[pulumi.Resource] = [common.workspace, common.storage, common.keys]
    if features is not None:
        own["features"] = (features.store_id, "amlworkspace")
        own["history"] = (features.account_id, "dfs")
        own["history-blobs"] = (features.account_id, "blob")
        made.append(features)
    network = Network(
        physical_name(common.environment, "network", max_length=GROUP_NAME_MAX),
        NetworkArgs(
            place=common.place,
            network_name=physical_name(common.environment, max_length=NETWORK_NAME_MAX),
            address_space=asked.address_space,
            subnet_id=asked.subnet_id,
            zones_group_id=asked.dns_group_id,
            sub_resources=sorted({part for _, part in own.values()}),
            tags=common.tags,
        ),
        opts=common.opts,
        after=[common.group],
    )
    for suffix, (id_, part) in own.items():
        network.connect(suffix, id_, part, after=made)
