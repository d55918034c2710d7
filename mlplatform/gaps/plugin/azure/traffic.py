"""`mlgap:azure:EndpointTraffic`: how an endpoint divides its requests among its deployments.

The traffic can name deployments only once they exist, so it is a resource of its own, behind them:
set after they are ready, emptied before they go.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.provider.model import Context, NotFound, ProviderError

_PARTS = ("traffic", "mirrorTraffic")


class EndpointTraffic(OnEndpoint):
    """Answers for the traffic of one endpoint; its id is the endpoint's."""

    token = "mlgap:azure:EndpointTraffic"

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", dict(inputs)
        id_ = self._endpoint_id(inputs)
        self._set(ctx, id_, {part: inputs.get(part) or {} for part in _PARTS})
        return id_, dict(inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs, old_state
        if not ctx.preview:
            self._set(ctx, id, {part: inputs.get(part) or {} for part in _PARTS})
        return dict(inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        in_path = contract.inputs(bodies.ENDPOINT, id)
        if in_path is None:
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of an endpoint")
        found = self._work(ctx).get(id)
        if found is None:
            raise NotFound(f"there is no endpoint {id}")
        live = bodies.traffic_of(found)
        seen = {**in_path, **inputs, "traffic": _shares(live.get("traffic"))}
        if live.get("mirrorTraffic") or "mirrorTraffic" in inputs:
            seen["mirrorTraffic"] = _shares(live.get("mirrorTraffic"))
        declared = inputs.get("traffic") or {}
        seen["traffic"] |= {
            name: 0
            for name, share in declared.items()
            if share == 0 and name not in seen["traffic"]
        }
        return id, seen, dict(seen)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        self._set(ctx, id, {part: {} for part in _PARTS}, missing_is_done=True)

    def _set(
        self,
        ctx: Context,
        id_: str,
        parts: dict[str, dict[str, int]],
        *,
        missing_is_done: bool = False,
    ) -> None:
        """Read, change, write back the whole endpoint; nothing when it is as it should be."""
        work = self._work(ctx)
        with self._cloud.alone(id_):
            endpoint = work.at_rest(id_)
            if endpoint is None:
                if missing_is_done:
                    return
                raise ProviderError(f"there is no endpoint {id_}")
            live = bodies.traffic_of(endpoint)
            if all(_shares(live.get(part)) == _shares(parts[part]) for part in _PARTS):
                return
            body = bodies.writable(endpoint)
            body["properties"] |= parts
            work.write("PUT", id_, body)


def _shares(part: Any) -> dict[str, int]:
    """Without zeros: no share and a share of 0 are the same."""
    return {name: int(share) for name, share in (part or {}).items() if share}
