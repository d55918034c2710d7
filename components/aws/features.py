"""Feature groups of one workload: the role that writes their history, and the groups.

Creates, for a component named ``NAME`` and each group ``G``:

=================  ====================================  ==============================
child              type                                  when
=================  ====================================  ==============================
``NAME``           aws:iam/role:Role                     a group has an offline store
``NAME-write``     aws:iam/rolePolicy:RolePolicy         a group has an offline store
``NAME-G``         mlgap:aws:FeatureGroup                always
=================  ====================================  ==============================

The groups are ``mlgap``'s because the ordinary provider replaces a group for each new feature,
and its online records are lost; see docs/adr/0016.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws import policy as documents
from components.aws import purposes
from components.aws.place import Place
from components.core.base import MlComponent
from mlplatform.gaps.sdk import aws as mlgap

CATALOGUE = "AwsDataCatalog"
"""The account's own Glue catalogue, as Feature Store calls it."""


@dataclass(frozen=True, kw_only=True)
class OnlineArgs:
    """A store that answers at once, with the newest record of each id."""

    ttl_s: int | None = None
    """Records older than so many seconds are deleted; at least 1."""
    storage: str = "Standard"
    """Standard, Standard_V2 (records can be updated in part) or InMemory. Only Standard to
    Standard_V2 can be changed later."""


@dataclass(frozen=True, kw_only=True)
class OfflineArgs:
    """History in S3, as a table of the Glue catalogue."""

    uri: str
    """``s3://bucket/prefix``; Feature Store adds folders of its own below."""
    database: str
    """Of the Glue catalogue; must exist."""
    table_format: str = "Glue"
    """Glue or Iceberg."""


@dataclass(frozen=True, kw_only=True)
class ThroughputArgs:
    """Capacity of the online store that is paid for whether it is used or not."""

    read_units: int
    write_units: int


@dataclass(frozen=True, kw_only=True)
class GroupArgs:
    """One feature group. ``columns`` may grow; nothing may be taken out or retyped."""

    group_name: str
    """1 to 64 letters, digits, hyphens and underscores."""
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to Integral, Fractional or String."""
    description: str | None = None
    online: OnlineArgs | None = None
    offline: OfflineArgs | None = None
    throughput: ThroughputArgs | None = None
    """None: by use."""

    def __post_init__(self) -> None:
        missing = [name for name in (self.record_id, self.event_time) if name not in self.columns]
        if missing:
            raise ValueError(f"group {self.group_name}: {missing} must be among the columns")
        if self.online is None and self.offline is None:
            raise ValueError(f"group {self.group_name}: need online, offline or both")


@dataclass(frozen=True, kw_only=True)
class FeaturesArgs:
    """What a caller decides. Plain values, so that the documents show in a preview."""

    place: Place
    role_name: str
    key: str
    """``alias/...``, or the ARN of an existing key: encrypts both stores."""
    groups: Mapping[str, GroupArgs]
    """By a short name that is unique in the workload."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Features(MlComponent):
    """The feature groups of one workload."""

    kind = "aws:Features"

    group_names: dict[str, pulumi.Output[str]]
    """Short name to the name in Feature Store."""

    def __init__(
        self,
        name: str,
        args: FeaturesArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        offline = [group.offline for group in args.groups.values() if group.offline is not None]
        needed = [*after]
        if offline:
            role = aws.iam.Role(
                name,
                name=args.role_name,
                description="Writes the history of feature groups",
                assume_role_policy=json.dumps(
                    documents.trust(
                        args.place, purposes.SAGEMAKER, args.place.arn("sagemaker", "*")
                    )
                ),
                tags=dict(args.tags),
                opts=self._opts(),
            )
            policy = aws.iam.RolePolicy(
                self._child("write"),
                role=role.name,
                policy=json.dumps(writing_policy(args.place, args.key, offline)),
                opts=self._opts(),
            )
            needed.append(policy)
        self.group_names = {
            short: self._group(short, group, args, needed).feature_group_name
            for short, group in args.groups.items()
        }
        self.register_outputs({"group_names": self.group_names})

    def _group(
        self, short: str, group: GroupArgs, args: FeaturesArgs, after: Sequence[pulumi.Resource]
    ) -> mlgap.FeatureGroup:
        key_arn = args.place.key_arn(args.key)
        throughput = group.throughput
        return mlgap.FeatureGroup(
            self._child(short),
            feature_group_name=group.group_name,
            record_identifier_feature_name=group.record_id,
            event_time_feature_name=group.event_time,
            feature_definitions=[
                {"featureName": name, "featureType": kind} for name, kind in group.columns.items()
            ],
            description=group.description,
            role_arn=args.place.role_arn(args.role_name) if group.offline is not None else None,
            online_store_config=_online(group.online, key_arn) if group.online else None,
            offline_store_config=(
                _offline(group.offline, group.group_name, key_arn) if group.offline else None
            ),
            throughput_config=(
                {
                    "throughputMode": "Provisioned",
                    "provisionedReadCapacityUnits": throughput.read_units,
                    "provisionedWriteCapacityUnits": throughput.write_units,
                }
                if throughput is not None
                else None
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )


class FeatureCatalogue(MlComponent):
    """The Glue database that holds the tables of all offline stores of an environment."""

    kind = "aws:FeatureCatalogue"

    database: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self,
        name: str,
        *,
        database: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``database``: lower-case letters, digits and underscores, as Athena asks."""
        super().__init__(name, opts)
        aws.glue.CatalogDatabase(
            name,
            name=database,
            description="Offline stores of feature groups",
            tags=dict(tags),
            opts=self._opts(),
        )
        self.database = database
        self.register_outputs({"database": database})


def writing_policy(place: Place, key: str, stores: Sequence[OfflineArgs]) -> dict[str, Any]:
    """What Feature Store does with the role: write records below each store's folder, and keep
    the Glue tables in step (managed policy AmazonSageMakerFeatureStoreAccess, narrowed).
    """
    folders = sorted({store.uri.removeprefix("s3://").rstrip("/") for store in stores})
    buckets = sorted({place.bucket_arn(folder.partition("/")[0]) for folder in folders})
    databases = sorted({store.database for store in stores})
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "WriteHistory",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "s3:DeleteObject"],
                "Resource": [place.bucket_arn(f"{folder}/*") for folder in folders],
            },
            {
                "Sid": "LookAtBuckets",
                "Effect": "Allow",
                "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                "Resource": buckets,
            },
            {
                "Sid": "KeepTables",
                "Effect": "Allow",
                "Action": ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"],
                "Resource": [
                    place.arn("glue", "catalog"),
                    *(place.arn("glue", f"database/{name}") for name in databases),
                    *(place.arn("glue", f"table/{name}/*") for name in databases),
                ],
            },
            *documents.decrypt(place, key),
            *documents.encrypt(place, key),
        ],
    }


def _online(store: OnlineArgs, key_arn: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "enableOnlineStore": True,
        "securityConfig": {"kmsKeyId": key_arn},
        "storageType": store.storage,
    }
    if store.ttl_s is not None:
        made["ttlDuration"] = {"unit": "Seconds", "value": store.ttl_s}
    return made


def _offline(store: OfflineArgs, group_name: str, key_arn: str) -> dict[str, Any]:
    return {
        "s3StorageConfig": {"s3Uri": store.uri, "kmsKeyId": key_arn},
        "dataCatalogConfig": {
            "catalog": CATALOGUE,
            "database": store.database,
            "tableName": group_name.replace("-", "_").lower(),
        },
        "tableFormat": store.table_format,
    }
