"""``mlgap:azure:OnlineDeployment``: a deployment whose live count no unrelated change resets."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class OnlineDeploymentArgs(TypedDict, total=False):
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

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    endpoint_name: Required[pulumi.Input[str]]
    location: Required[pulumi.Input[str]]
    variant: Required[pulumi.Input[str]]
    min_instances: Required[pulumi.Input[int]]
    max_instances: Required[pulumi.Input[int]]
    properties: Required[Message]
    deployment_name: pulumi.Input[str] | None
    tags: Labels | None


class OnlineDeployment(GapResource):
    """A managed online deployment of Azure ML.

    Its live instance count survives every update, brought into the bounds. Another instance type is
    another deployment, which is made before the old one goes. The import id is the deployment's
    resource id.
    """

    TOKEN = "mlgap:azure:OnlineDeployment"
    ARGS = OnlineDeploymentArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[OnlineDeploymentArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    resource_group_name = Shown[str]()
    workspace_name = Shown[str]()
    endpoint_name = Shown[str]()
    location = Shown[str]()
    variant = Shown[str]()
    min_instances = Shown[int]()
    max_instances = Shown[int]()
    properties = Shown[Mapping[str, Any]]()
    tags = Shown[Mapping[str, str] | None]()
    deployment_name = Shown[str]()
    """The deployment's name; known at preview."""
    deployment_id = Shown[str]()
    """The deployment's resource id; known at preview."""
