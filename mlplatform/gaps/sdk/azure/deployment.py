"""``mlgap:azure:OnlineDeployment``: a deployment whose live count no unrelated change resets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:OnlineDeployment"


@pulumi.input_type
class OnlineDeploymentArgs:
    """Arguments of a deployment.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        endpoint_name: the endpoint.
        location: the endpoint's region.
        variant: stable name of what is deployed, at most 25 characters; the
            deployment's own name adds a suffix that stands for the instance type.
        min_instances: 1 or more; a new deployment starts with it.
        max_instances: ``min_instances`` or more; equal bounds fix the count.
        properties: camelCase, as in the REST reference of Online Deployments
            2025-12-01, for `endpointComputeType` `Managed`: `instanceType`, `model`,
            `environmentId`, `environmentVariables`, `requestSettings` and so on.
        deployment_name: 3 to 32 characters; the variant and a hash of the machine without.
            Another name is another deployment, which takes over.
        tags: keys that start with ``mlgap-`` are taken.
    """

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        endpoint_name: pulumi.Input[str],
        location: pulumi.Input[str],
        variant: pulumi.Input[str],
        min_instances: pulumi.Input[int],
        max_instances: pulumi.Input[int],
        properties: pulumi.Input[Mapping[str, Any]],
        deployment_name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "endpoint_name", endpoint_name)
        pulumi.set(self, "location", location)
        pulumi.set(self, "variant", variant)
        pulumi.set(self, "min_instances", min_instances)
        pulumi.set(self, "max_instances", max_instances)
        pulumi.set(self, "properties", properties)
        if deployment_name is not None:
            pulumi.set(self, "deployment_name", deployment_name)
        if tags is not None:
            pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="deploymentName")
    def deployment_name(self) -> pulumi.Input[str] | None:
        """Its own name, where another content is to be another deployment."""
        return cast("pulumi.Input[str] | None", pulumi.get(self, "deployment_name"))

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
    def location(self) -> pulumi.Input[str]:
        """The endpoint's region."""
        return cast("pulumi.Input[str]", pulumi.get(self, "location"))

    @property
    @pulumi.getter
    def variant(self) -> pulumi.Input[str]:
        """Stable name of what is deployed."""
        return cast("pulumi.Input[str]", pulumi.get(self, "variant"))

    @property
    @pulumi.getter(name="minInstances")
    def min_instances(self) -> pulumi.Input[int]:
        """1 or more."""
        return cast("pulumi.Input[int]", pulumi.get(self, "min_instances"))

    @property
    @pulumi.getter(name="maxInstances")
    def max_instances(self) -> pulumi.Input[int]:
        """``min_instances`` or more."""
        return cast("pulumi.Input[int]", pulumi.get(self, "max_instances"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Input[Mapping[str, Any]]:
        """CamelCase."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "properties"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """Keys that start with ``mlgap-`` are taken."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[str]]] | None", pulumi.get(self, "tags")
        )


class OnlineDeployment(pulumi.CustomResource):
    """A managed online deployment of Azure ML.

    Its live instance count survives every update, brought into the bounds. Another instance type is
    another deployment, which is made before the old one goes. The import id is the deployment's
    resource id.

    See ``OnlineDeploymentArgs`` for the arguments.
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
        variant: pulumi.Input[str] | None = None,
        min_instances: pulumi.Input[int] | None = None,
        max_instances: pulumi.Input[int] | None = None,
        properties: pulumi.Input[Mapping[str, Any]] | None = None,
        deployment_name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        inputs = as_inputs(
            OnlineDeploymentArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "endpoint_name": endpoint_name,
                "location": location,
                "variant": variant,
                "min_instances": min_instances,
                "max_instances": max_instances,
                "properties": properties,
            },
            optional={
                "tags": tags,
                "deployment_name": deployment_name,
                "deployment_id": None,
            },
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> OnlineDeployment:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return OnlineDeployment(resource_name, found)

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
    def location(self) -> pulumi.Output[str]:
        """The endpoint's region."""
        return cast("pulumi.Output[str]", pulumi.get(self, "location"))

    @property
    @pulumi.getter
    def variant(self) -> pulumi.Output[str]:
        """Stable name of what is deployed."""
        return cast("pulumi.Output[str]", pulumi.get(self, "variant"))

    @property
    @pulumi.getter(name="minInstances")
    def min_instances(self) -> pulumi.Output[int]:
        """1 or more."""
        return cast("pulumi.Output[int]", pulumi.get(self, "min_instances"))

    @property
    @pulumi.getter(name="maxInstances")
    def max_instances(self) -> pulumi.Output[int]:
        """``min_instances`` or more."""
        return cast("pulumi.Output[int]", pulumi.get(self, "max_instances"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Output[Mapping[str, Any]]:
        """CamelCase."""
        return cast("pulumi.Output[Mapping[str, Any]]", pulumi.get(self, "properties"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Keys that start with ``mlgap-`` are taken."""
        return cast("pulumi.Output[Mapping[str, str] | None]", pulumi.get(self, "tags"))

    @property
    @pulumi.getter(name="deploymentName")
    def deployment_name(self) -> pulumi.Output[str]:
        """The deployment's name; known at preview."""
        return cast("pulumi.Output[str]", pulumi.get(self, "deployment_name"))

    @property
    @pulumi.getter(name="deploymentId")
    def deployment_id(self) -> pulumi.Output[str]:
        """The deployment's resource id; known at preview."""
        return cast("pulumi.Output[str]", pulumi.get(self, "deployment_id"))
