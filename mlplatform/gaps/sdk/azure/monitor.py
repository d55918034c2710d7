"""``mlgap:azure:MonitorSchedule``: a monitor of predictions against what came true."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Message, Shown


class MonitorScheduleArgs(TypedDict, total=False):
    """Arguments of a monitor schedule.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        name: of the schedule, at most 255 letters, digits, - and _.
        properties: the schedule in camelCase, as API 2023-06-01-preview writes it; its signals are
            of type `ModelPerformance`, which newer versions lack.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    name: Required[pulumi.Input[str]]
    properties: Required[Message]


class MonitorSchedule(GapResource):
    """A schedule of Azure ML that compares predictions with what came true.

    The import id is the schedule's resource id.
    """

    TOKEN = "mlgap:azure:MonitorSchedule"
    ARGS = MonitorScheduleArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[MonitorScheduleArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    name = Shown[str]()
    properties = Shown[Mapping[str, Any]]()
