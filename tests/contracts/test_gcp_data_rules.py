"""Data, training and monitoring: what Google would refuse is refused; the good twin passes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlplatform.catalog.gcp_training import CUSTOM_TASK
from mlplatform.contracts import gcp
from mlplatform.contracts.unknown import UNKNOWN

DATASET = "gcp:bigquery/dataset:Dataset"
TABLE = "gcp:bigquery/table:Table"
STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
VIEW = "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview"

QUOTA = "mlgap:gcp:QuotaPreference"
TPU = "gcp:tpu/v2Vm:V2Vm"
QUEUED = "gcp:tpu/v2QueuedResource:V2QueuedResource"
POOL = "gcp:vertex/aiPersistentResource:AiPersistentResource"
RUN = "mlgap:gcp:CustomJob"
PIPELINE = "mlgap:gcp:TrainingPipeline"
SEARCH = "mlgap:gcp:HyperparameterTuningJob"
WATCH = "mlgap:gcp:ModelDeploymentMonitoringJob"
MONITOR = "mlgap:gcp:ModelMonitor"
SCHEDULE = "mlgap:gcp:Schedule"
ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"

_KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"


def schema(**columns: str) -> str:
    return json.dumps([{"name": name, "type": kind} for name, kind in columns.items()])


GOOD: dict[str, dict[str, Any]] = {
    DATASET: {
        "datasetId": "ml_dev_features",
        "location": "us-central1",
        "defaultEncryptionConfiguration": {"kmsKeyName": _KEY},
        "accesses": [{"role": "OWNER", "specialGroup": "projectOwners"}],
    },
    TABLE: {"datasetId": "d", "tableId": "t", "schema": schema(id="STRING", at="TIMESTAMP")},
    VIEW: {
        "name": "customers",
        "featureOnlineStore": "online",
        "syncConfig": {"cron": "0 * * * *"},
        "featureRegistrySource": {
            "featureGroups": [{"featureGroupId": "g", "featureIds": ["age"]}]
        },
    },
}

_OBJECTIVE: dict[str, Any] = {
    "trainingDataset": {"gcsSource": {"uris": ["gs://bucket/rows.csv"]}, "dataFormat": "csv"},
    "trainingPredictionSkewDetectionConfig": {"skewThresholds": {"Age": {"value": 0.3}}},
}
GOOD |= {
    WATCH: {
        "displayName": "bankchurn",
        "endpoint": "projects/p/locations/us-central1/endpoints/e",
        "loggingSamplingStrategy": {"randomSampleConfig": {"sampleRate": 0.8}},
        "modelDeploymentMonitoringScheduleConfig": {"monitorInterval": "3600s"},
        "logTtl": "7776000s",
        "modelDeploymentMonitoringObjectiveConfigs": [
            {"deployedModelId": "1", "objectiveConfig": _OBJECTIVE}
        ],
    },
    MONITOR: {
        "modelMonitorId": "bankchurn",
        "displayName": "bankchurn",
        "modelMonitoringTarget": {"vertexModel": {"model": "projects/p/locations/l/models/m"}},
    },
    SCHEDULE: {
        "displayName": "hourly",
        "cron": "0 * * * *",
        "maxConcurrentRunCount": "1",
        "createModelMonitoringJobRequest": {
            "parent": "projects/p/locations/l/modelMonitors/m",
            "modelMonitoringJob": {"displayName": "hourly"},
        },
    },
}

_METRIC = "aiplatform.googleapis.com/prediction/online/prediction_latencies"
_SLOW: dict[str, Any] = {
    "filter": f'metric.type="{_METRIC}" AND resource.type="aiplatform.googleapis.com/Endpoint"',
    "comparison": "COMPARISON_GT",
    "thresholdValue": 500,
    "duration": "300s",
    "aggregations": [{"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_PERCENTILE_95"}],
}
_LOGGED = {"displayName": "logged", "conditionMatchedLog": {"filter": 'severity="ERROR"'}}
GOOD |= {
    CHANNEL: {
        "type": "email",
        "labels": {"email_address": "ml-team@example.com"},
        "userLabels": {"env": "dev"},
    },
    ALERT: {
        "displayName": "slow",
        "combiner": "OR",
        "conditions": [{"displayName": "slow", "conditionThreshold": _SLOW}],
        "notificationChannels": ["projects/p/notificationChannels/1"],
    },
}


def slow(**changes: Any) -> dict[str, Any]:
    return {"conditions": [{"displayName": "slow", "conditionThreshold": {**_SLOW, **changes}}]}


_LIMIT = {"notificationRateLimit": {"period": "3600s"}}
_ONE = GOOD[ALERT]["conditions"][0]
_V100 = {"machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_V100"}
_WORKERS: dict[str, Any] = {
    "machineSpec": {**_V100, "acceleratorCount": 1},
    "replicaCount": "1",
    "containerSpec": {
        "imageUri": "us-docker.pkg.dev/vertex-ai/training/pytorch-gpu.2-0.py310:latest"
    },
}
_JOB: dict[str, Any] = {
    "workerPoolSpecs": [_WORKERS],
    "scheduling": {"timeout": "86400s", "strategy": "SPOT"},
    "serviceAccount": "a@ml-dev.iam.gserviceaccount.com",
    "baseOutputDirectory": {"outputUriPrefix": "gs://bucket/runs"},
}
_NODE: dict[str, Any] = {
    "parent": "projects/p/locations/us-central1-b",
    "nodeId": "ml-dev-big",
    "node": {"acceleratorType": "v6e-8", "runtimeVersion": "v2-alpha-tpuv6e"},
}
_SERVING = "us-docker.pkg.dev/vertex-ai/prediction/pytorch-gpu.2-0:latest"
_DEPTH = {"minValue": "2", "maxValue": "8"}
GOOD |= {
    QUOTA: {
        "preferenceId": "mlplatform-us-central1-0a1b2c3d",
        "service": "aiplatform.googleapis.com",
        "quotaId": "CustomModelServingT4GPUsPerProjectPerRegion",
        "dimensions": {"region": "us-central1"},
        "quotaConfig": {"preferredValue": "20"},
        "contactEmail": "ml-team@example.com",
    },
    TPU: {
        "name": "ml-dev-try",
        "zone": "us-central1-a",
        "acceleratorType": "v5litepod-4",
        "runtimeVersion": "v2-alpha-tpuv5-lite",
    },
    QUEUED: {"name": "ml-dev-big", "zone": "us-central1-b", "tpu": {"nodeSpecs": [_NODE]}},
    RUN: {"displayName": "resnet50", "jobSpec": _JOB},
    PIPELINE: {
        "displayName": "resnet50",
        "trainingTaskDefinition": CUSTOM_TASK,
        "trainingTaskInputs": _JOB,
        "modelToUpload": {"displayName": "resnet50", "containerSpec": {"imageUri": _SERVING}},
    },
    SEARCH: {
        "displayName": "resnet50",
        "maxTrialCount": 8,
        "parallelTrialCount": 2,
        "trialJobSpec": _JOB,
        "studySpec": {
            "metrics": [{"metricId": "accuracy", "goal": "MAXIMIZE"}],
            "parameters": [{"parameterId": "depth", "integerValueSpec": _DEPTH}],
        },
    },
    POOL: {
        "name": "ml-dev-resnet50",
        "location": "us-central1",
        "resourcePools": [
            {
                "id": "nodes",
                "machineSpec": {**_V100, "acceleratorCount": 1},
                "autoscalingSpec": {"minReplicaCount": "1", "maxReplicaCount": "4"},
            }
        ],
    },
}


def job(**workers: Any) -> dict[str, Any]:
    return {"jobSpec": {**_JOB, "workerPoolSpecs": [{**_WORKERS, **workers}]}}


def kept(**pool: Any) -> dict[str, Any]:
    return {"resourcePools": [{**GOOD[POOL]["resourcePools"][0], **pool}]}


def objective(**changes: Any) -> dict[str, Any]:
    made = {k: v for k, v in {**_OBJECTIVE, **changes}.items() if v is not None}
    configs = [{"deployedModelId": "1", "objectiveConfig": made}]
    return {"modelDeploymentMonitoringObjectiveConfigs": configs}


def scheduled(parent: str = "projects/p/locations/l/modelMonitors/m", **objective: Any) -> Any:
    spec = {"modelMonitoringSpec": {"objectiveSpec": objective}} if objective else {}
    request = {"parent": parent, "modelMonitoringJob": {"displayName": "hourly", **spec}}
    return {"createModelMonitoringJobRequest": request}


_SPEC = "createModelMonitoringJobRequest.modelMonitoringJob.modelMonitoringSpec.objectiveSpec"
_AT = "modelDeploymentMonitoringObjectiveConfigs[0].objectiveConfig"
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    (DATASET, {"datasetId": "ml-dev"}, "datasetId", "underscores"),
    (DATASET, {"location": "europe-west4"}, "defaultEncryptionConfiguration.kmsKeyName", "europe"),
    (DATASET, {"acces": []}, "acces", "nearest: accesses"),
    (TABLE, {"schema": "{"}, "schema", "JSON"),
    (TABLE, {"schema": schema(id="STRNG")}, "schema[0].type", "nearest: STRING"),
    (TABLE, {"schema": schema(Age="INTEGER", age="INTEGER")}, "schema[1].name", "unlike Age"),
    (TABLE, {"schema": schema(**{"1st": "STRING"})}, "schema[0].name", "first no digit"),
    (VIEW, {"bigQuerySource": {"uri": "bq://p.d.t", "entityIdColumns": ["id"]}},
     "featureRegistrySource", "exactly one"),
    (VIEW, {"syncConfig": {"cron": "hourly"}}, "syncConfig.cron", "five fields"),
    (VIEW, {"syncConfig": {"cron": "0 * * * *", "continuous": True}},
     "syncConfig.cron", "not both"),
    (VIEW, {"name": "my-view"}, "name", "digits and _"),
    (WATCH, {"endpoint": "e"}, "endpoint", "projects/P/locations"),
    (WATCH, {"loggingSamplingStrategy": {"randomSampleConfig": {"sampleRate": 80}}},
     "loggingSamplingStrategy.randomSampleConfig.sampleRate", "at most 1"),
    (WATCH, {"modelDeploymentMonitoringScheduleConfig": {"monitorInterval": "1800s"}},
     "modelDeploymentMonitoringScheduleConfig.monitorInterval", "whole hours"),
    (WATCH, {"logTtl": "3600s"}, "logTtl", "whole days"),
    (WATCH, {"logTtl": "90 days"}, "logTtl", "a duration"),
    (WATCH, objective(trainingDataset=None), f"{_AT}.trainingDataset", "required"),
    (WATCH, objective(predictionDriftDetectionConfig={"driftThresholds": {"Age": {"value": 0}}}),
     f"{_AT}.predictionDriftDetectionConfig.driftThresholds.Age.value", "above 0"),
    (WATCH, objective(skewDetection={}), f"{_AT}.skewDetection", "no such property"),
    (WATCH, {"modelMonitoringAlertConfig": {"emailAlertConfig": {"userEmails": ["team"]}}},
     "modelMonitoringAlertConfig.emailAlertConfig.userEmails[0]", "an address"),
    (MONITOR, {"modelMonitorId": "Bank_Churn"}, "modelMonitorId", "lower-case"),
    (MONITOR, {"modelMonitoringTarget": None}, "modelMonitoringTarget", "required"),
    (MONITOR, {"modelMonitoringSchema": {"featureFields": [{"name": "a", "dataType": "int"}]}},
     "modelMonitoringSchema.featureFields[0].dataType", "nearest: integer"),
    (MONITOR, {"modelMonitoringSchema": {"featureFields": [{"name": "a"}, {"name": "a"}]}},
     "modelMonitoringSchema.featureFields[1].name", "each field once"),
    (SCHEDULE, scheduled("monitor"), "createModelMonitoringJobRequest.parent", "modelMonitors/M"),
    (SCHEDULE, scheduled(targetDataset={"timeOffset": {"window": "30m"}}),
     f"{_SPEC}.targetDataset.timeOffset.window", "1h, 2d or 1w"),
    (SCHEDULE, scheduled(targetDataset={"timeOffset": {"window": "1h"}}),
     f"{_SPEC}.targetDataset", "exactly one of"),
    (SCHEDULE, scheduled(targetDataset={"vertexEndpointLogs": {"endpoints": ["e"]}}),
     f"{_SPEC}.targetDataset.vertexEndpointLogs.endpoints[0]", "projects/P/locations"),
    (CHANNEL, {"labels": {}}, "labels.email_address", "has an address"),
    (CHANNEL, {"labels": {"email_address": "team"}}, "labels.email_address", "an address such as"),
    (CHANNEL, {"userLabels": {"Env": "dev"}}, "userLabels.Env", "lower-case"),
    (CHANNEL, {"type": None}, "type", "required"),
    (ALERT, {"conditions": [_ONE] * 7}, "conditions", "one to 6"),
    (ALERT, {"conditions": [{"displayName": "none"}]}, "conditions[0]", "exactly one of"),
    (ALERT, slow(duration="90s"), "conditions[0].conditionThreshold.duration", "whole minutes"),
    (ALERT, slow(aggregations=[{"alignmentPeriod": "30s"}]),
     "conditions[0].conditionThreshold.aggregations[0].alignmentPeriod", "60s or more"),
    (ALERT, slow(comparison="GT"), "conditions[0].conditionThreshold.comparison", "COMPARISON_GT"),
    (ALERT, {"conditions": [_LOGGED]}, "alertStrategy.notificationRateLimit", "how often"),
    (ALERT, {"conditions": [_LOGGED, _ONE], "alertStrategy": _LIMIT}, "conditions", "one condit"),
    (ALERT, {"notificationChannels": ["ml-team@example.com"]},
     "notificationChannels[0]", "projects/P/notificationChannels/N"),
    (ALERT, {"displayName": "x" * 513}, "displayName", "at most 512"),
    (SCHEDULE, {"cron": "@hourly"}, "cron", "five fields"),
    (SCHEDULE, {"maxConcurrentRunCount": "0"}, "maxConcurrentRunCount", "1 or more"),
    (RUN, job(machineSpec={**_V100, "acceleratorCount": 3}),
     "jobSpec.workerPoolSpecs[0].machineSpec.acceleratorCount", "1, 2, 4, 8"),
    (RUN, job(machineSpec={"machineType": "n1-standard-5"}),
     "jobSpec.workerPoolSpecs[0].machineSpec.machineType", "nearest: n1-standard-"),
    (RUN, job(machineSpec={"machineType": "n1-standard-8", "acceleratorCount": 1}),
     "jobSpec.workerPoolSpecs[0].machineSpec.acceleratorType", "together"),
    (RUN, job(replicaCount="2"), "jobSpec.workerPoolSpecs[0].replicaCount", "the chief"),
    (RUN, {"jobSpec": {**_JOB, "persistentResourceId": "pool"}},
     "jobSpec.scheduling.strategy", "no spot"),
    (RUN, {"jobSpec": {**_JOB, "serviceAccount": "me"}}, "jobSpec.serviceAccount", "gserviceacc"),
    (RUN, {"jobSpec": None}, "jobSpec", "required"),
    (PIPELINE, {"trainingTaskInputs": {**_JOB, "serviceAccount": "me"}},
     "trainingTaskInputs.serviceAccount", "gserviceacc"),
    (PIPELINE, {"trainingTaskInputs": {**_JOB, "servicAccount": "x@y"}},
     "trainingTaskInputs.servicAccount", "serviceAccount"),
    (PIPELINE, {"trainingTaskDefinition": "custom"}, "trainingTaskDefinition", "NAME.yaml"),
    (PIPELINE, {"modelToUpload": {"displayName": "m"}},
     "modelToUpload.containerSpec.imageUri", "required"),
    (SEARCH, {"parallelTrialCount": 9}, "parallelTrialCount", "1 to maxTrialCount"),
    (SEARCH, {"studySpec": {**GOOD[SEARCH]["studySpec"], "parameters": [
        {"parameterId": "lr", "doubleValueSpec": {"minValue": 1, "maxValue": 0.1}}]}},
     "studySpec.parameters[0].doubleValueSpec.minValue", "below maxValue"),
    (POOL, {"name": "My_Pool"}, "name", "lower-case"),
    (POOL, kept(autoscalingSpec={"minReplicaCount": "4", "maxReplicaCount": "4"}),
     "resourcePools[0].autoscalingSpec.maxReplicaCount", "above minReplicaCount"),
    (POOL, kept(machineSpec={**_V100, "machineType": "n1-standard-96", "acceleratorCount": 4}),
     "resourcePools[0].machineSpec.acceleratorCount", "8"),
    (TPU, {"acceleratorType": "v5litepod-5"}, "acceleratorType", "nearest: v5litepod-"),
    (TPU, {"zone": "us-central1-b"}, "zone", "us-central1-a"),
    (TPU, {"acceleratorType": None, "acceleratorConfig": {"type": "V5LITE_POD", "topology": "1x8"}},
     "acceleratorConfig.topology", "such as 2x2"),
    (TPU, {"acceleratorType": None, "acceleratorConfig": {"type": "V4", "topology": "2x2x2"}},
     "zone", "us-central2-b"),
    (TPU, {"runtimeVersion": "v2-alpha-tpuv6e"}, "runtimeVersion", "use v2-alpha-tpuv5-lite"),
    (TPU, {"name": "My_TPU"}, "name", "lower-case"),
    (TPU, {"runtimeVersion": None}, "runtimeVersion", "required"),
    (TPU, {"schedulingConfig": {"spot": True, "preemptible": True}}, "schedulingConfig", "one of"),
    (QUEUED, {"zone": "us-west4-a"}, "zone", "us-central1-b"),
    (QUOTA, {"service": "aiplatform"}, "service", "googleapis.com"),
    (QUOTA, {"quotaConfig": {"preferredValue": "-2"}}, "quotaConfig.preferredValue", "0 or more"),
    (QUOTA, {"quotaConfig": {"preferredValue": "many"}}, "quotaConfig.preferredValue", "number"),
    (QUOTA, {"quotaId": None}, "quotaId", "required"),
    (QUOTA, {"contactEmail": "team"}, "contactEmail", "an address"),
]  # fmt: skip


@pytest.mark.parametrize("token", sorted(GOOD))
def test_the_good_example_passes(token: str) -> None:
    assert gcp.check(token, GOOD[token]) == []


@pytest.mark.parametrize("token", sorted(GOOD))
def test_what_is_not_known_yet_is_no_problem(token: str) -> None:
    assert gcp.check(token, dict.fromkeys(GOOD[token], UNKNOWN)) == []


@pytest.mark.parametrize(("token", "change", "path", "words"), BAD)
def test_the_bad_twin_is_refused(token: str, change: dict[str, Any], path: str, words: str) -> None:
    inputs = {k: v for k, v in {**GOOD[token], **change}.items() if v is not None}
    problems = {p.path: str(p) for p in gcp.check(token, inputs)}
    assert path in problems
    assert words in problems[path]


@pytest.mark.parametrize(
    ("columns", "kind", "words"),
    [
        ({"id": "STRING", "at": "TIMESTAMP", "age": "INTEGER"}, "update", ""),
        ({"id": "STRING"}, "refuse", "column at would be dropped with its data"),
        ({"id": "INTEGER", "at": "TIMESTAMP"}, "refuse", "id is STRING and cannot become INTEGER"),
    ],
)
def test_a_table_only_grows(columns: dict[str, str], kind: str, words: str) -> None:
    (change,) = gcp.changes(TABLE, GOOD[TABLE], {**GOOD[TABLE], "schema": schema(**columns)})
    assert change.kind == kind
    assert words in change.reason


def test_who_owns_an_alert_stands_in_its_user_labels() -> None:
    assert gcp.taggable(CHANNEL) == gcp.taggable(ALERT) == "userLabels"
    assert gcp.taggable(DATASET) == "labels"


def test_another_spelling_of_a_type_is_no_loss() -> None:
    old, new = schema(age="INTEGER"), schema(age="INT64")
    (change,) = gcp.changes(TABLE, {"schema": old}, {"schema": new})
    assert change.kind == "update"


def test_an_online_store_keeps_its_kind_of_storage_and_scales_in_place() -> None:
    scaling = {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 3}}
    old = {"name": "online", "bigtable": scaling}
    changes = gcp.changes(STORE, old, {"name": "online", "optimized": {}})
    assert {change.kind for change in changes} == {"refuse"}
    grown = {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 5}}
    (change,) = gcp.changes(STORE, old, {**old, "bigtable": grown})
    assert (change.path, change.kind) == ("bigtable.autoScaling.maxNodeCount", "update")


@pytest.mark.parametrize(
    ("token", "change", "kind"),
    [
        (DATASET, {"description": "x"}, "update"),
        (DATASET, {"location": "EU"}, "replace"),
        (TABLE, {"tableId": "other"}, "replace"),
        (VIEW, {"syncConfig": {"cron": "0 0 * * *"}}, "update"),
        (VIEW, {"featureOnlineStore": "other"}, "replace"),
        (WATCH, {"logTtl": "86400s"}, "update"),
        (WATCH, {"endpoint": "projects/p/locations/l/endpoints/other"}, "replace"),
        (MONITOR, {"displayName": "other"}, "update"),
        (MONITOR, {"modelMonitorId": "other"}, "replace"),
        (SCHEDULE, {"cron": "0 6 * * *"}, "update"),
        (SCHEDULE, scheduled("projects/p/locations/l/modelMonitors/other"), "replace"),
        (SCHEDULE, scheduled(targetDataset={"timeOffset": {"window": "1h"}}), "update"),
        (RUN, {"displayName": "other"}, "replace"),
        (PIPELINE, {"displayName": "other"}, "replace"),
        (ALERT, slow(thresholdValue=300), "update"),
        (ALERT, {"project": "another"}, "replace"),
        (CHANNEL, {"labels": {"email_address": "a@example.com"}}, "update"),
        (POOL, {"displayName": "other"}, "update"),
        (QUOTA, {"quotaConfig": {"preferredValue": "30"}}, "update"),
        (QUOTA, {"quotaId": "CPUS"}, "replace"),
        (TPU, {"labels": {"a": "b"}}, "update"),
        (TPU, {"acceleratorType": "v5litepod-8"}, "replace"),
        (QUEUED, {"zone": "us-central1-c"}, "replace"),
        (POOL, {"labels": {"a": "b"}}, "replace"),
        (POOL, kept(id="others"), "replace"),
    ],
)
def test_a_change_is_what_google_makes_of_it(token: str, change: dict[str, Any], kind: str) -> None:
    (found,) = gcp.changes(token, GOOD[token], {**GOOD[token], **change})
    assert found.kind == kind


def test_an_online_store_keeps_its_key() -> None:
    old = {"name": "online", "optimized": {}, "encryptionSpec": {"kmsKeyName": "one"}}
    (change,) = gcp.changes(STORE, old, {**old, "encryptionSpec": {"kmsKeyName": "two"}})
    assert (change.kind, change.reason.split(";")[0]) == ("refuse", "a store keeps its key")
