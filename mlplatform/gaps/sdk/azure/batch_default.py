"""``mlgap:azure:BatchDefault``: the deployment that answers those who name none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:BatchDefault"


@pulumi.input_type
class BatchDefaultArgs:
    """Arguments of the default deployment of a batch endpoint.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        endpoint_name: the batch endpoint.
        deployment_name: the deployment, which exists.
        endpoint_tags: the endpoint's tags. Azure drops the default when they change, so the same
            `up` sets it again.
    """

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        endpoint_name: pulumi.Input[str],
        deployment_name: pulumi.Input[str],
        endpoint_tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "endpoint_name", endpoint_name)
        pulumi.set(self, "deployment_name", deployment_name)
        if endpoint_tags is not None:
            pulumi.set(self, "endpoint_tags", endpoint_tags)

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
        """The batch endpoint."""
        return cast("pulumi.Input[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter(name="deploymentName")
    def deployment_name(self) -> pulumi.Input[str]:
        """The deployment, which exists."""
        return cast("pulumi.Input[str]", pulumi.get(self, "deployment_name"))

    @property
    @pulumi.getter(name="endpointTags")
    def endpoint_tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """The endpoint's tags."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[str]]] | None",
            pulumi.get(self, "endpoint_tags"),
        )


class BatchDefault(pulumi.CustomResource):
    """The default deployment of a batch endpoint.

    Make it depend on the deployments: it is set after they are there, and moved before one goes.
    The import id is the endpoint's resource id.

    See ``BatchDefaultArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        endpoint_name: pulumi.Input[str] | None = None,
        deployment_name: pulumi.Input[str] | None = None,
        endpoint_tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        inputs = as_inputs(
            BatchDefaultArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "endpoint_name": endpoint_name,
                "deployment_name": deployment_name,
            },
            optional={"endpoint_tags": endpoint_tags},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> BatchDefault:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return BatchDefault(resource_name, found)

    @property
    @pulumi.getter(name="deploymentName")
    def deployment_name(self) -> pulumi.Output[str]:
        """The deployment."""
        return cast("pulumi.Output[str]", pulumi.get(self, "deployment_name"))
