"""Model monitoring version 2: what monitors and their schedules refer to; nothing is computed here.

Read: one monitor for a model version, and request logging on a watched endpoint ("Set up model
monitoring"); a monitor with schedules goes by `force` only (DeleteModelMonitorRequest); the type of
a schedule's request stays (UpdateScheduleRequest). That a monitor keeps its model is believed: the
vendor's `ModelMonitor.update` has no parameter for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlplatform.sandbox.clouds.gcp.models import Models
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.vertex import Asked, Vertex
from mlplatform.sandbox.clouds.gcp.world import Document

_MONITORS, _SCHEDULES = "modelMonitors", "schedules"
_REQUEST = "createModelMonitoringJobRequest"
_LOGGING = "predictRequestResponseLoggingConfig"


class Monitors:
    """Guards of both collections, and the deletion of a monitor."""

    def __init__(self, vertex: Vertex, models: Models) -> None:
        self._vertex, self._models = vertex, models
        vertex.hooks["DeleteModelMonitor"] = self._delete
        vertex.guards |= {_MONITORS: self._monitor, _SCHEDULES: self._schedule}

    def _delete(self, asked: Asked) -> Document:
        self._vertex.get(asked.name)
        using = [
            str(schedule["name"])
            for schedule in self._others(asked.name, _SCHEDULES)
            if schedule.get(_REQUEST, {}).get("parent") == asked.name
        ]
        if using and not asked.request.get("force"):
            message = f"{asked.name} has schedules: {', '.join(using)}. Delete them, or set force."
            raise Refusal("FAILED_PRECONDITION", message)
        for name in using:
            del self._vertex.world.objects[self._vertex.key(name)]
        return self._vertex.delete(asked)

    def _monitor(self, name: str, monitor: Document) -> None:
        target = _target(monitor)
        if not target.get("model"):
            message = "model_monitoring_target.vertex_model.model is required."
            raise Refusal("INVALID_ARGUMENT", message)
        version = f"@{target['modelVersionId']}" if target.get("modelVersionId") else ""
        self._models.find(f"{target['model']}{version}")
        before = self._vertex.world.objects.get(self._vertex.key(name))
        if before is not None and _target(before) != target:
            raise Refusal("INVALID_ARGUMENT", "model_monitoring_target is immutable.")
        for other in self._others(name, _MONITORS):
            if other["name"] != name and _target(other) == target:
                message = f"{other['name']} already monitors {target['model']}{version}."
                raise Refusal("ALREADY_EXISTS", message)

    def _schedule(self, _: str, schedule: Document) -> None:
        request = schedule.get(_REQUEST)
        if not request:
            return
        monitor = self._vertex.get(str(request["parent"]))
        spec = request.get("modelMonitoringJob", {}).get("modelMonitoringSpec", {})
        objective = spec.get("objectiveSpec", {})
        for dataset in ("targetDataset", "baselineDataset"):
            logs = objective.get(dataset, {}).get("vertexEndpointLogs", {})
            for endpoint in logs.get("endpoints", ()):
                self._logged(str(endpoint), _target(monitor))

    def _logged(self, name: str, target: Document) -> None:
        endpoint = self._vertex.get(name)
        if not endpoint.get(_LOGGING, {}).get("enabled"):
            message = f"Endpoint {name} has no request response logging."
            raise Refusal("FAILED_PRECONDITION", message)
        wanted = (target["model"], target.get("modelVersionId"))
        there = [
            (str(one["model"]).partition("@")[0], one.get("modelVersionId"))
            for one in endpoint.get("deployedModels", ())
        ]
        if wanted not in there:
            message = f"Endpoint {name} has no deployed model of {wanted[0]}@{wanted[1]}."
            raise Refusal("FAILED_PRECONDITION", message)

    def _others(self, name: str, collection: str) -> Iterator[Document]:
        parent = "/".join(name.split("/")[:4])
        prefix = self._vertex.key(f"{parent}/{collection}/")
        for _, found in list(self._vertex.world.children(prefix)):
            yield found


def _target(monitor: Document) -> Document:
    found: Document = monitor.get("modelMonitoringTarget", {}).get("vertexModel", {})
    return found
