"""``mlgap:azure:EndpointTraffic``: how an endpoint divides its requests among its deployments."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Message, Shown


class EndpointTrafficArgs(TypedDict, total=False):
    """Arguments of the traffic of an endpoint.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        endpoint_name: the endpoint.
        traffic: whole percentages by deployment name; their sum is 100 or 0.
        mirror_traffic: at most 50 percent to one deployment without live traffic.
        rollout: in what steps an update moves the traffic, camelCase: `strategy` (canary,
            linear), `stepPercent` (1 to 50), `waitS` (0 to 3600) and, to go back where metrics
            speak against going on, `maxErrorPercent`, `maxLatencyMs`. At once without.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    endpoint_name: Required[pulumi.Input[str]]
    traffic: Required[pulumi.Input[Mapping[str, pulumi.Input[int]]]]
    mirror_traffic: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None
    rollout: Message | None


class EndpointTraffic(GapResource):
    """The live and mirrored traffic of an endpoint.

    Set after the deployments are ready and emptied before they go, so make it depend on them. The
    import id is the endpoint's resource id.
    """

    TOKEN = "mlgap:azure:EndpointTraffic"
    ARGS = EndpointTrafficArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[EndpointTrafficArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    resource_group_name = Shown[str]()
    workspace_name = Shown[str]()
    endpoint_name = Shown[str]()
    traffic = Shown[Mapping[str, int]]()
    mirror_traffic = Shown[Mapping[str, int] | None]()
    rollout = Shown[Mapping[str, Any] | None]()
