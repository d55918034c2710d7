"""``mlgap:azure:BatchDefault``: the deployment that answers those who name none."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Shown


class BatchDefaultArgs(TypedDict, total=False):
    """Arguments of the default deployment of a batch endpoint.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        endpoint_name: the batch endpoint.
        deployment_name: the deployment, which exists.
        endpoint_tags: the endpoint's tags. Azure drops the default when they change, so the same
            `up` sets it again.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    endpoint_name: Required[pulumi.Input[str]]
    deployment_name: Required[pulumi.Input[str]]
    endpoint_tags: Labels | None


class BatchDefault(GapResource):
    """The default deployment of a batch endpoint.

    Make it depend on the deployments: it is set after they are there, and moved before one goes.
    The import id is the endpoint's resource id.
    """

    TOKEN = "mlgap:azure:BatchDefault"
    ARGS = BatchDefaultArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[BatchDefaultArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    deployment_name = Shown[str]()
