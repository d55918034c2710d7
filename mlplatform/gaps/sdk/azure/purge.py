"""``mlgap:azure:WorkspacePurge``: a workspace that is deleted gives its name back."""

from __future__ import annotations

from typing import cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:WorkspacePurge"


@pulumi.input_type
class WorkspacePurgeArgs:
    """Arguments of the purge of a workspace.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
    """

    def __init__(
        self, *, resource_group_name: pulumi.Input[str], workspace_name: pulumi.Input[str]
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)

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


class WorkspacePurge(pulumi.CustomResource):
    """What frees the name of a workspace once the workspace is deleted.

    Make the workspace depend on it, so that it is deleted after the workspace. Nothing can be
    taken back then: run history, models and data assets of the workspace are gone.

    See ``WorkspacePurgeArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
    ) -> None:
        inputs = as_inputs(
            WorkspacePurgeArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
            },
            optional={},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

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
