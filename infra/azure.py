"""The Azure plan wired to components: one group with vault, storage and workspace, then each
workload's endpoint.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import storage as native_storage

from components.azure.access import PULL_IMAGES, READ_BLOBS, Access, AccessArgs, GrantArgs
from components.azure.endpoint import (
    Endpoint,
    EndpointArgs,
    ScalingArgs,
    ScoringArgs,
    VariantArgs,
)
from components.azure.group import Group, GroupArgs
from components.azure.keys import AUTO_NAME_DIGITS, VAULT_NAME_MAX, Keys, KeysArgs
from components.azure.place import Place
from components.azure.storage import Storage, StorageArgs
from components.azure.workspace import Workspace, WorkspaceArgs
from components.core.labels import pascal_tags
from components.core.naming import physical_name
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import Artifact, AzureEndpoint, AzurePlan

GROUP_NAME_MAX = 90
WORKSPACE_NAME_MAX = 33
STORE_NAME_MAX = 24
REGISTRY_NAME_MAX = 50
IDENTITY_NAME_MAX = 128
ENDPOINT_NAME_MAX = 32
ASSET_NAME_MAX = 200
"""Lengths: "Naming rules and restrictions for Azure resources"; azure-ai-ml for endpoints."""

SCORE = Path(__file__).resolve().parent.parent / "components" / "azure" / "scoring" / "score.py"


@dataclass(frozen=True, kw_only=True)
class _Common:
    """What every workload of the environment shares."""

    environment: str
    place: Place
    storage: Storage
    workspace: Workspace
    tags: dict[str, str]


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
    )
    gaps = GapProvider(
        "mlgap-azure",
        azure={"subscription_id": plan.subscription_id, "tenant_id": plan.tenant_id},
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
            tags=tags,
        ),
        opts=stateful,
        after=[group],
    )
    common = _Common(
        environment=environment, place=place, storage=storage, workspace=workspace, tags=tags
    )
    score = storage.upload("score", SCORE, f"code/{_sha256(SCORE)[:16]}/{SCORE.name}")
    return {
        workload.name: _serve(workload.name, workload.endpoint, common, score, here)
        for workload in plan.workloads
        if workload.endpoint is not None
    }


def _serve(
    workload: str,
    plan: AzureEndpoint,
    common: _Common,
    score: native_storage.Blob,
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    environment, place, storage = common.environment, common.place, common.storage
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
            ],
            tags=common.tags,
        ),
        opts=opts,
        after=[storage, common.workspace],
    )
    uploads: dict[str, native_storage.Blob] = {}
    for variant in plan.variants:
        for key, path in variant.artifact.files:
            if key not in uploads:
                suffix = key.replace("/", "-")
                uploads[key] = storage.upload(suffix, path, key)
    own_image = not any(variant.pip_packages for variant in plan.variants)
    sha256 = _sha256(SCORE)
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
                    model_hash=variant.artifact.sha256
                    or hashlib.sha256(str(variant.artifact.uri).encode()).hexdigest(),
                    image_uri=variant.image_uri,
                    pip_packages=variant.pip_packages,
                )
                for variant in plan.variants
            ],
            scaling=ScalingArgs(
                metric=cast("Literal['cpu_percent', 'gpu_percent']", plan.target_metric),
                target_percent=plan.target_value,
                scale_in_cooldown_s=plan.scale_in_cooldown_s,
                scale_out_cooldown_s=plan.scale_out_cooldown_s,
            ),
            scoring=None
            if own_image
            else ScoringArgs(
                code_uri=f"{storage.container_url}/code/{sha256[:16]}",
                script=SCORE.name,
                sha256=sha256,
            ),
            tags=common.tags,
        ),
        opts=opts,
        # The containers pull and read with the identity as soon as a deployment starts.
        after=[access, score, *uploads.values()],
    )
    return {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_id": endpoint.endpoint_id,
        "endpoint_url": endpoint.endpoint_url,
        "identity_id": access.identity_id,
    }


def model_uri(artifact: Artifact, workspace: Workspace) -> str:
    """Where Azure ML finds the artifact: the given URI, or the upload in its own words."""
    if artifact.uri is not None:
        return artifact.uri
    return workspace.datastore_uri(str(artifact.object_key))


def _plain_name(*parts: str, max_length: int) -> str:
    """A physical name of lower-case letters and digits only."""
    plain = ["".join(c for c in part.lower() if c.isalnum()) for part in parts]
    return physical_name(*plain, max_length=max_length, separator="")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
