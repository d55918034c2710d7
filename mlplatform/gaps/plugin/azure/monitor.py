"""`mlgap:azure:MonitorSchedule`: a monitor in the words of an older version of the API.

The version that the ordinary provider speaks lacks the signal that compares predictions with what
came true, so this one is written and read in the version that has it, as
`contracts/azure/gap_monitor` says.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts.azure.gap_monitor import API_VERSION, DECLARED, PLACE, TOKEN
from mlplatform.gaps.plugin.azure import marks
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.gaps.plugin.azure.declared import shown
from mlplatform.gaps.plugin.azure.waiting import Work
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN, has_unknown


class MonitorSchedule(OnEndpoint):
    """Answers for one schedule."""

    token = TOKEN

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", dict(inputs)
        id_ = self._id(inputs)
        work = self._work(ctx)
        found = work.at_rest(id_)
        if found is not None and not marks.is_mine(found["properties"], ctx.urn):
            raise ProviderError(
                f"the schedule {inputs['name']} exists already and this stack did not make it; "
                "choose another name, or take it over with "
                f"'pulumi import {self.token} {ctx.name} {id_}'"
            )
        return id_, self._put(ctx, work, id_, inputs)

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
            return dict(inputs)
        work = self._work(ctx)
        work.at_rest(id)
        return self._put(ctx, work, id, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        steps = id.strip("/").split("/")
        if len(steps) != 10 or steps[8].lower() != "schedules":
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of a schedule")
        found = self._work(ctx).get(id)
        if found is None:
            raise NotFound(f"there is no schedule {id}")
        live = dict(found["properties"])
        live["tags"] = marks.declared(live.get("tags"))
        declared = inputs.get("properties") or {
            name: live[name] for name in DECLARED if live.get(name) not in (None, {}, "")
        }
        place = dict(zip(PLACE, (steps[3], steps[7], steps[9]), strict=True))
        seen = {**place, "properties": shown(declared, live)}
        return id, seen, dict(seen)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        self._work(ctx).delete(id)

    def _put(self, ctx: Context, work: Work, id_: str, inputs: dict[str, Any]) -> dict[str, Any]:
        properties = dict(inputs["properties"])
        properties["tags"] = marks.marked(properties.get("tags"), ctx.urn)
        try:
            work.write("PUT", id_, {"properties": properties})
        except ProviderError as error:
            raise self._kept(error, id_, dict(inputs), inputs) from error
        return dict(inputs)

    def _known_id(self, inputs: dict[str, Any]) -> str:
        return UNKNOWN if any(has_unknown(inputs.get(name)) for name in PLACE) else self._id(inputs)

    def _id(self, inputs: dict[str, Any]) -> str:
        return (
            f"/subscriptions/{self._cloud.subscription_id}/resourceGroups/"
            f"{inputs['resourceGroupName']}/providers/Microsoft.MachineLearningServices/workspaces/"
            f"{inputs['workspaceName']}/schedules/{inputs['name']}"
        )

    def _work(self, ctx: Context) -> Work:
        return Work(ctx, self._cloud, API_VERSION)
