"""Vertex AI jobs and monitoring: what they refer to must exist, and how their states go on.

A run is RUNNING at once and SUCCEEDED a moment later; nothing is computed here. A monitoring job
runs until it is paused. Sources: aiplatform JobState, DeleteCustomJob, PauseModelDeployment...;
that only ended or paused jobs can be deleted is believed.
"""

from __future__ import annotations

from collections.abc import Callable

from mlplatform.sandbox.clouds.gcp import networks, operations, policies
from mlplatform.sandbox.clouds.gcp.models import Models
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.vertex import Asked, Vertex
from mlplatform.sandbox.clouds.gcp.world import Document

_RUNS = {
    "CustomJob": ("customJobs", "JOB_STATE"),
    "HyperparameterTuningJob": ("hyperparameterTuningJobs", "JOB_STATE"),
    "TrainingPipeline": ("trainingPipelines", "PIPELINE_STATE"),
}
_WATCH = "modelDeploymentMonitoringJobs"
_RUN_TAKES = 20.0
"""How many times longer than any other operation a run takes."""
_HOUR_S = 3600


class Jobs:
    """Hooks and guards of the collections."""

    def __init__(self, vertex: Vertex, models: Models) -> None:
        self._vertex = vertex
        self._models = models
        for message, (collection, states) in _RUNS.items():
            vertex.hooks[f"Create{message}"] = self._starts(collection, states)
            vertex.hooks[f"Cancel{message}"] = self._cancels(states)
            vertex.hooks[f"Delete{message}"] = self._deletes(states)
        vertex.hooks |= {
            "CreateModelDeploymentMonitoringJob": self._watch,
            "PauseModelDeploymentMonitoringJob": lambda a: self._turn(a, "JOB_STATE_PAUSED"),
            "ResumeModelDeploymentMonitoringJob": lambda a: self._turn(a, "JOB_STATE_RUNNING"),
            "DeleteModelDeploymentMonitoringJob": self._deletes("JOB_STATE"),
        }
        vertex.guards |= {
            _WATCH: self._watched,
            "customJobs": lambda name, job: self._placed(name, job.get("jobSpec", {})),
            "hyperparameterTuningJobs": lambda name, job: self._placed(
                name, job.get("trialJobSpec", {})
            ),
            "persistentResources": self._placed,
            "trainingPipelines": lambda name, run: self._placed(
                name, run.get("trainingTaskInputs", {})
            ),
        }
        vertex.world.effects["vertex.ran"] = self._ran

    def _starts(self, collection: str, states: str) -> Callable[[Asked], Document]:
        def start(asked: Asked) -> Document:
            made = self._vertex.create(asked, collection)
            name = str(made["name"])
            begun = {"state": f"{states}_RUNNING", "startTime": self._vertex.world.now()}
            self._vertex.put(name, {**made, **begun})
            operation = f"{name}/operations/{self._vertex.world.next_number()}"
            given = {"name": name, "state": f"{states}_SUCCEEDED"}
            operations.start(
                self._vertex.world, operation, effect="vertex.ran", given=given, slow=_RUN_TAKES
            )
            return self._vertex.get(name)

        return start

    def _ran(self, given: Document) -> Document:
        key = self._vertex.key(str(given["name"]))
        job = self._vertex.world.objects.get(key)
        if job is not None and str(job.get("state", "")).endswith("_RUNNING"):
            ended = {"state": given["state"], "endTime": self._vertex.world.now()}
            upload = job.get("modelToUpload")
            if upload:
                ended["modelToUpload"] = self._registered(str(given["name"]), job, upload)
            self._vertex.put(str(given["name"]), {**job, **ended})
        return {}

    def _registered(self, name: str, run: Document, upload: Document) -> Document:
        """The model of a training pipeline: what a run leaves lies in ``model`` below its output.

        Source: "Custom training" (AIP_MODEL_DIR). No run leaves anything here.
        """
        output = run["trainingTaskInputs"].get("baseOutputDirectory", {}).get("outputUriPrefix")
        place = {"artifactUri": f"{output.rstrip('/')}/model"} if output else {}
        ident = str(run.get("modelId") or self._vertex.world.next_number())
        base = str(
            run.get("parentModel") or f"{name.split('/trainingPipelines/')[0]}/models/{ident}"
        )
        number = self._models.add(base, {**place, **upload}, new="parentModel" not in run)
        return {**upload, **place, "name": base, "versionId": number}

    def _cancels(self, states: str) -> Callable[[Asked], Document]:
        def cancel(asked: Asked) -> Document:
            job = self._vertex.get(asked.name)
            if str(job["state"]).endswith("_RUNNING"):
                ended = {"state": f"{states}_CANCELLED", "endTime": self._vertex.world.now()}
                self._vertex.put(asked.name, {**job, **ended})
            return {}

        return cancel

    def _deletes(self, states: str) -> Callable[[Asked], Document]:
        def delete(asked: Asked) -> Document:
            if self._vertex.get(asked.name).get("state") == f"{states}_RUNNING":
                message = f"{asked.name} is running; cancel or pause it first."
                raise Refusal("FAILED_PRECONDITION", message)
            return self._remove(asked)

        return delete

    def _remove(self, asked: Asked) -> Document:
        """A deletion is an operation; those of the run itself are no children."""
        return self._vertex.start(asked, asked.name, "vertex.remove", {"name": asked.name})

    def _watch(self, asked: Asked) -> Document:
        made = self._vertex.create(asked, _WATCH)
        self._vertex.put(
            str(made["name"]),
            {**made, "state": "JOB_STATE_RUNNING", "scheduleState": "OFFLINE"},
        )
        return self._vertex.get(str(made["name"]))

    def _turn(self, asked: Asked, state: str) -> Document:
        self._vertex.put(asked.name, {**self._vertex.get(asked.name), "state": state})
        return {}

    def _placed(self, name: str, spec: Document) -> None:
        """The machines that a run is to use must be there, and its account too."""
        parent = "/".join(name.split("/")[:4])
        pool = spec.get("persistentResourceId")
        if pool:
            self._vertex.get(f"{parent}/persistentResources/{pool}")
        attachment = (spec.get("pscInterfaceConfig") or {}).get("networkAttachment")
        if attachment:
            networks.attachment_exists(self._vertex.world, str(attachment))
        account = spec.get("serviceAccount")
        if account:
            policies.account_usable(self._vertex.world, str(account))

    def _watched(self, name: str, job: Document) -> None:
        endpoint = self._vertex.get(str(job["endpoint"]))
        there = {model["id"] for model in endpoint.get("deployedModels", ())}
        for config in job.get("modelDeploymentMonitoringObjectiveConfigs", ()):
            if config.get("deployedModelId") not in there:
                message = f"DeployedModel {config.get('deployedModelId')} is not on the endpoint."
                raise Refusal("INVALID_ARGUMENT", message)
        interval = str(job["modelDeploymentMonitoringScheduleConfig"]["monitorInterval"])
        if float(interval.rstrip("s")) < _HOUR_S:
            raise Refusal("INVALID_ARGUMENT", "monitor_interval must be at least one hour.")
        prefix = self._vertex.key(f"{name.rpartition('/')[0]}/")
        for key, other in self._vertex.world.children(prefix):
            if key != self._vertex.key(name) and other.get("endpoint") == job["endpoint"]:
                message = f"Endpoint {job['endpoint']} already has a model monitoring job."
                raise Refusal("FAILED_PRECONDITION", message)
