"""``mlgap:aws:FeatureGroup``: a SageMaker feature group that grows in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:aws:FeatureGroup"


class FeatureGroup(pulumi.CustomResource):
    """A feature group. It is never replaced: a change that SageMaker cannot make is refused.

    New features, time to live, throughput and a move to ``Standard_V2`` are updates in place. The
    import id is the group's name.

    Args:
        feature_group_name: 1 to 64 letters, digits, hyphens and underscores. Another name is
            another group.
        record_identifier_feature_name: the feature that says whose record it is.
        event_time_feature_name: the feature that says when a record became true.
        feature_definitions: each with ``featureName`` and ``featureType`` (Integral, Fractional,
            String), collections with ``collectionType`` and ``collectionConfig`` too. The order
            is of no account.
        role_arn: the role that writes the offline store.
        online_store_config, offline_store_config, throughput_config: the members of
            CreateFeatureGroup with camelCase names.
        description: at most 128 characters; it cannot be changed.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        feature_group_name: pulumi.Input[str] | None = None,
        record_identifier_feature_name: pulumi.Input[str] | None = None,
        event_time_feature_name: pulumi.Input[str] | None = None,
        feature_definitions: pulumi.Input[Sequence[Mapping[str, Any]]] | None = None,
        role_arn: pulumi.Input[str] | None = None,
        online_store_config: pulumi.Input[Mapping[str, Any]] | None = None,
        offline_store_config: pulumi.Input[Mapping[str, Any]] | None = None,
        throughput_config: pulumi.Input[Mapping[str, Any]] | None = None,
        description: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        needed = {
            "feature_group_name": feature_group_name,
            "record_identifier_feature_name": record_identifier_feature_name,
            "event_time_feature_name": event_time_feature_name,
            "feature_definitions": feature_definitions,
        }
        missing = [name for name, value in needed.items() if value is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        properties: dict[str, Any] = {
            "featureGroupName": feature_group_name,
            "recordIdentifierFeatureName": record_identifier_feature_name,
            "eventTimeFeatureName": event_time_feature_name,
            "featureDefinitions": feature_definitions,
            "roleArn": role_arn,
            "onlineStoreConfig": online_store_config,
            "offlineStoreConfig": offline_store_config,
            "throughputConfig": throughput_config,
            "description": description,
            "tags": tags,
            "arn": None,
        }
        # camelCase from here on, in and out: the SDK translates names of declared input types only.
        super().__init__(TOKEN, resource_name, properties, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> FeatureGroup:
        """Read the existing group with the name ``id``, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return FeatureGroup(resource_name, found)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The group's ARN; known at preview when the name is in lower case."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    def feature_group_name(self) -> pulumi.Output[str]:
        """The group's name."""
        return cast("pulumi.Output[str]", pulumi.get(self, "featureGroupName"))

    @property
    def feature_definitions(self) -> pulumi.Output[Sequence[Mapping[str, Any]]]:
        """The features that it has."""
        return cast(
            "pulumi.Output[Sequence[Mapping[str, Any]]]", pulumi.get(self, "featureDefinitions")
        )
