"""The Azure plan wired to components: one group with vault, storage and workspace, then each
workload's endpoint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from components.azure.group import Group, GroupArgs
from components.azure.keys import AUTO_NAME_DIGITS, KEY_NAME, VAULT_NAME_MAX, Keys, KeysArgs
from components.azure.place import Place
from components.azure.storage import Storage, StorageArgs
from components.azure.workspace import Workspace, WorkspaceArgs
from components.core.labels import pascal_tags
from components.core.naming import physical_name
from infra.azure.ci import pipelines
from infra.azure.common import (
    GROUP_NAME_MAX,
    IDENTITY_NAME_MAX,
    KEY_NAME_MAX,
    REGISTRY_NAME_MAX,
    STORE_NAME_MAX,
    WORKSPACE_NAME_MAX,
    Common,
)
from infra.azure.compute import serverless, share
from infra.azure.endpoint import retain, serve, upload_score
from infra.azure.features import features, store
from infra.azure.images import builder, builder_name
from infra.azure.modes import offer, score_files
from infra.azure.monitoring import watch
from infra.azure.network import connect, isolation
from infra.azure.training import train
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import AzurePlan


def deploy(plan: AzurePlan, settings: Settings) -> dict[str, Any]:
    """Declare everything of the plan; return the stack output ``azure``."""
    environment = settings.environment
    place = Place(
        subscription_id=plan.subscription_id,
        tenant_id=plan.tenant_id,
        location=plan.location,
        resource_group=physical_name(environment, max_length=GROUP_NAME_MAX),
    )
    tags = pascal_tags(settings.labels, environment)
    provider = azure_native.Provider(
        "azure-native",
        subscription_id=plan.subscription_id,
        # Credentials of another tenant are refused before anything is created.
        tenant_id=plan.tenant_id,
        location=plan.location,
        # Elsewhere all of it is another environment under the same names: the old one goes first,
        # as a whole, for Azure deletes with a group what the engine would take for still there.
        opts=pulumi.ResourceOptions(
            replacement_trigger=f"{plan.subscription_id} {plan.location}",
            delete_before_replace=True,
        ),
    )
    gaps = GapProvider(
        "mlgap-azure",
        azure={
            # Through the other provider, so that what is mlgap's goes and comes with the rest.
            "subscription_id": provider.urn.apply(lambda _: plan.subscription_id),
            "tenant_id": plan.tenant_id,
        },
        opts=pulumi.ResourceOptions(replace_on_changes=["azure"], delete_before_replace=True),
    )
    here = pulumi.ResourceOptions(providers={"azure-native": provider, "mlgap": gaps})
    stateful = pulumi.ResourceOptions.merge(
        here, pulumi.ResourceOptions(protect=settings.protect or None)
    )
    group = Group(
        physical_name(environment, "group", max_length=GROUP_NAME_MAX),
        GroupArgs(place=place, tags=tags),
        opts=here,
    )
    keys = Keys(
        physical_name(environment, "keys", max_length=VAULT_NAME_MAX - AUTO_NAME_DIGITS),
        KeysArgs(
            place=place,
            identity_name=physical_name(environment, "storage", max_length=IDENTITY_NAME_MAX),
            vault_id=plan.stores.key_vault_id,
            key_name=KEY_NAME
            if plan.stores.key_vault_id is None
            else physical_name(environment, KEY_NAME, max_length=KEY_NAME_MAX),
            public=not plan.network.private,
            allowed_ips=plan.network.allowed_ips,
            tags=tags,
        ),
        opts=stateful,
        after=[group],
    )
    storage = Storage(
        physical_name(environment, "storage", max_length=GROUP_NAME_MAX),
        StorageArgs(
            place=place,
            account_name=_plain_name(environment, place.unique, max_length=STORE_NAME_MAX),
            keys=keys,
            public=not plan.network.private,
            allowed_ips=plan.network.allowed_ips,
            tags=tags,
        ),
        opts=stateful,
        after=[group],
    )
    workspace = Workspace(
        physical_name(environment, "workspace", max_length=GROUP_NAME_MAX),
        WorkspaceArgs(
            place=place,
            workspace_name=physical_name(environment, max_length=WORKSPACE_NAME_MAX),
            registry_name=_plain_name(environment, place.unique, max_length=REGISTRY_NAME_MAX),
            keys=keys,
            storage=storage,
            log_retention_days=plan.stores.log_retention_days,
            registry_id=plan.stores.container_registry_id,
            logs_id=plan.stores.log_analytics_id,
            isolation=isolation(plan, storage),
            public=not plan.network.private,
            encrypted=plan.stores.encrypt_workspace,
            purge=plan.stores.purge_workspaces,
            image_build_compute=builder_name(plan, environment),
            serverless=serverless(plan.compute),
            tags=tags,
        ),
        opts=stateful,
        after=[group],
    )
    common = Common(
        environment=environment,
        place=place,
        group=group,
        keys=keys,
        storage=storage,
        workspace=workspace,
        tags=tags,
        opts=here,
        stateful=stateful,
    )
    if (images := builder(plan, common)) is not None:
        common = replace(common, images=(images,))
    score = upload_score(common)
    retain(plan.workloads, common)
    ci = pipelines(plan, common)
    feature_store = store(plan, common)
    connect(plan, common, feature_store)
    outputs: dict[str, Any] = {}
    for one in plan.workloads:
        made: dict[str, Any] = {}
        if one.endpoint is not None:
            made |= serve(one.name, one.endpoint, common, score, ci)
        elif one.batch is not None:
            made |= score_files(one.name, one.batch, common, score)
        elif one.serverless is not None:
            made |= offer(one.name, one.serverless, common)
        if one.training is not None:
            made |= train(one.name, one.training, common)
        if one.monitoring is not None:
            made |= watch(one.name, one.monitoring, common)
        if one.features and feature_store is not None:
            made |= features(one.name, one.features, feature_store, common)
        outputs[one.name] = made
    shared = share(plan, common)
    identity = {"ci_identity": {"client_id": ci.client_id}} if ci is not None else {}
    if feature_store is not None:
        shared["feature_store"] = {
            "name": feature_store.store_name,
            "materialization_principal_id": feature_store.principal_id,
        }
    return outputs | shared | identity


def _plain_name(*parts: str, max_length: int) -> str:
    """A physical name of lower-case letters and digits only."""
    plain = ["".join(c for c in part.lower() if c.isalnum()) for part in parts]
    return physical_name(*plain, max_length=max_length, separator="")
