"""SageMaker monitoring schedules: create, update, stop, start, delete. Nothing runs by itself."""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.aws import job_definitions, tags
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import ARN, GONE_AT, Call, Home, Json, listed

_EXPRESSION = re.compile(
    r"NOW|cron\(0 (\*|[0-9]|1[0-9]|2[0-3])(/([1-9]|1[0-9]|2[0-4]))? \? \* \* \*\)"
)
"""botocore sagemaker ScheduleConfig, ScheduleExpression: hourly, daily, every N hours, now."""
_READY_AT, _STOPPED, _FAILS = "-ready-at", "-stopped", "-fails"
_OWN = frozenset({ARN, GONE_AT, _READY_AT, _STOPPED, _FAILS})


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"monitoring-schedule/{name.lower()}")


def find(home: Home, name: str) -> Json:
    if name not in home.monitoring_schedules:
        raise ServiceError("ResourceNotFound", f"Monitoring schedule {arn(home, name)} not found.")
    return home.monitoring_schedules[name]


@handles("sagemaker", "CreateMonitoringSchedule")
def create(call: Call) -> Json:
    name, own = (
        call.params["MonitoringScheduleName"],
        arn(call.home, call.params["MonitoringScheduleName"]),
    )
    if name in call.home.monitoring_schedules:
        raise ServiceError("ResourceInUse", f"Monitoring schedule {own} already exists.")
    config = call.params["MonitoringScheduleConfig"]
    call.home.monitoring_schedules[name] = {
        "MonitoringScheduleName": name,
        "MonitoringScheduleArn": own,
        **_settings(call, config),
        "CreationTime": call.now,
        "LastModifiedTime": call.now,
        ARN: own,
        _READY_AT: call.now + call.delay_s,
        _FAILS: call.outcome == "fail_create",
    }
    tags.begin(call, own)
    return {"MonitoringScheduleArn": own}


@handles("sagemaker", "UpdateMonitoringSchedule")
def update(call: Call) -> Json:
    schedule = find(call.home, call.params["MonitoringScheduleName"])
    _require_idle(call, schedule)
    schedule |= _settings(call, call.params["MonitoringScheduleConfig"])
    schedule |= {"LastModifiedTime": call.now, _READY_AT: call.now + call.delay_s, _FAILS: False}
    return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"]}


@handles("sagemaker", "DescribeMonitoringSchedule")
def describe(call: Call) -> Json:
    schedule = find(call.home, call.params["MonitoringScheduleName"])
    shown = {key: value for key, value in schedule.items() if key not in _OWN}
    status = _status(schedule, call.now)
    if status == "Failed":
        shown["FailureReason"] = "The schedule could not be made (a fault was asked for)."
    return {**shown, "MonitoringScheduleStatus": status}


@handles("sagemaker", "StopMonitoringSchedule")
def stop(call: Call) -> Json:
    return _halted(call, stopped=True)


@handles("sagemaker", "StartMonitoringSchedule")
def start(call: Call) -> Json:
    return _halted(call, stopped=False)


def _halted(call: Call, *, stopped: bool) -> Json:
    schedule = find(call.home, call.params["MonitoringScheduleName"])
    _require_idle(call, schedule)
    schedule |= {_STOPPED: stopped, "LastModifiedTime": call.now}
    return {}


@handles("sagemaker", "DeleteMonitoringSchedule")
def delete(call: Call) -> Json:
    schedule = find(call.home, call.params["MonitoringScheduleName"])
    schedule.setdefault(GONE_AT, call.now + call.delay_s)
    return {}


@handles("sagemaker", "ListMonitoringSchedules")
def list_all(call: Call) -> Json:
    members = {
        "EndpointName": "EndpointName",
        "MonitoringTypeEquals": "MonitoringType",
        "StatusEquals": "MonitoringScheduleStatus",
        "MonitoringJobDefinitionName": "MonitoringJobDefinitionName",
    }
    items = (_summary(schedule, call.now) for schedule in call.home.monitoring_schedules.values())
    kept = (
        item
        for item in items
        if all(call.params.get(ask) in (None, item.get(has)) for ask, has in members.items())
    )
    return listed(
        kept,
        call.params,
        name="MonitoringScheduleName",
        created="CreationTime",
        key="MonitoringScheduleSummaries",
    )


@handles("sagemaker", "ListMonitoringExecutions")
def list_executions(call: Call) -> Json:
    """None: nothing runs here by itself."""
    del call
    return {"MonitoringExecutionSummaries": []}


def _settings(call: Call, config: Json) -> Json:
    """What a configuration means, with the service's refusals."""
    expression = config.get("ScheduleConfig", {}).get("ScheduleExpression")
    if expression is not None and not _EXPRESSION.fullmatch(expression):
        raise invalid(f"Invalid schedule expression: {expression}")
    name, inline = config.get("MonitoringJobDefinitionName"), config.get("MonitoringJobDefinition")
    if (name is None) == (not inline):
        raise invalid(
            "Exactly one of MonitoringJobDefinition and MonitoringJobDefinitionName is required."
        )
    kind = config.get("MonitoringType", "DataQuality")
    if name is not None:
        endpoint = job_definitions.endpoint_name(job_definitions.find(call.home, kind, name), kind)
    else:
        source = (inline or {})["MonitoringInputs"][0].get("EndpointInput") or {}
        endpoint = source.get("EndpointName")
        if endpoint is not None:
            job_definitions.require_captured(call.home, endpoint)
    return {
        "MonitoringScheduleConfig": config,
        "MonitoringType": kind,
        **({"EndpointName": endpoint} if endpoint else {}),
    }


def _summary(schedule: Json, now: float) -> Json:
    shared = (
        "MonitoringScheduleName",
        "MonitoringScheduleArn",
        "CreationTime",
        "LastModifiedTime",
        "MonitoringType",
    )
    config = schedule["MonitoringScheduleConfig"]
    optional = {
        "EndpointName": schedule.get("EndpointName"),
        "MonitoringJobDefinitionName": config.get("MonitoringJobDefinitionName"),
    }
    return {
        **{key: schedule[key] for key in shared},
        **{key: value for key, value in optional.items() if value is not None},
        "MonitoringScheduleStatus": _status(schedule, now),
    }


def _status(schedule: Json, now: float) -> str:
    if now < schedule[_READY_AT]:
        return "Pending"
    if schedule[_FAILS]:
        return "Failed"
    return "Stopped" if schedule.get(_STOPPED) else "Scheduled"


def _require_idle(call: Call, schedule: Json) -> None:
    if GONE_AT in schedule or _status(schedule, call.now) == "Pending":
        name = schedule["MonitoringScheduleName"]
        raise invalid(f"Monitoring schedule {name} is Pending and cannot be changed.")
