"""What every workload of the environment shares on Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.azure.group import Group
from components.azure.keys import Keys
from components.azure.place import Place
from components.azure.storage import Storage
from components.azure.workspace import Workspace
from mlplatform.spec import Artifact

GROUP_NAME_MAX = 90
WORKSPACE_NAME_MAX = 33
STORE_NAME_MAX = 24
REGISTRY_NAME_MAX = 50
IDENTITY_NAME_MAX = 128
KEY_NAME_MAX = 127
NETWORK_NAME_MAX = 64
ENDPOINT_NAME_MAX = 32
INSTANCE_NAME_MAX = 24
KUBERNETES_NAME_MAX = 16
ASSET_NAME_MAX = 200
"""Lengths: "Naming rules and restrictions for Azure resources"; azure-ai-ml for endpoints."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """Made once; each noun's file takes it."""

    environment: str
    place: Place
    group: Group
    keys: Keys
    storage: Storage
    workspace: Workspace
    tags: Mapping[str, str]
    images: tuple[pulumi.Resource, ...] = ()
    """What builds images, where the registry cannot; deployments come after it."""
    opts: pulumi.ResourceOptions
    """Providers of what holds no data."""
    stateful: pulumi.ResourceOptions
    """The same for what holds data: protected where the environment is."""


def model_uri(artifact: Artifact, workspace: Workspace) -> str:
    """Where Azure ML finds the artifact: the given URI, or the upload in its own words."""
    if artifact.uri is not None:
        return artifact.uri
    return workspace.datastore_uri(str(artifact.object_key))
