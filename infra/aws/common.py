"""What every workload of the environment shares on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aws import purposes
from components.aws.keys import Keys
from components.aws.place import Place
from components.aws.storage import Storage
from mlplatform.spec import Artifact

BUCKET_NAME_MAX = 63
ROLE_NAME_MAX = 64
ENDPOINT_NAME_MAX = 63
"""Lengths: S3 bucket naming rules; botocore iam roleNameType; botocore sagemaker EndpointName."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """Made once; each noun's file takes it."""

    environment: str
    place: Place
    keys: Keys
    storage: Storage
    tags: Mapping[str, str]
    opts: pulumi.ResourceOptions
    """Providers of what holds no data."""
    stateful: pulumi.ResourceOptions
    """The same for what holds data: protected where the environment is."""


def stores(workload: str, common: Common) -> purposes.Stores:
    """Where a workload's data lies, for the documents of its roles."""
    return purposes.Stores(
        place=common.place,
        artifacts_bucket=common.storage.bucket,
        prefix=f"{workload}/",
        key_aliases=[common.keys.alias_name],
    )


def artifact_uri(artifact: Artifact, bucket: str) -> str:
    """Where SageMaker finds the artifact: the given URI, or the upload's."""
    return artifact.uri if artifact.uri is not None else f"s3://{bucket}/{artifact.object_key}"
