"""``mlgap:azure:WorkspacePurge``: a workspace that is deleted gives its name back."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Shown


class WorkspacePurgeArgs(TypedDict, total=False):
    """Arguments of the purge of a workspace.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]


class WorkspacePurge(GapResource):
    """What frees the name of a workspace once the workspace is deleted.

    Make the workspace depend on it, so that it is deleted after the workspace. Nothing can be
    taken back then: run history, models and data assets of the workspace are gone.
    """

    TOKEN = "mlgap:azure:WorkspacePurge"
    ARGS = WorkspacePurgeArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[WorkspacePurgeArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    resource_group_name = Shown[str]()
    workspace_name = Shown[str]()
