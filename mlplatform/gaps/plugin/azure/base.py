"""What the three resources on an Azure endpoint share: judging inputs, and the id of the endpoint.

Every operation starts from what Azure shows, never from what the last run meant to do, so that it
can be called again after a kill at any point. Who owns what: docs/adr/0009.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform.contracts import azure as contract
from mlplatform.contracts.paths import differences
from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.waiting import OperationFailedError, Work
from mlplatform.provider.model import (
    Cancelled,
    Change,
    Context,
    Diff,
    Failure,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, has_unknown


class OnEndpoint:
    """Answers for one resource, on an endpoint as a rule; made once for each call."""

    token: ClassVar[str]
    place: ClassVar[tuple[str, ...]] = ("resourceGroupName", "workspaceName", "endpointName")
    """Inputs that the resource id is made of."""

    def __init__(self, cloud: AzureCloud) -> None:
        self._cloud = cloud

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        del ctx, old_inputs
        given = {k: v for k, v in inputs.items() if v is not None}
        problems = contract.check(self.token, given)
        return given, [Failure(path=p.path, reason=p.reason) for p in problems]

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del ctx, old_state
        kinds = {found.path: found.kind for found in differences(old_inputs, inputs)}
        changes = tuple(
            Change(path=c.path, kind=kinds[c.path], replace=c.kind == "replace")
            for c in contract.changes(self.token, old_inputs, inputs)
        )
        # Two objects of one id cannot be: who forces a replace of one gets delete first.
        return Diff(changes=changes, delete_before_replace=self._known_id(inputs) == id)

    def _known_id(self, inputs: dict[str, Any]) -> str:
        """The resource id, UNKNOWN while a part of it is."""
        if any(has_unknown(inputs.get(name)) for name in self.place):
            return UNKNOWN
        return self._id(inputs)

    def _id(self, inputs: dict[str, Any]) -> str:
        return self._endpoint_id(inputs)

    def _endpoint_id(self, inputs: dict[str, Any]) -> str:
        return bodies.endpoint_path(self._cloud.subscription_id, inputs)

    def _work(self, ctx: Context) -> Work:
        return Work(ctx, self._cloud)

    def _kept(
        self, error: ProviderError, id_: str, state: dict[str, Any], inputs: dict[str, Any]
    ) -> ProviderError:
        """What to raise when Azure accepted a write: the engine must keep what exists."""
        if isinstance(error, OperationFailedError | Cancelled):
            return Partial(id=id_, state=state, inputs=inputs, reasons=[str(error)])
        return error
