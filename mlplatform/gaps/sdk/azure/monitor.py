"""``mlgap:azure:MonitorSchedule``: a monitor of predictions against what came true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:MonitorSchedule"


@pulumi.input_type
class MonitorScheduleArgs:
    """Arguments of a monitor schedule.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        name: of the schedule, at most 255 letters, digits, - and _.
        properties: the schedule in camelCase, as API 2023-06-01-preview writes it; its signals are
            of type `ModelPerformance`, which newer versions lack.
    """

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        name: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "name", name)
        pulumi.set(self, "properties", properties)

    @property
    @pulumi.getter(name="resourceGroupName")
    def resource_group_name(self) -> pulumi.Input[str]:
        """The workspace's resource group."""
        return cast("pulumi.Input[str]", pulumi.get(self, "resource_group_name"))

    @property
    @pulumi.getter(name="workspaceName")
    def workspace_name(self) -> pulumi.Input[str]:
        """The workspace."""
        return cast("pulumi.Input[str]", pulumi.get(self, "workspace_name"))

    @property
    @pulumi.getter
    def name(self) -> pulumi.Input[str]:
        """Of the schedule."""
        return cast("pulumi.Input[str]", pulumi.get(self, "name"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Input[Mapping[str, Any]]:
        """The schedule in camelCase."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "properties"))


class MonitorSchedule(pulumi.CustomResource):
    """A schedule of Azure ML that compares predictions with what came true.

    The import id is the schedule's resource id. See ``MonitorScheduleArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        properties: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        inputs = as_inputs(
            MonitorScheduleArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "name": name,
                "properties": properties,
            },
            optional={},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> MonitorSchedule:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return MonitorSchedule(resource_name, found)

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """Of the schedule."""
        return cast("pulumi.Output[str]", pulumi.get(self, "name"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Output[Mapping[str, Any]]:
        """The schedule in camelCase."""
        return cast("pulumi.Output[Mapping[str, Any]]", pulumi.get(self, "properties"))
