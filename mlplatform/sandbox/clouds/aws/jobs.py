"""SageMaker training and tuning jobs: they run for a moment, end, and leave no model behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlplatform.sandbox.clouds.aws import roles, tags
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import Handler, handles
from mlplatform.sandbox.clouds.aws.state import ARN, Call, Home, Json, listed

_ENDS_AT, _STOPPED_AT, _FAILS = "-ends-at", "-stopped-at", "-fails"
_OWN = frozenset({ARN, _ENDS_AT, _STOPPED_AT, _FAILS})
_RUNNING = ("InProgress", "Stopping")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the two kinds of jobs, and where its members stand."""

    noun: str
    """Of operations and members: TrainingJob or HyperParameterTuningJob."""
    word: str
    """Of ARNs."""

    @property
    def name(self) -> str:
        return f"{self.noun}Name"

    def arn(self, home: Home, name: str) -> str:
        return home.arn("sagemaker", f"{self.word}/{name.lower()}")

    def find(self, home: Home, name: str) -> Json:
        found = home.jobs.get((self.noun, name))
        if found is None:
            raise ServiceError("ResourceNotFound", "Requested resource not found.")
        return found

    def status(self, job: Json, now: float) -> str:
        if _STOPPED_AT in job:
            return "Stopping" if now < job[_STOPPED_AT] else "Stopped"
        if now < job[_ENDS_AT]:
            return "InProgress"
        return "Failed" if job[_FAILS] else "Completed"


KINDS = (
    Kind(noun="TrainingJob", word="training-job"),
    Kind(noun="HyperParameterTuningJob", word="hyper-parameter-tuning-job"),
)


def _create(kind: Kind) -> Handler:
    def create(call: Call) -> Json:
        name = call.params[kind.name]
        own = kind.arn(call.home, name)
        if (kind.noun, name) in call.home.jobs:
            raise ServiceError(
                "ResourceInUse", f"Job name must be unique within an account: {name} is taken."
            )
        definition = (
            call.params.get("TrainingJobDefinition") if kind.word.startswith("hyper") else None
        )
        work = definition or call.params
        if "RoleArn" in work:
            roles.require_passable(call, work["RoleArn"])
            roles.require_assumable(call, work["RoleArn"])
        stopping = work.get("StoppingCondition") or {}
        longest, wait = stopping.get("MaxRuntimeInSeconds"), stopping.get("MaxWaitTimeInSeconds")
        if work.get("EnableManagedSpotTraining") and wait is None:
            raise invalid("MaxWaitTimeInSeconds is required with EnableManagedSpotTraining.")
        if longest is not None and wait is not None and wait < longest:
            raise invalid("MaxWaitTimeInSeconds must be at least MaxRuntimeInSeconds.")
        call.home.jobs[kind.noun, name] = {
            **{key: value for key, value in call.params.items() if key != "Tags"},
            f"{kind.noun}Arn": own,
            "CreationTime": call.now,
            ARN: own,
            _ENDS_AT: call.now + call.delay_s,
            _FAILS: call.outcome == "fail_create",
        }
        tags.begin(call, own)
        return {f"{kind.noun}Arn": own}

    return create


def _describe(kind: Kind) -> Handler:
    def describe(call: Call) -> Json:
        job = kind.find(call.home, call.params[kind.name])
        status = kind.status(job, call.now)
        shown = {key: value for key, value in job.items() if key not in _OWN}
        shown[f"{kind.noun}Status"] = status
        if status == "Failed":
            shown["FailureReason"] = "AlgorithmError: the container ended with code 1."
        if kind.noun == "TrainingJob":
            output = job["OutputDataConfig"]["S3OutputPath"].rstrip("/")
            model = f"{output}/{job['TrainingJobName']}/output/model.tar.gz"
            second = {"InProgress": "Training"}.get(status, status)
            return {
                "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
                **shown,
                "SecondaryStatus": second,
                "ModelArtifacts": {"S3ModelArtifacts": model},
            }
        counts = dict.fromkeys(("Completed", "InProgress", "RetryableError", "Stopped"), 0)
        return {
            **shown,
            "TrainingJobStatusCounters": {**counts, "NonRetryableError": 0},
            "ObjectiveStatusCounters": {"Succeeded": 0, "Pending": 0, "Failed": 0},
        }

    return describe


def _stop(kind: Kind) -> Handler:
    def stop(call: Call) -> Json:
        job = kind.find(call.home, call.params[kind.name])
        if kind.status(job, call.now) not in _RUNNING:
            raise invalid(f"The job is not in a state that can be stopped: {call.params}")
        job.setdefault(_STOPPED_AT, call.now + call.delay_s)
        return {}

    return stop


def _delete(kind: Kind) -> Handler:
    def delete(call: Call) -> Json:
        job = kind.find(call.home, call.params[kind.name])
        if kind.status(job, call.now) in _RUNNING:
            raise ServiceError("ResourceInUse", "The job is still running; stop it first.")
        del call.home.jobs[kind.noun, call.params[kind.name]]
        call.home.tags.pop(job[ARN], None)
        return {}

    return delete


def _list(kind: Kind) -> Handler:
    def list_all(call: Call) -> Json:
        wanted = call.params.get("StatusEquals")
        items = (
            {
                kind.name: job[kind.name],
                f"{kind.noun}Arn": job[f"{kind.noun}Arn"],
                "CreationTime": job["CreationTime"],
                f"{kind.noun}Status": kind.status(job, call.now),
                **_rest(kind, job),
            }
            for (noun, _), job in call.home.jobs.items()
            if noun == kind.noun
        )
        return listed(
            (item for item in items if wanted in (None, item[f"{kind.noun}Status"])),
            call.params,
            name=kind.name,
            created="CreationTime",
            key=f"{kind.noun}Summaries",
        )

    return list_all


def _rest(kind: Kind, job: Json) -> Json:
    """What only the list of tuning jobs must show."""
    if kind.noun == "TrainingJob":
        return {}
    counts = dict.fromkeys(("Completed", "InProgress", "RetryableError", "Stopped"), 0)
    return {
        "Strategy": job["HyperParameterTuningJobConfig"]["Strategy"],
        "TrainingJobStatusCounters": {**counts, "NonRetryableError": 0},
        "ObjectiveStatusCounters": {"Succeeded": 0, "Pending": 0, "Failed": 0},
    }


_CALLS: dict[str, Callable[[Kind], Handler]] = {
    "Create{}": _create,
    "Describe{}": _describe,
    "Stop{}": _stop,
    "Delete{}": _delete,
    "List{}s": _list,
}
for _kind in KINDS:
    for _operation, _made in _CALLS.items():
        handles("sagemaker", _operation.format(_kind.noun))(_made(_kind))
