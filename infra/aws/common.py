"""What every workload of the environment shares on AWS.

What not every environment needs (a second key, buckets for captured requests and features) is
declared when the first noun asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pulumi

from components.aws import purposes
from components.aws.keys import Keys, KeysArgs
from components.aws.network import Network, NetworkArgs, SubnetArgs
from components.aws.place import Place
from components.aws.storage import Storage, StorageArgs
from components.core.naming import physical_name
from mlplatform.spec import Artifact, AwsExistingNetwork, AwsPlan

BUCKET_NAME_MAX = 63
ROLE_NAME_MAX = 64
ENDPOINT_NAME_MAX = 63
"""Lengths: S3 bucket naming rules; botocore iam roleNameType; botocore sagemaker EndpointName."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """Where in the network jobs and endpoints stand."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    permissions: purposes.Network
    after: Sequence[pulumi.Resource] = ()
    """What must exist before anything stands there."""


@dataclass(frozen=True)
class Common:
    """Made once; each noun's file takes it."""

    environment: str
    plan: AwsPlan
    place: Place
    tags: Mapping[str, str]
    opts: pulumi.ResourceOptions
    """Providers of what holds no data."""
    stateful: pulumi.ResourceOptions
    """The same for what holds data: protected where the environment is."""
    force_destroy: bool
    """Whether what is left in buckets and repositories goes with them."""

    def name(self, *parts: str, max_length: int = ENDPOINT_NAME_MAX) -> str:
        """A physical name of this environment."""
        return physical_name(self.environment, *parts, max_length=max_length)

    def role_name(self, *parts: str) -> str:
        """A role's name; the last part tells its purpose."""
        return self.name(*parts, max_length=ROLE_NAME_MAX)

    @cached_property
    def keys(self) -> Keys:
        """Of model artifacts, images and volumes."""
        existing = self.plan.foundation.models_key
        return self._key("models", "Model artifacts and volumes", existing)

    @cached_property
    def data_keys(self) -> Keys:
        """Of captured requests, features, reports and logs."""
        existing = self.plan.foundation.data_key
        return self._key("data", "Captured requests, features and logs", existing)

    @cached_property
    def storage(self) -> Storage:
        """Model artifacts, code and training data."""
        return self._bucket("artifacts", self.keys)

    @cached_property
    def capture(self) -> Storage:
        """Requests and answers, and what monitoring finds in them.

        Under ``<workload>/``; what ``capture.retention_days`` limits is deleted by then.
        """
        expire_days: dict[str, int] = {}
        for workload in self.plan.workloads:
            endpoint = workload.endpoint
            if endpoint is not None and endpoint.capture is not None:
                expire_days[f"{workload.name}/{CAPTURED}"] = endpoint.capture.retention_days
            if endpoint is not None and endpoint.asynchronous is not None:
                for folder in (REQUESTS, ANSWERS):
                    days = endpoint.asynchronous.retention_days
                    expire_days[f"{workload.name}/{folder}"] = days
        return self._bucket("capture", self.data_keys, expire_days)

    @cached_property
    def features(self) -> Storage:
        """Offline stores of features, under ``<workload>/``."""
        return self._bucket("features", self.data_keys)

    @cached_property
    def inside(self) -> Inside | None:
        """The network of the environment; None where it has none."""
        asked = self.plan.foundation.network
        if asked is None:
            return None
        if isinstance(asked, AwsExistingNetwork):
            return Inside(
                vpc_id=asked.vpc_id,
                subnet_ids=asked.subnet_ids,
                security_group_ids=asked.security_group_ids,
                permissions=purposes.Network(subnet_ids=asked.subnet_ids),
            )
        network = Network(
            self.name("network"),
            NetworkArgs(
                place=self.place,
                cidr=asked.cidr,
                subnets=[
                    SubnetArgs(availability_zone=one.availability_zone, cidr=one.cidr)
                    for one in asked.subnets
                ],
                tags=self.tags,
            ),
            opts=self.opts,
        )
        own = {name: self.tags[name] for name in ("Environment", "Project")}
        return Inside(
            vpc_id=network.vpc_id,
            subnet_ids=network.subnet_ids,
            security_group_ids=network.security_group_ids,
            permissions=purposes.Network(tags=own),
            after=[network],
        )

    def stores(self, workload: str) -> purposes.Stores:
        """Where a workload's data lies, for the documents of its roles."""
        return purposes.Stores(
            place=self.place,
            artifacts_bucket=self.storage.bucket,
            prefix=f"{workload}/",
            keys=[self.keys.reference],
        )

    def _key(self, data_class: str, what: str, existing: str | None) -> Keys:
        return Keys(
            self.name(data_class),
            KeysArgs(
                place=self.place,
                description=f"{what}, {self.environment}",
                existing=existing,
                for_logs=data_class == "data",
                tags=self.tags,
            ),
            opts=self.stateful,
        )

    def _bucket(
        self, purpose: str, keys: Keys, expire_days: Mapping[str, int] | None = None
    ) -> Storage:
        place = self.place
        return Storage(
            self.name(purpose),
            StorageArgs(
                place=place,
                bucket=self.name(
                    purpose, place.account_id, place.region, max_length=BUCKET_NAME_MAX
                ),
                key_arn=keys.key_arn,
                expire_days=expire_days or {},
                force_destroy=self.force_destroy,
                tags=self.tags,
            ),
            opts=self.stateful,
        )


CAPTURED, REQUESTS, ANSWERS = "captured/", "requests/", "answers/"
"""Folders in a workload's part of the capture bucket: captured requests and answers; what callers
of an asynchronous endpoint ask, and what it answers."""


def artifact_uri(artifact: Artifact, bucket: str) -> str:
    """Where SageMaker finds the artifact: the given URI, or the upload's."""
    return artifact.uri if artifact.uri is not None else f"s3://{bucket}/{artifact.object_key}"
