"""``mlgap:azure:OnlineEndpoint``: a managed online endpoint whose updates keep the live traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:OnlineEndpoint"


@pulumi.input_type
class OnlineEndpointArgs:
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

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        endpoint_name: pulumi.Input[str],
        location: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
        identity: pulumi.Input[Mapping[str, Any]] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "endpoint_name", endpoint_name)
        pulumi.set(self, "location", location)
        pulumi.set(self, "properties", properties)
        if identity is not None:
            pulumi.set(self, "identity", identity)
        if tags is not None:
            pulumi.set(self, "tags", tags)

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
    @pulumi.getter(name="endpointName")
    def endpoint_name(self) -> pulumi.Input[str]:
        """3 to 32 letters."""
        return cast("pulumi.Input[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter
    def location(self) -> pulumi.Input[str]:
        """The workspace's region."""
        return cast("pulumi.Input[str]", pulumi.get(self, "location"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Input[Mapping[str, Any]]:
        """CamelCase."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "properties"))

    @property
    @pulumi.getter
    def identity(self) -> pulumi.Input[Mapping[str, Any]] | None:
        """`type` and."""
        return cast("pulumi.Input[Mapping[str, Any]] | None", pulumi.get(self, "identity"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """Keys that start with ``mlgap-`` are taken."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[str]]] | None", pulumi.get(self, "tags")
        )


class OnlineEndpoint(pulumi.CustomResource):
    """A managed online endpoint of Azure ML.

    Every update sends the live traffic along, which Azure would drop otherwise; the traffic itself
    is set by ``EndpointTraffic``. The import id is the endpoint's resource id.

    See ``OnlineEndpointArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        endpoint_name: pulumi.Input[str] | None = None,
        location: pulumi.Input[str] | None = None,
        properties: pulumi.Input[Mapping[str, Any]] | None = None,
        identity: pulumi.Input[Mapping[str, Any]] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        inputs = as_inputs(
            OnlineEndpointArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "endpoint_name": endpoint_name,
                "location": location,
                "properties": properties,
            },
            optional={
                "identity": identity,
                "tags": tags,
                "endpoint_id": None,
                "scoring_uri": None,
                "swagger_uri": None,
            },
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> OnlineEndpoint:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return OnlineEndpoint(resource_name, found)

    @property
    @pulumi.getter(name="resourceGroupName")
    def resource_group_name(self) -> pulumi.Output[str]:
        """The workspace's resource group."""
        return cast("pulumi.Output[str]", pulumi.get(self, "resource_group_name"))

    @property
    @pulumi.getter(name="workspaceName")
    def workspace_name(self) -> pulumi.Output[str]:
        """The workspace."""
        return cast("pulumi.Output[str]", pulumi.get(self, "workspace_name"))

    @property
    @pulumi.getter(name="endpointName")
    def endpoint_name(self) -> pulumi.Output[str]:
        """3 to 32 letters."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter
    def location(self) -> pulumi.Output[str]:
        """The workspace's region."""
        return cast("pulumi.Output[str]", pulumi.get(self, "location"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Output[Mapping[str, Any]]:
        """CamelCase."""
        return cast("pulumi.Output[Mapping[str, Any]]", pulumi.get(self, "properties"))

    @property
    @pulumi.getter
    def identity(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """`type` and."""
        return cast("pulumi.Output[Mapping[str, Any] | None]", pulumi.get(self, "identity"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Keys that start with ``mlgap-`` are taken."""
        return cast("pulumi.Output[Mapping[str, str] | None]", pulumi.get(self, "tags"))

    @property
    @pulumi.getter(name="endpointId")
    def endpoint_id(self) -> pulumi.Output[str]:
        """The endpoint's resource id; known at preview."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint_id"))

    @property
    @pulumi.getter(name="scoringUri")
    def scoring_uri(self) -> pulumi.Output[str]:
        """Where requests for predictions go."""
        return cast("pulumi.Output[str]", pulumi.get(self, "scoring_uri"))

    @property
    @pulumi.getter(name="swaggerUri")
    def swagger_uri(self) -> pulumi.Output[str]:
        """Where the endpoint describes its API."""
        return cast("pulumi.Output[str]", pulumi.get(self, "swagger_uri"))
