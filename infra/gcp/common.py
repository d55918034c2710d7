"""What every workload of the environment shares on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.gcp.archives import is_archive, unpacked
from components.gcp.capture import Capture
from components.gcp.ci import Ci
from components.gcp.keys import Keys
from components.gcp.place import Place
from components.gcp.storage import Storage
from mlplatform.spec import Artifact

BUCKET_NAME_MAX = 63
ACCOUNT_ID_MAX = 30
ENDPOINT_ID_MAX = 63
NETWORK_NAME_MAX = 52
IDENTITY_POOL_MAX = 32
ROLE_ID_MAX = 64
AUTO_NAME_DIGITS = 8
"""Lengths: Cloud Storage "bucket naming"; iam CreateServiceAccountRequest.accountId, roleId and
workloadIdentityPoolId; aiplatform endpointId; compute Network.name with room for what its parts are
called; a dash and seven digits that Pulumi adds to an automatic name."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """Made once; each noun's file takes it."""

    environment: str
    place: Place
    keys: Keys
    storage: Storage
    labels: Mapping[str, str]
    network: str | None
    """``projects/P/global/networks/N`` that private endpoints are reached from."""
    attachment: str | None
    """``projects/P/regions/R/networkAttachments/A`` by which training is in it."""
    subnetwork: str | None
    """``projects/P/regions/R/subnetworks/S`` for machines of one's own; None where it is not
    known."""
    in_network: tuple[pulumi.Resource, ...]
    """What must exist before anything is in the network."""
    ci: Ci | None
    """The account of pipelines that roll out models; None where there are none."""
    capture: Capture | None
    """Where requests are kept; None where no endpoint keeps any."""
    opts: pulumi.ResourceOptions
    """Providers of what holds no data."""
    stateful: pulumi.ResourceOptions
    """The same for what holds data: protected where the environment is."""


def files(artifact: Artifact) -> list[tuple[str, Any]]:
    """(object name, file) of everything to upload: an archive's files, for Vertex AI unpacks
    none.
    """
    found: list[tuple[str, Any]] = []
    for key, path in artifact.files:
        if is_archive(path):
            folder = key.rsplit("/", 1)[0]
            inside = unpacked(path, str(artifact.sha256))
            found += [(f"{folder}/{name}", file) for name, file in inside]
        else:
            found.append((key, path))
    return found


def artifact_uri(artifact: Artifact, bucket: str) -> str:
    """The folder in which Vertex AI finds the model: the given URI, or the upload's."""
    if artifact.uri is not None:
        return artifact.uri
    assert artifact.object_key is not None  # a local artifact always has a key
    local_file = any(key == artifact.object_key for key, _ in artifact.files)
    folder = artifact.object_key.rsplit("/", 1)[0] if local_file else artifact.object_key
    return f"gs://{bucket}/{folder}"
