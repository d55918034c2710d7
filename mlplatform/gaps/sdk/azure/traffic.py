"""``mlgap:azure:EndpointTraffic``: how an endpoint divides its requests among its deployments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:EndpointTraffic"


@pulumi.input_type
class EndpointTrafficArgs:
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

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        endpoint_name: pulumi.Input[str],
        traffic: pulumi.Input[Mapping[str, pulumi.Input[int]]],
        mirror_traffic: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None = None,
        rollout: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "endpoint_name", endpoint_name)
        pulumi.set(self, "traffic", traffic)
        if mirror_traffic is not None:
            pulumi.set(self, "mirror_traffic", mirror_traffic)
        if rollout is not None:
            pulumi.set(self, "rollout", rollout)

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
        """The endpoint."""
        return cast("pulumi.Input[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter
    def traffic(self) -> pulumi.Input[Mapping[str, pulumi.Input[int]]]:
        """Whole percentages by deployment name."""
        return cast("pulumi.Input[Mapping[str, pulumi.Input[int]]]", pulumi.get(self, "traffic"))

    @property
    @pulumi.getter(name="mirrorTraffic")
    def mirror_traffic(self) -> pulumi.Input[Mapping[str, pulumi.Input[int]]] | None:
        """At most 50 percent to one deployment without live traffic."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[int]]] | None",
            pulumi.get(self, "mirror_traffic"),
        )

    @property
    @pulumi.getter
    def rollout(self) -> pulumi.Input[Mapping[str, Any]] | None:
        """In what steps an update moves the traffic."""
        return cast("pulumi.Input[Mapping[str, Any]] | None", pulumi.get(self, "rollout"))


class EndpointTraffic(pulumi.CustomResource):
    """The live and mirrored traffic of an endpoint.

    Set after the deployments are ready and emptied before they go, so make it depend on them. The
    import id is the endpoint's resource id.

    See ``EndpointTrafficArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        endpoint_name: pulumi.Input[str] | None = None,
        traffic: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None = None,
        mirror_traffic: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None = None,
        rollout: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        inputs = as_inputs(
            EndpointTrafficArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "endpoint_name": endpoint_name,
                "traffic": traffic,
            },
            optional={"mirror_traffic": mirror_traffic, "rollout": rollout},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> EndpointTraffic:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return EndpointTraffic(resource_name, found)

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
        """The endpoint."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter
    def traffic(self) -> pulumi.Output[Mapping[str, int]]:
        """Whole percentages by deployment name."""
        return cast("pulumi.Output[Mapping[str, int]]", pulumi.get(self, "traffic"))

    @property
    @pulumi.getter(name="mirrorTraffic")
    def mirror_traffic(self) -> pulumi.Output[Mapping[str, int] | None]:
        """At most 50 percent to one deployment without live traffic."""
        return cast("pulumi.Output[Mapping[str, int] | None]", pulumi.get(self, "mirror_traffic"))

    @property
    @pulumi.getter
    def rollout(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """In what steps an update moves the traffic."""
        return cast("pulumi.Output[Mapping[str, Any] | None]", pulumi.get(self, "rollout"))
