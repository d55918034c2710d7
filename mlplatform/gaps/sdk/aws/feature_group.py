"""``mlgap:aws:FeatureGroup``: a SageMaker feature group that grows in place."""

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class FeatureGroupArgs(TypedDict, total=False):
    """Arguments of a feature group.

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

    feature_group_name: Required[pulumi.Input[str]]
    record_identifier_feature_name: Required[pulumi.Input[str]]
    event_time_feature_name: Required[pulumi.Input[str]]
    feature_definitions: Required[pulumi.Input[Sequence[Mapping[str, Any]]]]
    role_arn: pulumi.Input[str] | None
    online_store_config: Message | None
    offline_store_config: Message | None
    throughput_config: Message | None
    description: pulumi.Input[str] | None
    tags: Labels | None


class FeatureGroup(GapResource):
    """A feature group. It is never replaced: a change that SageMaker cannot make is refused.

    New features, time to live, throughput and a move to ``Standard_V2`` are updates in place. The
    import id is the group's name.
    """

    TOKEN = "mlgap:aws:FeatureGroup"
    ARGS = FeatureGroupArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[FeatureGroupArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    arn = Shown[str]()
    """The group's ARN; known at preview when the name is in lower case."""
    feature_group_name = Shown[str]()
    feature_definitions = Shown[Sequence[Mapping[str, Any]]]()
