"""What the three resources on an Azure endpoint share: judging inputs, and the id of the endpoint.

Every operation starts from what Azure shows, never from what the last run meant to do, so that it
can be called again after a kill at any point. Who owns what: docs/adr/0009.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform import judged
from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.waiting import OperationFailedError, Work
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.provider.model import (
    Cancelled,
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, has_unknown


class OnEndpoint(ByContract[AzureCloud]):
    """Answers for one resource, on an endpoint as a rule; made once for each call."""

    token: ClassVar[str]
    place: ClassVar[tuple[str, ...]] = ("resourceGroupName", "workspaceName", "endpointName")
    """Inputs that the resource id is made of."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del old_state
        changes = judged.changes(ctx.token, old_inputs, inputs)
        # Two objects of one id cannot be: who forces a replace of one gets delete first.
        return Diff(changes=tuple(changes), delete_before_replace=self._known_id(inputs) == id)

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

    def _shown(
        self, ctx: Context, token: str, id_: str, noun: str
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """The inputs that an id tells, and what Azure shows under it.

        Raises ``ProviderError`` for an id of something else and ``NotFound`` for what is gone.
        """
        in_path = contract.inputs(token, id_)
        if in_path is None:
            raise ProviderError(f"got the id {id_!r}, allowed: the resource id of {noun}")
        found = self._work(ctx).get(id_)
        if found is None:
            raise NotFound(f"there is no {noun.split()[-1]} {id_}")
        return in_path, found

    def _kept(
        self, error: ProviderError, id_: str, state: dict[str, Any], inputs: dict[str, Any]
    ) -> ProviderError:
        """What to raise when Azure accepted a write: the engine must keep what exists."""
        if isinstance(error, OperationFailedError | Cancelled):
            return Partial(id=id_, state=state, inputs=inputs, reasons=[str(error)])
        return error
