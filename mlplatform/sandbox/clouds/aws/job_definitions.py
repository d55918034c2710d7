"""The four kinds of monitoring job definitions of SageMaker: immutable, and kept while in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlplatform.sandbox.clouds.aws import endpoints, roles, tags
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import Handler, handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, listed

KINDS = {
    "DataQuality": "data-quality-job-definition",
    "ModelQuality": "model-quality-job-definition",
    "ModelBias": "model-bias-job-definition",
    "ModelExplainability": "model-explainability-job-definition",
}
"""MonitoringType: kind in the ARN."""
_NO_LONGEST_S = 3600
"""StoppingCondition's default (botocore, MonitoringStoppingCondition: an hour for hourly jobs)."""


def arn(home: Home, kind: str, name: str) -> str:
    return home.arn("sagemaker", f"{KINDS[kind]}/{name.lower()}")


def find(home: Home, kind: str, name: str) -> Json:
    if (kind, name) not in home.job_definitions:
        own = arn(home, kind, name)
        raise ServiceError("ResourceNotFound", f"Could not find {KINDS[kind]} '{own}'.")
    return home.job_definitions[kind, name]


def endpoint_name(definition: Json, kind: str) -> str | None:
    """The endpoint that a definition reads from; None for batch transform."""
    source: Json = definition[f"{kind}JobInput"].get("EndpointInput") or {}
    name: str | None = source.get("EndpointName")
    return name


def require_captured(home: Home, name: str) -> None:
    """Monitors read what an endpoint captured (SageMaker guide, "Capture data"); words of ours."""
    endpoint = endpoints.find(home, name)
    capture = endpoint.serves.data_capture if endpoint.serves else None
    if not capture or not capture.get("EnableCapture"):
        raise invalid(f"Data capture is not enabled on endpoint {name}.")


def _create(kind: str) -> Handler:
    def create(call: Call) -> Json:
        name = call.params["JobDefinitionName"]
        own = arn(call.home, kind, name)
        if (kind, name) in call.home.job_definitions:
            raise ServiceError("ResourceInUse", f"Job definition '{own}' already exists.")
        given = call.params[f"{kind}JobInput"]
        ways = [way for way in ("EndpointInput", "BatchTransformInput") if given.get(way)]
        if len(ways) != 1:
            raise invalid("Exactly one of EndpointInput and BatchTransformInput is required.")
        roles.require_passable(call, call.params["RoleArn"])
        roles.require_assumable(call, call.params["RoleArn"])
        if (endpoint := endpoint_name(call.params, kind)) is not None:
            require_captured(call.home, endpoint)
        call.home.job_definitions[kind, name] = {
            "StoppingCondition": {"MaxRuntimeInSeconds": _NO_LONGEST_S},
            **{key: value for key, value in call.params.items() if key != "Tags"},
            "JobDefinitionArn": own,
            "CreationTime": call.now,
        }
        tags.begin(call, own)
        return {"JobDefinitionArn": own}

    return create


def _describe(kind: str) -> Handler:
    def describe(call: Call) -> Json:
        return find(call.home, kind, call.params["JobDefinitionName"])

    return describe


def _delete(kind: str) -> Handler:
    def delete(call: Call) -> Json:
        """Refused while a schedule names it; a sandbox that let it happen would hide the order."""
        name = call.params["JobDefinitionName"]
        find(call.home, kind, name)
        for schedule in call.home.monitoring_schedules.values():
            config = schedule["MonitoringScheduleConfig"]
            used = (config.get("MonitoringType"), config.get("MonitoringJobDefinitionName"))
            if used == (kind, name):
                raise invalid(
                    f"Cannot delete job definition {name} in use by monitoring schedule "
                    f"{schedule['MonitoringScheduleName']}."
                )
        del call.home.job_definitions[kind, name]
        call.home.tags.pop(arn(call.home, kind, name), None)
        return {}

    return delete


def _list(kind: str) -> Handler:
    def list_all(call: Call) -> Json:
        def items() -> Iterator[Json]:
            wanted = call.params.get("EndpointName")
            for (own, name), definition in call.home.job_definitions.items():
                endpoint = endpoint_name(definition, kind) if own == kind else None
                if own == kind and wanted in (None, endpoint):
                    yield {
                        "MonitoringJobDefinitionName": name,
                        "MonitoringJobDefinitionArn": definition["JobDefinitionArn"],
                        "CreationTime": definition["CreationTime"],
                        "EndpointName": endpoint or "",
                    }

        return listed(
            items(),
            call.params,
            name="MonitoringJobDefinitionName",
            created="CreationTime",
            key="JobDefinitionSummaries",
        )

    return list_all


_CALLS: dict[str, Callable[[str], Handler]] = {
    "Create{}JobDefinition": _create,
    "Describe{}JobDefinition": _describe,
    "Delete{}JobDefinition": _delete,
    "List{}JobDefinitions": _list,
}
for _kind in KINDS:
    for _operation, _made in _CALLS.items():
        handles("sagemaker", _operation.format(_kind))(_made(_kind))
