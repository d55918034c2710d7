"""`mlgap:azure:BatchDefault`: which deployment of a batch endpoint answers those who name none.

The endpoint can name a deployment only once it exists, and a deployment is on the endpoint, so this
is a resource of its own behind both: set after the deployments, moved before one goes. The ordinary
endpoint's PUT carries no default and so drops it: `endpointTags`, the one thing of the endpoint
that changes in place, is an input here, so that the same `up` sets the default again.
"""

from __future__ import annotations

from typing import Any

from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.provider.model import Context, ProviderError


class BatchDefault(OnEndpoint):
    """Answers for the default of one endpoint; its id is the endpoint's."""

    token = "mlgap:azure:BatchDefault"

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", dict(inputs)
        id_ = self._id(inputs)
        self._set(ctx, id_, str(inputs["deploymentName"]))
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
            self._set(ctx, id, str(inputs["deploymentName"]))
        return dict(inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        in_path, found = self._shown(ctx, bodies.BATCH_ENDPOINT, id, "a batch endpoint")
        seen = {**in_path, **inputs, "deploymentName": _default(found)}
        if not inputs and found.get("tags"):
            seen["endpointTags"] = dict(found["tags"])
        return id, seen, dict(seen)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        self._set(ctx, id, "", missing_is_done=True)

    def _id(self, inputs: dict[str, Any]) -> str:
        return bodies.endpoint_path(self._cloud.subscription_id, inputs, kind="batchEndpoints")

    def _set(self, ctx: Context, id_: str, name: str, *, missing_is_done: bool = False) -> None:
        """Read, change, write back the whole endpoint; nothing when it is as it should be."""
        work = self._work(ctx)
        with self._cloud.alone(id_):
            endpoint = work.at_rest(id_)
            if endpoint is None:
                if missing_is_done:
                    return
                raise ProviderError(f"there is no endpoint {id_}")
            if _default(endpoint) == name:
                return
            body = bodies.writable(endpoint)
            body["properties"]["defaults"] = {"deploymentName": name} if name else {}
            work.write("PUT", id_, body)


def _default(endpoint: dict[str, Any]) -> str:
    return str(((endpoint.get("properties") or {}).get("defaults") or {}).get("deploymentName", ""))
