"""``mlgap:azure:FeaturesetVersion`` and ``mlgap:azure:FeaturestoreEntityVersion``."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Message, Shown


class FeatureVersionArgs(TypedDict, total=False):
    """Arguments of a version of a feature set or of an entity.

    Args:
        resource_group_name: the feature store's resource group.
        workspace_name: the feature store.
        name: of the feature set or entity.
        version: made of what the version says, so that another content has another one.
        properties: the version in camelCase, as the ordinary resource has it.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    name: Required[pulumi.Input[str]]
    version: Required[pulumi.Input[str]]
    properties: Required[Message]


class FeatureVersion(GapResource):
    """A version that is taken up again where it is there already, and is never deleted.

    The import id is the version's resource id.
    """

    ARGS = FeatureVersionArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[FeatureVersionArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    name = Shown[str]()
    version = Shown[str]()
    properties = Shown[Mapping[str, Any]]()


class FeaturesetVersion(FeatureVersion):
    """Columns, where rows come from, and when they are materialised."""

    TOKEN = "mlgap:azure:FeaturesetVersion"


class FeaturestoreEntityVersion(FeatureVersion):
    """What rows are about: the columns that say whose row it is."""

    TOKEN = "mlgap:azure:FeaturestoreEntityVersion"
