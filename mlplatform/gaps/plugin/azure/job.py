"""`mlgap:azure:Job`: one run of one definition of training.

Azure ML uses up the name of a job, changes nothing of it and keeps its record. So a run is named by
the hash of its definition: a create that is tried again finds what the last one started, another
definition is another run, and one that failed is started again under the next name. Deleting
cancels what still runs and archives the record (docs/adr/0025).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import gap_job
from mlplatform.gaps.plugin.azure import marks
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.gaps.plugin.azure.cloud import AzureError
from mlplatform.gaps.plugin.azure.waiting import API_VERSION, Json, Work, name
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN, has_unknown

_OVER = frozenset({"completed", "failed", "canceled", "notresponding"})
_IN_VAIN = frozenset({"failed", "canceled", "notresponding"})
"""States of a job that ended (azure-ai-ml, JobStatus), and of one that left nothing."""
_READ_ONLY = frozenset({"status", "services", "parameters"})
_MOST_TRIES = 100
_RUN = re.compile(r"-[0-9a-f]{12}(-\d+)?$")
"""What the name of a run adds to that of its job: a hash, and a number from the second try on."""


class Job(OnEndpoint):
    """Answers for one run."""

    token = gap_job.TOKEN

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, "runName": gap_job.run_name(inputs), "status": UNKNOWN}
        work, first = self._work(ctx), self._id(inputs)
        id_, found = self._free(ctx, work, first)
        if found is None:
            definition = gap_job.wire(inputs)
            definition["tags"] = marks.marked(definition.get("tags"), ctx.urn)
            work.write("PUT", id_, {"properties": definition})
            found = work.get(id_)
        return id_, _outputs(inputs, id_, found)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del ctx, id, old_inputs
        return {**old_state, **inputs}

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        steps = id.strip("/").split("/")
        if len(steps) != 10 or steps[8].lower() != "jobs":
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of a job")
        found = self._work(ctx).get(id)
        if found is None or found["properties"].get("isArchived"):
            raise NotFound(f"there is no job {id}")
        if not inputs:
            live = {k: v for k, v in found["properties"].items() if k not in _READ_ONLY}
            live["tags"] = marks.declared(live.get("tags"))
            definition = {k: v for k, v in live.items() if v not in (None, {}, False)}
            inputs = {
                "resourceGroupName": steps[3],
                "workspaceName": steps[7],
                "jobName": _RUN.sub("", steps[9]),
                "definition": definition,
            }
        return id, inputs, _outputs(inputs, id, found)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        work = self._work(ctx)
        found = work.get(id)
        if found is None or found["properties"].get("isArchived"):
            return
        if not _is(found, _OVER):
            try:
                self._cloud.call(ctx, "POST", f"{id}/cancel", API_VERSION)
            except AzureError:
                # It may have ended meanwhile, and then there is nothing to cancel.
                found = work.get(id)
                if found is not None and not _is(found, _OVER):
                    raise
        found = work.get(id)
        if found is not None:
            kept = {k: v for k, v in found["properties"].items() if k not in _READ_ONLY}
            work.write("PUT", id, {"properties": {**kept, "isArchived": True}})

    def _free(self, ctx: Context, work: Work, first: str) -> tuple[str, Json | None]:
        """The run that is wanted, if it was started; else the first name that nobody used up."""
        for number in range(1, _MOST_TRIES + 1):
            id_ = first if number == 1 else f"{first}-{number}"
            found = work.get(id_)
            if found is None:
                return id_, None
            properties = found["properties"]
            if not marks.is_mine(properties, ctx.urn):
                raise ProviderError(
                    f"the job {name(id_)} exists already and this stack did not start it; choose "
                    f"another name, or take it over with 'pulumi import {self.token} {ctx.name} "
                    f"{id_}'"
                )
            if not properties.get("isArchived") and not _is(found, _IN_VAIN):
                return id_, found
        raise ProviderError(f"{name(first)} failed {_MOST_TRIES} times; change its definition")

    def _known_id(self, inputs: dict[str, Any]) -> str:
        unknown = any(has_unknown(inputs.get(one)) for one in gap_job.INPUTS)
        return UNKNOWN if unknown else self._id(inputs)

    def _id(self, inputs: dict[str, Any]) -> str:
        return (
            f"/subscriptions/{self._cloud.subscription_id}/resourceGroups/"
            f"{inputs['resourceGroupName']}/providers/Microsoft.MachineLearningServices/workspaces/"
            f"{inputs['workspaceName']}/jobs/{gap_job.run_name(inputs)}"
        )


def _outputs(inputs: Mapping[str, Any], id_: str, found: Json | None) -> dict[str, Any]:
    status = str((found or {}).get("properties", {}).get("status", ""))
    return {**inputs, "runName": name(id_), "status": status}


def _is(found: Json, states: frozenset[str]) -> bool:
    return str(found["properties"].get("status", "")).lower() in states
