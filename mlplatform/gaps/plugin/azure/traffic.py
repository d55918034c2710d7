"""`mlgap:azure:EndpointTraffic`: how an endpoint divides its requests among its deployments.

The traffic can name deployments only once they exist, so it is a resource of its own, behind them:
set after they are ready, emptied before they go.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.gaps.plugin.azure.rollout import METRICS_API, Rollout, breach, query, steps
from mlplatform.provider.model import Context, ProviderError

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
            parts = {part: inputs.get(part) or {} for part in _PARTS}
            self._set(ctx, id, parts, Rollout.read(inputs))
        return dict(inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        in_path, found = self._shown(ctx, bodies.ENDPOINT, id, "an endpoint")
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
        rollout: Rollout | None = None,
        *,
        missing_is_done: bool = False,
    ) -> None:
        """Step by step to what is asked for, and back where the metrics speak against it."""
        first = self._live(ctx, id_)
        if first is None:
            if missing_is_done:
                return
            raise ProviderError(f"there is no endpoint {id_}")
        start = _shares(first.get("traffic"))
        way = steps(start, _shares(parts["traffic"]), rollout)
        for position, shares in enumerate(way):
            begun = _now()
            self._write(ctx, id_, {**parts, "traffic": shares}, missing_is_done=missing_is_done)
            if rollout is None or position == len(way) - 1:
                continue
            ctx.status(f"{_words(shares)}; watching for {rollout.wait_s:g} s")
            ctx.wait(rollout.wait_s)
            gaining = [name for name, share in shares.items() if share > start.get(name, 0)]
            against = self._against(ctx, id_, gaining, begun, rollout)
            if against is not None:
                self._write(ctx, id_, {**parts, "traffic": start})
                raise ProviderError(
                    f"{against}: the traffic went back to {_words(start)}; the deployments that "
                    "were to take over are there, without traffic"
                )

    def _against(
        self, ctx: Context, id_: str, gaining: list[str], begun: str, rollout: Rollout
    ) -> str | None:
        if rollout.max_error_percent is None and rollout.max_latency_ms is None:
            return None
        path, wanted = query(id_, gaining, begun, _now())
        _, answer = self._cloud.call(ctx, "GET", path, METRICS_API, query=wanted)
        return breach(answer, rollout)

    def _live(self, ctx: Context, id_: str) -> dict[str, Any] | None:
        endpoint = self._work(ctx).at_rest(id_)
        return bodies.traffic_of(endpoint) if endpoint is not None else None

    def _write(
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


def _words(shares: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {share} %" for name, share in sorted(shares.items())) or "nobody"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
