"""`mlgap:azure:OnlineDeployment`: a deployment whose live count no unrelated change resets.

Azure keeps the count of a deployment in `sku.capacity`, autoscaling moves it, and every PUT sets
it. So each PUT here first reads the count and sends it along, brought into the declared bounds.
Tags and counts alone go by PATCH, which does not touch the containers.

The instance type of a deployment cannot change. It is part of the name, so another type is another
deployment: the new one comes first, the traffic moves to it, and the old one goes last.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts import azure as contract
from mlplatform.contracts.azure import gap_deployment
from mlplatform.contracts.paths import differences, names
from mlplatform.gaps.plugin.azure import bodies, marks, shares
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.gaps.plugin.azure.waiting import Json, Work, state
from mlplatform.provider.model import Context, Failure, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN, has_unknown

_PATCHED = frozenset({"tags", "minInstances", "maxInstances"})
_DECLARED = ("location", "properties", "tags")


class OnlineDeployment(OnEndpoint):
    """Answers for one deployment."""

    token = "mlgap:azure:OnlineDeployment"

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        given, failures = super().check(ctx, inputs, old_inputs)
        variant, properties = given.get("variant"), given.get("properties")
        if isinstance(variant, str) and isinstance(properties, dict):
            given.setdefault("deploymentName", gap_deployment.deployment_name(variant, properties))
        return given, failures

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, "deploymentId": self._known_id(inputs)}
        id_ = self._id(inputs)
        work = self._work(ctx)
        found = work.at_rest(id_)
        if found is not None and not marks.is_mine(found, ctx.urn):
            raise ProviderError(
                f"the deployment {inputs['deploymentName']} exists already and this stack did not "
                "make it; choose another variant name, or take it over with "
                f"'pulumi import {self.token} {ctx.name} {id_}'"
            )
        self._put(ctx, work, id_, inputs, found)
        return id_, {**inputs, "deploymentId": id_}

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_state
        outputs = {**inputs, "deploymentId": id}
        if ctx.preview:
            return outputs
        work = self._work(ctx)
        live = work.at_rest(id)
        changed = {names(found.path)[0] for found in differences(old_inputs, inputs)}
        # A repeated update after a failure has no difference, and must send everything.
        if live is not None and changed and changed <= _PATCHED and not _failed(live):
            self._patch(ctx, work, id, inputs, live)
        else:
            self._put(ctx, work, id, inputs, live)
        return outputs

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        in_path, found = self._shown(ctx, bodies.DEPLOYMENT, id, "a deployment")
        seen = _seen(found, in_path, inputs)
        now = {**seen, "deploymentId": found["id"]}
        if _failed(found):
            # As Partial, so that the next update mends it though no input changed.
            raise Partial(id=id, state=now, inputs=seen, reasons=[f"deployment {id} is Failed"])
        return id, seen, now

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        work = self._work(ctx)
        endpoint_id, _, name = id.rpartition("/deployments/")
        with self._cloud.alone(endpoint_id):
            self._hand_over_traffic(work, endpoint_id, name)
        work.delete(id)

    def _known_id(self, inputs: dict[str, Any]) -> str:
        id_ = super()._known_id(inputs)
        return UNKNOWN if has_unknown([id_, inputs.get("deploymentName")]) else self._id(inputs)

    def _id(self, inputs: dict[str, Any]) -> str:
        return f"{self._endpoint_id(inputs)}/deployments/{inputs['deploymentName']}"

    def _put(
        self, ctx: Context, work: Work, id_: str, inputs: dict[str, Any], live: Json | None
    ) -> None:
        native = gap_deployment.native_deployment(inputs)
        body = bodies.from_inputs(bodies.DEPLOYMENT, native, self._cloud.subscription_id)
        body["tags"] = self._tags(ctx, inputs)
        predecessor = None if live is not None else self._predecessor(work, id_, inputs)
        body["sku"] = {"name": "Default", "capacity": count(live or predecessor, inputs)}
        try:
            work.write("PUT", id_, body)
        except ProviderError as error:
            kept = {**inputs, "deploymentId": id_}
            raise self._kept(error, id_, kept, inputs) from error

    def _patch(
        self, ctx: Context, work: Work, id_: str, inputs: dict[str, Any], live: Json
    ) -> None:
        body: Json = {"tags": self._tags(ctx, inputs)}
        wanted = count(live, inputs)
        if wanted != _live_count(live):
            body["sku"] = {"name": "Default", "capacity": wanted}
        try:
            work.write("PATCH", id_, body)
        except ProviderError as error:
            kept = {**inputs, "deploymentId": id_}
            raise self._kept(error, id_, kept, inputs) from error

    def _predecessor(self, work: Work, id_: str, inputs: dict[str, Any]) -> Json | None:
        """The largest deployment of the same variant: the new one takes its load over, so it
        starts with as many instances.
        """
        collection, _, name = id_.rpartition("/")
        same = [
            other
            for other in work.children(collection)
            if other["name"] != name
            and (other.get("tags") or {}).get(marks.VARIANT) == inputs["variant"]
        ]
        return max(same, key=lambda other: _live_count(other) or 0, default=None)

    def _tags(self, ctx: Context, inputs: dict[str, Any]) -> dict[str, str]:
        return marks.marked(inputs.get("tags"), ctx.urn, **{marks.VARIANT: inputs["variant"]})

    def _hand_over_traffic(self, work: Work, endpoint_id: str, name: str) -> None:
        """Azure refuses to delete what takes traffic; see `shares.without` for who takes over."""
        endpoint = work.at_rest(endpoint_id)
        if endpoint is None:
            return
        traffic = bodies.traffic_of(endpoint)
        if not any(name in part for part in traffic.values()):
            return
        variants = {
            str(other["name"]): str((other.get("tags") or {}).get(marks.VARIANT, other["name"]))
            for other in work.children(f"{endpoint_id}/deployments")
            if not _failed(other) or other["name"] == name
        }
        body = bodies.writable(endpoint)
        live = traffic.get("traffic", {})
        body["properties"]["traffic"] = shares.without(live, name, variants)
        mirrored = traffic.get("mirrorTraffic", {})
        body["properties"]["mirrorTraffic"] = {k: v for k, v in mirrored.items() if k != name}
        work.write("PUT", endpoint_id, body)


def count(live: Json | None, inputs: dict[str, Any]) -> int:
    """The count to send: the live one, brought into the bounds; the minimum where there is none."""
    low, high = int(inputs["minInstances"]), int(inputs["maxInstances"])
    now = _live_count(live)
    return low if now is None else max(low, min(now, high))


def _live_count(live: Json | None) -> int | None:
    capacity = ((live or {}).get("sku") or {}).get("capacity")
    return int(capacity) if capacity is not None else None


def _seen(found: Json, in_path: dict[str, str], inputs: dict[str, Any]) -> dict[str, Any]:
    """What the deployment has, as inputs: declared members only, all of them for an import."""
    shown = contract.project(bodies.DEPLOYMENT, contract.outputs(bodies.DEPLOYMENT, found))
    shown["tags"] = marks.declared(found.get("tags"))
    if not inputs:
        live = _live_count(found) or 1
        properties = {k: v for k, v in shown["properties"].items() if v not in ({}, "")}
        return {
            **in_path,
            "location": shown["location"],
            "variant": (found.get("tags") or {}).get(marks.VARIANT, found["name"]),
            "minInstances": live,
            "maxInstances": live,
            "properties": properties,
            **({"tags": shown["tags"]} if shown["tags"] else {}),
        }
    seen = {k: shown.get(k, v) if k in _DECLARED else v for k, v in inputs.items()}
    declared = inputs.get("properties") or {}
    seen["properties"] = {k: shown["properties"].get(k, v) for k, v in declared.items()}
    return seen


def _failed(found: Json) -> bool:
    return state(found).lower() in ("failed", "canceled")
