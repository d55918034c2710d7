"""Model monitoring: intervals, sampling, thresholds, mails, and what each objective needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp.rules.endpoint import display_name
from mlplatform.contracts.gcp.rules.grammar import GCS_URI, KMS_KEY, Grammar
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_HOUR_S = 3600
_DAY_S = 86_400
_ENDPOINT = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/endpoints/[^/]+",
    words="projects/P/locations/L/endpoints/E",
    source="aiplatform ModelDeploymentMonitoringJob.endpoint",
)
_EMAIL = Grammar(
    pattern=r"[^\s@]+@[^\s@]+\.[^\s@]+",
    words="an address such as ml-team@example.com",
    source="aiplatform ModelMonitoringAlertConfig.EmailAlertConfig.userEmails",
)
MONITOR_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="up to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="aiplatform CreateModelMonitorRequest.modelMonitorId",
)
_CRON = Grammar(
    pattern=r"(?:(?:CRON_)?TZ=\S+ )?\S+(?: \S+){4}",
    words='five fields such as "0 * * * *", after CRON_TZ=ZONE if wanted',
    source="aiplatform Schedule.cron",
)
_MONITOR = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/modelMonitors/[^/]+",
    words="projects/P/locations/L/modelMonitors/M",
    source="aiplatform CreateModelMonitoringJobRequest.parent",
)
_SPAN = Grammar(
    pattern=r"[1-9]\d*[hHdDwW]",
    words="hours, days or weeks, such as 1h, 2d or 1w",
    source="aiplatform v1beta1 ModelMonitoringInput.TimeOffset",
)
_TYPES = ("float", "integer", "boolean", "string", "categorical")
_INPUTS = ("columnizedDataset", "batchPredictionOutput", "vertexEndpointLogs")
_OBJECTIVES = "modelDeploymentMonitoringObjectiveConfigs"
_SKEW = "trainingPredictionSkewDetectionConfig"
_DRIFT = "predictionDriftDetectionConfig"


def job(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A deployment monitoring job."""
    yield from display_name(inputs.get("displayName"))
    yield from _ENDPOINT.check("endpoint", inputs.get("endpoint"))
    yield from KMS_KEY.check("encryptionSpec.kmsKeyName", _at(inputs, "encryptionSpec.kmsKeyName"))
    yield from _whole(
        "modelDeploymentMonitoringScheduleConfig.monitorInterval", inputs, _HOUR_S, "hours"
    )
    yield from _whole("logTtl", inputs, _DAY_S, "days")
    path = "loggingSamplingStrategy.randomSampleConfig.sampleRate"
    rate = as_number(_at(inputs, path))
    if rate is not None and not 0 < rate <= 1:
        source = "aiplatform SamplingStrategy.RandomSampleConfig.sampleRate"
        yield Problem(path=path, got=rate, message="allowed: above 0, at most 1", source=source)
    emails = _at(inputs, "modelMonitoringAlertConfig.emailAlertConfig.userEmails")
    for index, email in enumerate(emails if isinstance(emails, list) else ()):
        at = f"modelMonitoringAlertConfig.emailAlertConfig.userEmails[{index}]"
        yield from _EMAIL.check(at, email)
    configs = inputs.get(_OBJECTIVES)
    for index, config in enumerate(configs if isinstance(configs, list) else ()):
        found = config.get("objectiveConfig") if isinstance(config, Mapping) else None
        if isinstance(found, Mapping) and not is_unknown(found):
            yield from _objective(f"{_OBJECTIVES}[{index}].objectiveConfig", found)


def monitor(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A model monitor."""
    yield from display_name(inputs.get("displayName"))
    yield from MONITOR_ID.check("modelMonitorId", inputs.get("modelMonitorId"))
    yield from _fields(inputs)
    emails = _at(inputs, "notificationSpec.emailConfig.userEmails")
    for index, email in enumerate(emails if isinstance(emails, list) else ()):
        yield from _EMAIL.check(f"notificationSpec.emailConfig.userEmails[{index}]", email)


def _fields(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Each field of requests and answers once, of a type that monitoring knows."""
    source = "aiplatform v1beta1 ModelMonitoringSchema"
    seen: set[str] = set()
    for kind in ("featureFields", "predictionFields", "groundTruthFields"):
        rows = _at(inputs, f"modelMonitoringSchema.{kind}")
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if not isinstance(row, Mapping):
                continue
            path = f"modelMonitoringSchema.{kind}[{index}]"
            name, given = row.get("name"), row.get("dataType")
            if isinstance(name, str) and not is_unknown(name):
                if name in seen:
                    message = "allowed: each field once"
                    yield Problem(path=f"{path}.name", got=name, message=message, source=source)
                seen.add(name)
            if isinstance(given, str) and not is_unknown(given) and given not in _TYPES:
                message = allowed(_TYPES, given)
                yield Problem(path=f"{path}.dataType", got=given, message=message, source=source)


def _dataset(at: str, dataset: Any) -> Iterator[Problem]:
    source = "aiplatform v1beta1 ModelMonitoringInput"
    if not isinstance(dataset, Mapping) or is_unknown(dataset):
        return
    for name in ("offset", "window"):
        yield from _SPAN.check(f"{at}.timeOffset.{name}", _at(dataset, f"timeOffset.{name}"))
    kinds = [kind for kind in _INPUTS if dataset.get(kind) is not None]
    if len(kinds) != 1:
        message = f"allowed: exactly one of {', '.join(_INPUTS)}"
        yield Problem(path=at, got=kinds, message=message, source=source)
    uri = _at(dataset, "columnizedDataset.gcsSource.gcsUri")
    yield from GCS_URI.check(f"{at}.columnizedDataset.gcsSource.gcsUri", uri)
    endpoints = _at(dataset, "vertexEndpointLogs.endpoints")
    for index, name in enumerate(endpoints if isinstance(endpoints, list) else ()):
        yield from _ENDPOINT.check(f"{at}.vertexEndpointLogs.endpoints[{index}]", name)


def schedule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A schedule of monitoring."""
    yield from display_name(inputs.get("displayName"))
    yield from _CRON.check("cron", inputs.get("cron"))
    request = "createModelMonitoringJobRequest"
    yield from _MONITOR.check(f"{request}.parent", _at(inputs, f"{request}.parent"))
    at = f"{request}.modelMonitoringJob.modelMonitoringSpec.objectiveSpec"
    for name in ("targetDataset", "baselineDataset"):
        yield from _dataset(f"{at}.{name}", _at(inputs, f"{at}.{name}"))
    most = as_number(inputs.get("maxConcurrentRunCount"))
    if most is not None and most < 1:
        source = "aiplatform Schedule.maxConcurrentRunCount"
        yield Problem(
            path="maxConcurrentRunCount", got=most, message="allowed: 1 or more", source=source
        )


def _objective(at: str, config: Mapping[str, Any]) -> Iterator[Problem]:
    source = "aiplatform ModelMonitoringObjectiveConfig"
    if config.get(_SKEW) is not None and config.get("trainingDataset") is None:
        message = "required: skew compares with the training data"
        yield Problem(path=f"{at}.trainingDataset", got=None, message=message, source=source)
    uris = _at(config, "trainingDataset.gcsSource.uris")
    for index, uri in enumerate(uris if isinstance(uris, list) else ()):
        yield from GCS_URI.check(f"{at}.trainingDataset.gcsSource.uris[{index}]", uri)
    for name, field in ((_SKEW, "skewThresholds"), (_DRIFT, "driftThresholds")):
        rows = _at(config, f"{name}.{field}")
        for column, row in rows.items() if isinstance(rows, Mapping) else ():
            value = as_number(row.get("value")) if isinstance(row, Mapping) else None
            if value is not None and value <= 0:
                path = f"{at}.{name}.{field}.{column}.value"
                message = "allowed: above 0, or the column always alerts"
                yield Problem(path=path, got=value, message=message, source=source)


def _whole(path: str, inputs: Mapping[str, Any], unit_s: int, words: str) -> Iterator[Problem]:
    """A duration that the service rounds up must be whole, so that it is what is written."""
    value = _at(inputs, path)
    text = value.removesuffix("s") if isinstance(value, str) and not is_unknown(value) else ""
    if text.isdigit() and (int(text) == 0 or int(text) % unit_s):
        message = f"allowed: whole {words}, multiples of {unit_s}s"
        source = f"aiplatform ModelDeploymentMonitoringJob.{path.rpartition('.')[2]}"
        yield Problem(path=path, got=value, message=message, source=source)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
