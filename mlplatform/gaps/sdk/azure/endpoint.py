"""``mlgap:azure:OnlineEndpoint``: a managed online endpoint whose updates keep the live traffic."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class OnlineEndpointArgs(TypedDict, total=False):
    """Arguments of an online endpoint.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        endpoint_name: 3 to 32 letters, digits and hyphens, unique in the region.
        location: the workspace's region.
        properties: camelCase, as in the REST reference of Online Endpoints 2025-12-01,
            without traffic: `authMode`, `publicNetworkAccess`, `description`,
            `properties`.
        identity: `type` and, as a list of ids, `userAssignedIdentities`.
        tags: keys that start with ``mlgap-`` are taken.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    endpoint_name: Required[pulumi.Input[str]]
    location: Required[pulumi.Input[str]]
    properties: Required[Message]
    identity: Message | None
    tags: Labels | None


class OnlineEndpoint(GapResource):
    """A managed online endpoint of Azure ML.

    Every update sends the live traffic along, which Azure would drop otherwise; the traffic itself
    is set by ``EndpointTraffic``. The import id is the endpoint's resource id.
    """

    TOKEN = "mlgap:azure:OnlineEndpoint"
    ARGS = OnlineEndpointArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[OnlineEndpointArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    resource_group_name = Shown[str]()
    workspace_name = Shown[str]()
    endpoint_name = Shown[str]()
    location = Shown[str]()
    properties = Shown[Mapping[str, Any]]()
    identity = Shown[Mapping[str, Any] | None]()
    tags = Shown[Mapping[str, str] | None]()
    endpoint_id = Shown[str]()
    """The endpoint's resource id; known at preview."""
    scoring_uri = Shown[str]()
    """Where requests for predictions go."""
    swagger_uri = Shown[str]()
    """Where the endpoint describes its API."""
