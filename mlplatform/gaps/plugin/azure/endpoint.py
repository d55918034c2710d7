"""`mlgap:azure:OnlineEndpoint`: a managed online endpoint whose updates keep the live traffic.

Azure drops the traffic of an endpoint with every PUT that does not carry it, and its PATCH carries
tags and identity only. So each write here first reads the traffic and sends it along. The traffic
itself belongs to `mlgap:azure:EndpointTraffic`.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure import bodies, marks
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.gaps.plugin.azure.waiting import Json, Work, state
from mlplatform.provider.model import Context, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN

_OUTPUTS = ("scoringUri", "swaggerUri")
_ELSEWHERE = ("traffic", "mirrorTraffic")


class OnlineEndpoint(OnEndpoint):
    """Answers for one endpoint."""

    token = "mlgap:azure:OnlineEndpoint"

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            filled = dict.fromkeys(_OUTPUTS, UNKNOWN)
            return "", {**inputs, **filled, "endpointId": self._known_id(inputs)}
        id_ = self._endpoint_id(inputs)
        work = self._work(ctx)
        found = work.at_rest(id_)
        if found is not None and not marks.is_mine(found, ctx.urn):
            raise ProviderError(
                f"the endpoint {inputs['endpointName']} exists already and this stack did not make "
                "it; choose another name, or take it over with "
                f"'pulumi import {self.token} {ctx.name} {id_}'"
            )
        return id_, self._put(ctx, work, id_, inputs, found)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs
        if ctx.preview:
            filled = {name: old_state.get(name, UNKNOWN) for name in (*_OUTPUTS, "endpointId")}
            return {**inputs, **filled}
        work = self._work(ctx)
        with self._cloud.alone(id):
            return self._put(ctx, work, id, inputs, work.at_rest(id))

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        in_path, found = self._shown(ctx, bodies.ENDPOINT, id, "an endpoint")
        seen = self._seen(found, in_path, inputs)
        now = self._outputs(seen, found)
        if _failed(found):
            # As Partial, so that the next update mends it though no input changed.
            raise Partial(id=id, state=now, inputs=seen, reasons=[f"endpoint {id} is Failed"])
        return id, seen, now

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        self._work(ctx).delete(id)

    def _put(
        self, ctx: Context, work: Work, id_: str, inputs: dict[str, Any], live: Json | None
    ) -> dict[str, Any]:
        body = bodies.from_inputs(bodies.ENDPOINT, inputs, self._cloud.subscription_id)
        body["tags"] = marks.marked(inputs.get("tags"), ctx.urn)
        body["properties"] |= bodies.traffic_of(live)
        kept = {**inputs, **dict.fromkeys(_OUTPUTS, ""), "endpointId": id_}
        try:
            work.write("PUT", id_, body)
            found = work.get(id_)
        except ProviderError as error:
            raise self._kept(error, id_, kept, inputs) from error
        if found is None:
            raise ProviderError(f"the endpoint {id_} was deleted by somebody else meanwhile")
        return self._outputs(inputs, found)

    def _outputs(self, inputs: dict[str, Any], found: Json) -> dict[str, Any]:
        filled = {name: found["properties"].get(name, "") for name in _OUTPUTS}
        return {**inputs, **filled, "endpointId": found["id"]}

    def _seen(self, found: Json, in_path: dict[str, str], inputs: dict[str, Any]) -> dict[str, Any]:
        """What the endpoint has, as inputs: declared members only, all of them for an import."""
        shown = contract.project(bodies.ENDPOINT, contract.outputs(bodies.ENDPOINT, found))
        shown["properties"] = {
            k: v
            for k, v in shown["properties"].items()
            if k not in _ELSEWHERE and v not in ({}, "")
        }
        shown["tags"] = marks.declared(found.get("tags"))
        if not inputs:
            wanted = ("location", "identity", "properties", "tags")
            return {**in_path, **{k: shown[k] for k in wanted if shown.get(k)}}
        seen = {k: shown.get(k, v) if k not in in_path else v for k, v in inputs.items()}
        declared = inputs.get("properties") or {}
        seen["properties"] = {k: shown["properties"].get(k, v) for k, v in declared.items()}
        return seen


def _failed(found: Json) -> bool:
    return state(found).lower() in ("failed", "canceled")
