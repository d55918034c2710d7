"""What holds for every kind of mlgap on Google Cloud: unknowns, paths, import, lost answers."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from mlplatform.catalog.gcp_training import CUSTOM_TASK
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, types
from mlplatform.gaps.plugin.gcp.kinds import KINDS
from mlplatform.gaps.plugin.gcp.mirrored import Mirrored
from mlplatform.gaps.plugin.gcp.model import Model
from mlplatform.gaps.plugin.registry import RESOURCES
from mlplatform.provider.model import Context
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.gcp_served import PARENT, PROJECT, Served

IMAGE = "us-docker.pkg.dev/vertex-ai/training/pytorch-gpu.2-0.py310:latest"
_WORKERS = {
    "machineSpec": {"machineType": "n1-standard-8"},
    "replicaCount": 1,
    "containerSpec": {"imageUri": IMAGE, "args": ["--epochs=3"]},
}
_JOB = {"workerPoolSpecs": [_WORKERS], "scheduling": {"timeout": "3600s"}}
_LABELS = {"owner": "ml-team"}
_ENDPOINT = f"{PARENT}/endpoints/ml-test-e"
_MONITOR = f"{PARENT}/modelMonitors/bankchurn"
_KEY = f"{PARENT}/keyRings/r/cryptoKeys/k"
DECLARED: dict[str, dict[str, Any]] = {
    "mlgap:gcp:CustomJob": {"displayName": "run", "labels": _LABELS, "jobSpec": _JOB},
    "mlgap:gcp:DeploymentResourcePool": {
        "deploymentResourcePoolId": "shared",
        "dedicatedResources": {
            "machineSpec": {"machineType": "n1-standard-4"},
            "minReplicaCount": 1,
            "maxReplicaCount": 4,
        },
        "encryptionSpec": {"kmsKeyName": _KEY},
        "serviceAccount": f"shared-pool@{PROJECT}.iam.gserviceaccount.com",
    },
    "mlgap:gcp:HyperparameterTuningJob": {
        "displayName": "search",
        "labels": _LABELS,
        "maxTrialCount": 8,
        "parallelTrialCount": 2,
        "studySpec": {
            "metrics": [{"metricId": "accuracy", "goal": "MAXIMIZE"}],
            "parameters": [
                {
                    "parameterId": "lr",
                    "doubleValueSpec": {"minValue": 0.001, "maxValue": 0.1},
                    "scaleType": "UNIT_LOG_SCALE",
                }
            ],
        },
        "trialJobSpec": _JOB,
    },
    "mlgap:gcp:TrainingPipeline": {
        "displayName": "pipeline",
        "labels": _LABELS,
        "trainingTaskDefinition": CUSTOM_TASK,
        "trainingTaskInputs": {
            **_JOB,
            "baseOutputDirectory": {"outputUriPrefix": "gs://ml-test-runs/run/"},
        },
        "modelToUpload": {"displayName": "made", "containerSpec": {"imageUri": IMAGE}},
    },
    "mlgap:gcp:ModelDeploymentMonitoringJob": {
        "displayName": "watch",
        "labels": _LABELS,
        "endpoint": _ENDPOINT,
        "loggingSamplingStrategy": {"randomSampleConfig": {"sampleRate": 0.5}},
        "modelDeploymentMonitoringScheduleConfig": {"monitorInterval": "3600s"},
        "modelDeploymentMonitoringObjectiveConfigs": [
            {
                "deployedModelId": "1000000001",
                "objectiveConfig": {
                    "predictionDriftDetectionConfig": {"driftThresholds": {"Age": {"value": 0.5}}}
                },
            }
        ],
    },
    "mlgap:gcp:ModelMonitor": {
        "modelMonitorId": "bankchurn",
        "displayName": "monitor",
        "modelMonitoringTarget": {
            "vertexModel": {"model": f"{PARENT}/models/m", "modelVersionId": "1"}
        },
        "modelMonitoringSchema": {"featureFields": [{"name": "Age", "dataType": "integer"}]},
    },
    "mlgap:gcp:Schedule": {
        "displayName": "hourly",
        "cron": "0 * * * *",
        "maxConcurrentRunCount": "1",
        "createModelMonitoringJobRequest": {
            "parent": _MONITOR,
            "modelMonitoringJob": {"displayName": "hourly", "modelMonitoringSpec": {}},
        },
    },
}
CHANGED: dict[str, tuple[str, Any, bool]] = {
    "mlgap:gcp:CustomJob": ("jobSpec.scheduling.timeout", "7200s", True),
    "mlgap:gcp:DeploymentResourcePool": ("dedicatedResources.maxReplicaCount", 8, False),
    "mlgap:gcp:HyperparameterTuningJob": (
        "studySpec.parameters[0].doubleValueSpec.maxValue",
        0.2,
        True,
    ),
    "mlgap:gcp:TrainingPipeline": ("trainingTaskInputs.scheduling.timeout", "7200s", True),
    "mlgap:gcp:ModelDeploymentMonitoringJob": (
        "loggingSamplingStrategy.randomSampleConfig.sampleRate",
        0.25,
        False,
    ),
    "mlgap:gcp:ModelMonitor": (
        "modelMonitoringTarget.vertexModel.modelVersionId",
        "2",
        True,
    ),
    "mlgap:gcp:Schedule": ("cron", "0 6 * * *", False),
}
"""One property of each kind, another value for it, and whether that makes another object."""


def context(token: str, **more: Any) -> Context:
    return Context(urn=f"urn:pulumi:test::ml::{token}::m", token=token, name="m", **more)


def put(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the inputs with another value at a path."""
    changed = copy.deepcopy(inputs)
    *steps, last = path.replace("[0]", ".0").split(".")
    at: Any = changed
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[last] = value
    return changed


def usable_key(cloud: Served) -> None:
    """A key that Vertex AI's agent may use."""
    rings = f"/v1/{PARENT}/keyRings"
    number = cloud.rest("GET", f"/v1/projects/{PROJECT}")[1]["projectNumber"]
    agent = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    granted = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [agent]}
    for path, body in (
        (
            f"/v1beta1/projects/{PROJECT}/services/aiplatform.googleapis.com:generateServiceIdentity",
            {},
        ),
        (f"{rings}?keyRingId=r", {}),
        (f"{rings}/r/cryptoKeys?cryptoKeyId=k", {"purpose": "ENCRYPT_DECRYPT"}),
        (f"/v1/{_KEY}:setIamPolicy", {"policy": {"bindings": [granted]}}),
    ):
        status, answer = cloud.rest("POST", path, body)
        assert status == 200, answer


@pytest.fixture
def watched(vertex: GcpCloud, cloud: Served) -> None:
    """A registered model on an endpoint, a key and an account: what the kinds refer to."""
    cloud.account("shared-pool")
    usable_key(cloud)
    library, client = types(), vertex.client("EndpointServiceClient")
    client.create_endpoint(
        parent=PARENT, endpoint=library.Endpoint(display_name="e"), endpoint_id="ml-test-e"
    ).result()
    inputs = {"modelId": "m", "displayName": "m", "imageUri": IMAGE}
    _, model = Model(vertex).create(context("mlgap:gcp:Model"), inputs)
    deployed = library.DeployedModel(
        id="1000000001",
        model=model["versionName"],
        dedicated_resources=library.DedicatedResources(
            machine_spec=library.MachineSpec(machine_type="n1-standard-2"),
            min_replica_count=1,
            max_replica_count=1,
        ),
    )
    client.deploy_model(
        endpoint=_ENDPOINT, deployed_model=deployed, traffic_split={"0": 100}
    ).result()


def made(vertex: GcpCloud, token: str) -> tuple[str, dict[str, Any]]:
    """One object of the kind; a schedule's monitor comes first."""
    if token == "mlgap:gcp:Schedule":
        monitor = "mlgap:gcp:ModelMonitor"
        Mirrored(vertex).create(context(monitor), DECLARED[monitor])
    return Mirrored(vertex).create(context(token), DECLARED[token])


def ended(vertex: GcpCloud, token: str, ident: str) -> None:
    """Wait for the end of a run, which fills in what it made."""
    for _ in range(200):
        _, _, state = Mirrored(vertex).read(context(token), ident, {}, {})
        if state["state"].endswith("_SUCCEEDED"):
            return
        time.sleep(0.02)
    raise AssertionError(f"{ident} did not end")


def test_every_kind_that_mirrors_the_api_is_in_these_tests() -> None:
    mirrored = {t for t, place in RESOURCES.items() if place == "gcp.mirrored:Mirrored"}
    assert set(DECLARED) == set(CHANGED) == set(KINDS) == mirrored


@pytest.mark.parametrize("token", sorted(DECLARED))
def test_a_preview_takes_what_is_not_known_yet_and_calls_nothing(
    vertex: GcpCloud, cloud: Served, token: str
) -> None:
    path, _, _ = CHANGED[token]
    inputs = put(DECLARED[token], path, UNKNOWN)
    checked, failures = Mirrored(vertex).check(context(token), inputs, None)
    assert (checked, failures) == (inputs, [])
    ident, state = Mirrored(vertex).create(context(token, preview=True), inputs)
    assert (ident, state["name"]) == ("", UNKNOWN)
    assert cloud.operations() == []


@pytest.mark.parametrize("token", sorted(DECLARED))
def test_a_diff_says_which_property_and_whether_another_object_is_made(
    vertex: GcpCloud, token: str
) -> None:
    path, value, replaces = CHANGED[token]
    old = DECLARED[token]
    diff = Mirrored(vertex).diff(context(token), "x", old, {}, put(old, path, value))
    assert [(change.path, change.replace) for change in diff.changes] == [(path, replaces)]
    assert Mirrored(vertex).diff(context(token), "x", old, {}, copy.deepcopy(old)).changes == ()


@pytest.mark.parametrize("token", sorted(DECLARED))
@pytest.mark.usefixtures("watched")
def test_an_import_gives_inputs_that_are_good_and_change_nothing(
    vertex: GcpCloud, token: str
) -> None:
    ident, state = made(vertex, token)
    _, seen, _ = Mirrored(vertex).read(context(token), ident, DECLARED[token], state)
    assert seen == DECLARED[token], "a refresh shows no drift"
    if KINDS[token].run:
        ended(vertex, token, ident)
    name, imported, _ = Mirrored(vertex).read(context(token), ident, {}, {})
    assert name == ident
    checked, failures = Mirrored(vertex).check(context(token), imported, None)
    assert failures == []
    diff = Mirrored(vertex).diff(context(token), ident, imported, {}, DECLARED[token])
    assert diff.changes == (), f"imported as {checked}"


@pytest.mark.parametrize("token", sorted(DECLARED))
@pytest.mark.usefixtures("watched")
def test_a_lost_answer_makes_no_second_object(vertex: GcpCloud, cloud: Served, token: str) -> None:
    kind = KINDS[token]
    cloud.fault(f"Create{kind.message}", kind="lost_answer")
    first, _ = made(vertex, token)
    again, _ = Mirrored(vertex).create(context(token), DECLARED[token])
    assert first == again
    collection = first.split("/")[-2]
    named = [line for line in cloud.resources() if f"/{collection}/" in line]
    assert len(named) == 1


@pytest.mark.usefixtures("watched")
def test_a_schedule_of_the_same_name_for_another_monitor_is_left_alone(vertex: GcpCloud) -> None:
    token = "mlgap:gcp:Schedule"
    theirs, _ = made(vertex, token)
    other = {"modelId": "n", "displayName": "n", "imageUri": IMAGE}
    Model(vertex).create(context("mlgap:gcp:Model"), other)
    target = {"vertexModel": {"model": f"{PARENT}/models/n", "modelVersionId": "1"}}
    monitor = {
        **DECLARED["mlgap:gcp:ModelMonitor"],
        "modelMonitorId": "churn",
        "displayName": "c",
        "modelMonitoringTarget": target,
    }
    name, _ = Mirrored(vertex).create(context("mlgap:gcp:ModelMonitor"), monitor)
    path = "createModelMonitoringJobRequest.parent"
    mine, _ = Mirrored(vertex).create(context(token), put(DECLARED[token], path, name))
    assert mine != theirs
    shown = vertex.client("ScheduleServiceClient", beta=True).get_schedule(name=theirs)
    assert shown.create_model_monitoring_job_request.parent == _MONITOR


def pipelines(vertex: GcpCloud, *epochs: int) -> list[tuple[str, dict[str, Any]]]:
    """Runs of one resource, each of another definition; all have registered their models."""
    token, path = "mlgap:gcp:TrainingPipeline", "trainingTaskInputs.workerPoolSpecs[0]"
    found = []
    for count in epochs:
        args = [f"--epochs={count}"]
        inputs = put(DECLARED[token], f"{path}.containerSpec.args", args)
        ident, _ = Mirrored(vertex).create(context(token), inputs)
        ended(vertex, token, ident)
        found.append((ident, inputs))
    return found


def test_trained_models_stay_beside_another_run_and_go_with_the_last(
    vertex: GcpCloud, cloud: Served
) -> None:
    del cloud
    token, client = "mlgap:gcp:TrainingPipeline", vertex.client("ModelServiceClient")
    Model(vertex).create(
        context("mlgap:gcp:Model"), {"modelId": "theirs", "displayName": "m", "imageUri": IMAGE}
    )
    (old, before), (new, after) = pipelines(vertex, 3, 4)
    assert len(list(client.list_models(parent=PARENT))) == 3
    Mirrored(vertex).delete(context(token), old, before, {})
    assert len(list(client.list_models(parent=PARENT))) == 3, "another definition took over"
    Mirrored(vertex).delete(context(token), new, after, {})
    (left,) = client.list_models(parent=PARENT)
    assert left.name.endswith("/models/theirs")


def test_a_trained_model_that_is_deployed_stays_and_is_told(
    vertex: GcpCloud, cloud: Served
) -> None:
    del cloud
    token, told = "mlgap:gcp:TrainingPipeline", list[str]()
    ((ident, inputs),) = pipelines(vertex, 3)
    library, client = types(), vertex.client("EndpointServiceClient")
    (model,) = vertex.client("ModelServiceClient").list_models(parent=PARENT)
    endpoint = client.create_endpoint(
        parent=PARENT, endpoint=library.Endpoint(display_name="theirs")
    ).result()
    machine = library.MachineSpec(machine_type="n1-standard-2")
    resources = library.DedicatedResources(
        machine_spec=machine, min_replica_count=1, max_replica_count=1
    )
    deployed = library.DeployedModel(model=model.name, dedicated_resources=resources)
    client.deploy_model(endpoint=endpoint.name, deployed_model=deployed).result()
    log = context(token, log=lambda level, text: told.append(f"{level}: {text}"))
    Mirrored(vertex).delete(log, ident, inputs, {})
    assert any(line.startswith(f"warning: the trained model {model.name} stays") for line in told)
    assert [one.name for one in vertex.client("ModelServiceClient").list_models(parent=PARENT)] == [
        model.name
    ]
