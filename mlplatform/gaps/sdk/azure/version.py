"""``mlgap:azure:FeaturesetVersion`` and ``mlgap:azure:FeaturestoreEntityVersion``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version


@pulumi.input_type
class FeatureVersionArgs:
    """Arguments of a version of a feature set or of an entity.

    Args:
        resource_group_name: the feature store's resource group.
        workspace_name: the feature store.
        name: of the feature set or entity.
        version: made of what the version says, so that another content has another one.
        properties: the version in camelCase, as the ordinary resource has it.
    """

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        name: pulumi.Input[str],
        version: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "name", name)
        pulumi.set(self, "version", version)
        pulumi.set(self, "properties", properties)

    @property
    @pulumi.getter(name="resourceGroupName")
    def resource_group_name(self) -> pulumi.Input[str]:
        """The feature store's resource group."""
        return cast("pulumi.Input[str]", pulumi.get(self, "resource_group_name"))

    @property
    @pulumi.getter(name="workspaceName")
    def workspace_name(self) -> pulumi.Input[str]:
        """The feature store."""
        return cast("pulumi.Input[str]", pulumi.get(self, "workspace_name"))

    @property
    @pulumi.getter
    def name(self) -> pulumi.Input[str]:
        """Of the feature set or entity."""
        return cast("pulumi.Input[str]", pulumi.get(self, "name"))

    @property
    @pulumi.getter
    def version(self) -> pulumi.Input[str]:
        """Made of what the version says."""
        return cast("pulumi.Input[str]", pulumi.get(self, "version"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Input[Mapping[str, Any]]:
        """The version in camelCase."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "properties"))


class FeatureVersion(pulumi.CustomResource):
    """A version that is taken up again where it is there already, and is never deleted.

    The import id is the version's resource id. See ``FeatureVersionArgs`` for the arguments.
    """

    TOKEN: ClassVar[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        version: pulumi.Input[str] | None = None,
        properties: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        inputs = as_inputs(
            FeatureVersionArgs,
            self.TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "name": name,
                "version": version,
                "properties": properties,
            },
            optional={},
        )
        super().__init__(self.TOKEN, resource_name, inputs, with_version(opts))

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """Of the feature set or entity."""
        return cast("pulumi.Output[str]", pulumi.get(self, "name"))

    @property
    @pulumi.getter
    def version(self) -> pulumi.Output[str]:
        """Made of what the version says."""
        return cast("pulumi.Output[str]", pulumi.get(self, "version"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Output[Mapping[str, Any]]:
        """The version in camelCase."""
        return cast("pulumi.Output[Mapping[str, Any]]", pulumi.get(self, "properties"))


class FeaturesetVersion(FeatureVersion):
    """Columns, where rows come from, and when they are materialised."""

    TOKEN = "mlgap:azure:FeaturesetVersion"


class FeaturestoreEntityVersion(FeatureVersion):
    """What rows are about: the columns that say whose row it is."""

    TOKEN = "mlgap:azure:FeaturestoreEntityVersion"
