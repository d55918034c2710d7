"""``mlgap:gcp:EndpointDeployments``: every model on an endpoint, and the traffic split, as one.

The split is one map of the endpoint, so resources of their own for each deployed model would race
for it (docs/adr/0008). Who owns it here: this resource owns all deployed models of the endpoint.
Live replica counts are autoscaling's and are never written.
"""

from __future__ import annotations

from typing import Any

from mlplatform import judged
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.gaps.plugin.gcp import rollout, shapes
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.gaps.plugin.gcp.traffic import Traffic
from mlplatform.gaps.plugin.gcp.work import Work
from mlplatform.provider.model import (
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, has_unknown


class EndpointDeployments(ByContract[GcpCloud]):
    """Answers for the deployments of one endpoint; made once for each call."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id
        # Against the outputs: after a failed update they tell what the endpoint really has.
        before = {**old_inputs, "deployments": old_state.get("deployments", {})}
        changes = judged.changes(ctx.token, before, inputs)
        moved = any(change.replace for change in changes)
        return Diff(changes=tuple(changes), delete_before_replace=not moved)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        ident = f"{inputs['endpoint']}/deployments"
        if ctx.preview:
            return "", _foreseen(ctx.urn, inputs)
        return ident, self._converged(ctx, ident, inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs, old_state
        if ctx.preview:
            return _foreseen(ctx.urn, inputs)
        return self._converged(ctx, id, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        endpoint = _endpoint_of(id, self._cloud.parent)
        traffic = Traffic(Work(ctx, self._cloud), endpoint)
        found = traffic.endpoint()
        if found is None or not found.deployed_models:
            raise NotFound(f"endpoint {endpoint} has no deployed models")
        known = {v: k for k, v in (state.get("deployedModelIds") or {}).items()}
        seen = {"endpoint": inputs.get("endpoint", endpoint)}
        if inputs.get("rollout"):
            seen["rollout"] = inputs["rollout"]  # mlgap's own: no endpoint tells it
        shown, ids = _shown(found, known, inputs.get("deployments") or {})
        state = {**seen, "deployments": shown, "deployedModelIds": ids}
        return f"{endpoint}/deployments", {**seen, "deployments": shown}, state

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        endpoint = _endpoint_of(id, self._cloud.parent)
        traffic = Traffic(Work(ctx, self._cloud), endpoint)
        traffic.quiet()
        if traffic.endpoint() is None:
            raise NotFound(f"there is no endpoint {endpoint}")
        traffic.empty()

    def _converged(self, ctx: Context, ident: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Make the endpoint serve what is declared; the outputs."""
        traffic = Traffic(Work(ctx, self._cloud), inputs["endpoint"])
        traffic.quiet()
        try:
            ids = traffic.converge(ctx.urn, inputs["deployments"], rollout.of(inputs))
        except ProviderError as error:
            state = self._after_failure(ctx, inputs)
            if not state["deployments"] and not traffic.busy():
                raise
            raise Partial(id=ident, state=state, inputs=inputs, reasons=[str(error)]) from error
        return {**inputs, "deployedModelIds": ids}

    def _after_failure(self, ctx: Context, inputs: dict[str, Any]) -> dict[str, Any]:
        """What the endpoint really has, for the engine's state."""
        found = Traffic(Work(ctx, self._cloud), inputs["endpoint"]).endpoint()
        names: dict[str, str] = {}
        for name, deployment in inputs["deployments"].items():
            names |= dict.fromkeys(shapes.ids(ctx.urn, name, deployment), name)
        shown, ids = ({}, {}) if found is None else _shown(found, names, inputs["deployments"])
        return {"endpoint": inputs["endpoint"], "deployments": shown, "deployedModelIds": ids}


def _shown(
    endpoint: Any, known: dict[str, str], declared: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(deployments, their ids) of the endpoint, under the names that the program gave them."""
    split = dict(endpoint.traffic_split)
    shown: dict[str, Any] = {}
    ids: dict[str, str] = {}
    for deployed in endpoint.deployed_models:
        name = known.get(deployed.id)
        if name is None or name in shown:
            name = deployed.display_name
            if not name or name in shown or name in known.values():
                name = f"{name or 'deployed'}-{deployed.id}"
        shown[name] = shapes.seen(deployed, split, declared.get(name, {}))
        ids[name] = deployed.id
    return shown, ids


def _foreseen(urn: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What a preview can say: ids follow from what is declared, once all of that is known."""
    deployments = inputs.get("deployments")
    if not isinstance(deployments, dict):
        return {**inputs, "deployedModelIds": UNKNOWN}
    ids = {
        name: UNKNOWN
        if has_unknown(deployment) or not isinstance(deployment, dict)
        else shapes.ids(urn, name, deployment)[0]
        for name, deployment in deployments.items()
    }
    return {**inputs, "deployedModelIds": ids}


def _endpoint_of(ident: str, parent: str) -> str:
    """The endpoint's name from an id; an import may give the endpoint's own id alone."""
    name = ident.removesuffix("/deployments")
    return name if "/" in name else f"{parent}/endpoints/{name}"
