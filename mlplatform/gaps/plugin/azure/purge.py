"""`mlgap:azure:WorkspacePurge`: a workspace that is deleted gives its name back.

Azure ML keeps a deleted workspace for 14 days, and refuses another one of its name meanwhile.
pulumi-azure-native never asks for more than that (its DELETE carries no `forceToPurge`), so the
next `up` after a `destroy` would fail. This resource is made before the workspace, and so is
deleted after it: then it purges what is left.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.provider.model import Context, ProviderError

_WORKSPACE = "azure-native:machinelearningservices:Workspace"


class WorkspacePurge(OnEndpoint):
    """Answers for the name of one workspace; its id is the workspace's."""

    token = "mlgap:azure:WorkspacePurge"
    place: ClassVar[tuple[str, ...]] = ("resourceGroupName", "workspaceName")

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Nothing yet: what stands in the way of a first `up` is not ours to purge."""
        return "" if ctx.preview else self._id(inputs), dict(inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Nothing: both names replace."""
        del ctx, id, old_inputs, old_state
        return dict(inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """As it was: it stands for an intention, so nothing in Azure shows it."""
        del ctx, state
        in_path = contract.inputs(_WORKSPACE, id)
        if in_path is None:
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of a workspace")
        return id, {**in_path, **inputs}, {**in_path, **inputs}

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Purge the deleted workspace; one that stands is left alone.

        It stands when this resource alone is taken out of a program.
        """
        del inputs, state
        work = self._work(ctx)
        if work.at_rest(id) is None:
            work.purge(id)

    def _id(self, inputs: dict[str, Any]) -> str:
        return (
            f"/subscriptions/{self._cloud.subscription_id}/resourceGroups/"
            f"{inputs['resourceGroupName']}/providers/Microsoft.MachineLearningServices/workspaces/"
            f"{inputs['workspaceName']}"
        )
