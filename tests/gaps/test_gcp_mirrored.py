"""mlgap's monitoring, schedules and runs against the local cloud: life cycle, and retries."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, beta_types, types
from mlplatform.gaps.plugin.gcp.mirrored import Mirrored
from mlplatform.gaps.plugin.gcp.model import Model
from mlplatform.gaps.plugin.gcp.work import VertexError
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.gcp_served import PARENT, Served

IMAGE = "us-docker.pkg.dev/vertex-ai/training/pytorch-gpu.2-0.py310:latest"
RUN = "mlgap:gcp:CustomJob"
WATCH = "mlgap:gcp:ModelDeploymentMonitoringJob"
MONITOR = "mlgap:gcp:ModelMonitor"
SCHEDULE = "mlgap:gcp:Schedule"


def context(token: str, **more: Any) -> Context:
    return Context(urn=f"urn:pulumi:test::ml::{token}::m", token=token, name="m", **more)


def run_inputs(**arguments: str) -> dict[str, Any]:
    container = {"imageUri": IMAGE, "args": [f"--{k}={v}" for k, v in arguments.items()]}
    pool = {
        "machineSpec": {"machineType": "n1-standard-8"},
        "replicaCount": 1,
        "containerSpec": container,
    }
    return {
        "displayName": "resnet50",
        "labels": {"owner": "ml-team"},
        "jobSpec": {"workerPoolSpecs": [pool], "scheduling": {"timeout": "3600s"}},
    }


def jobs(vertex: GcpCloud) -> list[Any]:
    return list(vertex.client("JobServiceClient").list_custom_jobs(parent=PARENT))


@pytest.fixture
def endpoint(vertex: GcpCloud, cloud: Served) -> str:
    """An endpoint with one deployed model, 1000000001."""
    del cloud
    library, client = types(), vertex.client("EndpointServiceClient")
    made = client.create_endpoint(
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
        endpoint=made.name, deployed_model=deployed, traffic_split={"0": 100}
    ).result()
    return str(made.name)


def watch_inputs(endpoint: str, age: float = 0.3) -> dict[str, Any]:
    return {
        "displayName": "bankchurn",
        "endpoint": endpoint,
        "loggingSamplingStrategy": {"randomSampleConfig": {"sampleRate": 0.8}},
        "modelDeploymentMonitoringScheduleConfig": {"monitorInterval": "3600s"},
        "logTtl": "7776000s",
        "modelDeploymentMonitoringObjectiveConfigs": [
            {
                "deployedModelId": "1000000001",
                "objectiveConfig": {
                    "predictionDriftDetectionConfig": {"driftThresholds": {"Age": {"value": age}}}
                },
            }
        ],
    }


def test_a_preview_knows_the_definition_and_not_the_run(vertex: GcpCloud) -> None:
    ident, state = Mirrored(vertex).create(context(RUN, preview=True), run_inputs())
    assert (ident, state["name"], state["displayName"]) == ("", UNKNOWN, "resnet50")


def test_a_definition_runs_once_though_the_answer_is_lost(vertex: GcpCloud, cloud: Served) -> None:
    cloud.fault("CreateCustomJob", kind="lost_answer")
    first, state = Mirrored(vertex).create(context(RUN), run_inputs(epochs="3"))
    again, _ = Mirrored(vertex).create(context(RUN), run_inputs(epochs="3"))
    assert first == again
    assert state["state"] == "JOB_STATE_RUNNING"
    (job,) = jobs(vertex)
    assert job.job_spec.worker_pool_specs[0].replica_count == 1
    assert job.job_spec.worker_pool_specs[0].container_spec.args == ["--epochs=3"]


def test_another_definition_is_another_run_beside_the_old_one(
    vertex: GcpCloud, cloud: Served
) -> None:
    del cloud
    old, new = run_inputs(epochs="3"), run_inputs(epochs="4")
    ident, state = Mirrored(vertex).create(context(RUN), old)
    diff = Mirrored(vertex).diff(context(RUN), ident, old, state, new)
    assert [change.replace for change in diff.changes] == [True]
    assert not diff.delete_before_replace
    other, _ = Mirrored(vertex).create(context(RUN), new)
    assert other != ident


def test_labels_of_a_run_come_back_without_mlgap_s_own(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    ident, state = Mirrored(vertex).create(context(RUN), run_inputs())
    _, seen, _ = Mirrored(vertex).read(context(RUN), ident, run_inputs(), state)
    assert seen == run_inputs()
    _, imported, _ = Mirrored(vertex).read(context(RUN), ident, {}, {})
    assert imported["labels"] == {"owner": "ml-team"}
    assert imported["jobSpec"]["scheduling"] == {"timeout": "3600s"}


def test_a_running_job_is_cancelled_before_it_is_deleted(vertex: GcpCloud, cloud: Served) -> None:
    ident, state = Mirrored(vertex).create(context(RUN), run_inputs())
    Mirrored(vertex).delete(context(RUN), ident, run_inputs(), state)
    assert jobs(vertex) == []
    named = [name.rpartition(".")[2] for name in cloud.operations()]
    assert named.index("CancelCustomJob") < named.index("DeleteCustomJob")
    with pytest.raises(NotFound):
        Mirrored(vertex).delete(context(RUN), ident, run_inputs(), state)


def test_a_refused_run_says_why(vertex: GcpCloud, cloud: Served) -> None:
    words = "The following quotas are exceeded: CustomModelTrainingV100GPUsPerProjectPerRegion"
    cloud.fault("CreateCustomJob", kind="error", status=400, message=words)
    with pytest.raises(VertexError, match="CustomModelTrainingV100"):
        Mirrored(vertex).create(context(RUN), run_inputs())


def test_all_that_is_wrong_with_a_definition_comes_at_once(vertex: GcpCloud) -> None:
    inputs = run_inputs()
    machine = inputs["jobSpec"]["workerPoolSpecs"][0]["machineSpec"]
    machine |= {"acceleratorType": "NVIDIA_V100", "acceleratorCount": 1}
    inputs["jobSpec"]["scheduling"] = {"timeout": "an hour"}
    inputs["jobspec"] = {}
    del inputs["displayName"]
    _, failures = Mirrored(vertex).check(context(RUN), inputs, None)
    assert {f.path for f in failures} == {
        "jobSpec.workerPoolSpecs[0].machineSpec.acceleratorType",
        "jobSpec.scheduling.timeout",
        "jobspec",
        "displayName",
    }


def test_thresholds_change_in_place_and_the_job_is_paused_before_it_goes(
    vertex: GcpCloud, endpoint: str
) -> None:
    ctx, old = context(WATCH), watch_inputs(endpoint)
    ident, state = Mirrored(vertex).create(ctx, old)
    assert state["state"] == "JOB_STATE_RUNNING"
    again, _ = Mirrored(vertex).create(ctx, old)
    assert again == ident, "an endpoint has one job"
    new = watch_inputs(endpoint, age=0.2)
    diff = Mirrored(vertex).diff(ctx, ident, old, state, new)
    assert not any(change.replace for change in diff.changes)
    Mirrored(vertex).update(ctx, ident, old, state, new)
    _, seen, _ = Mirrored(vertex).read(ctx, ident, new, state)
    assert seen == new
    Mirrored(vertex).delete(ctx, ident, new, state)
    with pytest.raises(NotFound):
        Mirrored(vertex).read(ctx, ident, new, state)


def test_another_endpoint_is_another_job_and_the_old_one_goes_first(vertex: GcpCloud) -> None:
    old, new = watch_inputs("projects/p/locations/l/endpoints/a"), watch_inputs("b")
    diff = Mirrored(vertex).diff(context(WATCH), "x", old, {}, new)
    assert [change.path for change in diff.changes if change.replace] == ["endpoint"]
    assert diff.delete_before_replace


def test_a_monitor_and_its_schedule_live_and_change_in_place(
    vertex: GcpCloud, endpoint: str
) -> None:
    del endpoint
    target = {"vertexModel": {"model": f"{PARENT}/models/m", "modelVersionId": "1"}}
    fields = [{"name": "Age", "dataType": "integer"}]
    old = {
        "modelMonitorId": "bankchurn",
        "displayName": "bankchurn",
        "modelMonitoringTarget": target,
        "modelMonitoringSchema": {"featureFields": fields},
    }
    ctx = context(MONITOR)
    ident, state = Mirrored(vertex).create(ctx, old)
    assert ident == f"{PARENT}/modelMonitors/bankchurn"
    new = {**old, "notificationSpec": {"emailConfig": {"userEmails": ["a@example.com"]}}}
    Mirrored(vertex).update(ctx, ident, old, state, new)
    _, seen, _ = Mirrored(vertex).read(ctx, ident, new, state)
    assert seen == new

    job = {"displayName": "hourly", "modelMonitoringSpec": {}}
    schedule = {
        "displayName": "hourly",
        "cron": "0 * * * *",
        "maxConcurrentRunCount": "1",
        "createModelMonitoringJobRequest": {"parent": ident, "modelMonitoringJob": job},
    }
    ctx = context(SCHEDULE)
    made, state = Mirrored(vertex).create(ctx, schedule)
    daily = {**schedule, "cron": "0 6 * * *"}
    Mirrored(vertex).update(ctx, made, schedule, state, daily)
    client = vertex.client("ScheduleServiceClient", beta=True)
    assert client.get_schedule(name=made).cron == "0 6 * * *"
    assert client.get_schedule(name=made).state == beta_types().Schedule.State.ACTIVE
    Mirrored(vertex).delete(ctx, made, daily, state)


def monitored(version: str = "1", ident: str = "bankchurn") -> dict[str, Any]:
    model = {"model": f"{PARENT}/models/m", "modelVersionId": version}
    return {
        "modelMonitorId": ident,
        "displayName": ident,
        "modelMonitoringTarget": {"vertexModel": model},
    }


def scheduled(parent: str, *endpoints: str) -> dict[str, Any]:
    logs = {"vertexEndpointLogs": {"endpoints": list(endpoints)}}
    spec = {"objectiveSpec": {"targetDataset": logs}} if endpoints else {}
    job = {"displayName": "hourly", "modelMonitoringSpec": spec}
    return {
        "displayName": "hourly",
        "cron": "0 * * * *",
        "maxConcurrentRunCount": "1",
        "createModelMonitoringJobRequest": {"parent": parent, "modelMonitoringJob": job},
    }


def test_a_version_has_one_monitor_and_the_version_must_be_there(
    vertex: GcpCloud, endpoint: str
) -> None:
    del endpoint
    Mirrored(vertex).create(context(MONITOR), monitored())
    with pytest.raises(VertexError, match="already monitors"):
        Mirrored(vertex).create(context(MONITOR), monitored(ident="another"))
    with pytest.raises(VertexError, match="m@2 is not found"):
        Mirrored(vertex).create(context(MONITOR), monitored("2", "another"))


def test_a_monitor_stays_while_a_schedule_is_on_it(vertex: GcpCloud, endpoint: str) -> None:
    del endpoint
    inputs = monitored()
    monitor, state = Mirrored(vertex).create(context(MONITOR), inputs)
    schedule, made = Mirrored(vertex).create(context(SCHEDULE), scheduled(monitor))
    with pytest.raises(VertexError, match="has schedules"):
        Mirrored(vertex).delete(context(MONITOR), monitor, inputs, state)
    Mirrored(vertex).delete(context(SCHEDULE), schedule, scheduled(monitor), made)
    Mirrored(vertex).delete(context(MONITOR), monitor, inputs, state)


def test_a_schedule_of_an_endpoint_that_keeps_no_requests_is_refused(
    vertex: GcpCloud, endpoint: str
) -> None:
    monitor, _ = Mirrored(vertex).create(context(MONITOR), monitored())
    with pytest.raises(VertexError, match="no request response logging"):
        Mirrored(vertex).create(context(SCHEDULE), scheduled(monitor, endpoint))


def test_a_schedule_of_another_monitor_is_another_and_the_old_one_goes_first(
    vertex: GcpCloud,
) -> None:
    old, new = (scheduled(f"{PARENT}/modelMonitors/{name}") for name in "ab")
    diff = Mirrored(vertex).diff(context(SCHEDULE), "x", old, {}, new)
    assert [change.replace for change in diff.changes] == [True]
    assert diff.delete_before_replace, "the new one would be taken for the old one by its name"


def test_a_monitor_of_someone_else_is_not_taken_over(vertex: GcpCloud, endpoint: str) -> None:
    del endpoint
    target = {"vertexModel": {"model": f"{PARENT}/models/m", "modelVersionId": "1"}}
    mine = {
        "modelMonitorId": "bankchurn",
        "displayName": "mine",
        "modelMonitoringTarget": target,
    }
    Mirrored(vertex).create(context(MONITOR), {**mine, "displayName": "theirs"})
    with pytest.raises(ProviderError, match="pulumi import mlgap:gcp:ModelMonitor"):
        Mirrored(vertex).create(context(MONITOR), mine)


POOL = "mlgap:gcp:DeploymentResourcePool"


def pool_inputs(most: int = 4, machine: str = "n1-standard-4") -> dict[str, Any]:
    return {
        "deploymentResourcePoolId": f"shared-{machine}",
        "serviceAccount": "shared-pool@ml-test.iam.gserviceaccount.com",
        "dedicatedResources": {
            "machineSpec": {"machineType": machine},
            "minReplicaCount": 1,
            "maxReplicaCount": most,
        },
    }


def test_a_pool_changes_its_bounds_and_never_its_machine(vertex: GcpCloud, cloud: Served) -> None:
    cloud.account("shared-pool")
    old = pool_inputs()
    ident, state = Mirrored(vertex).create(context(POOL), old)
    new = pool_inputs(most=8)
    assert not any(
        c.replace for c in Mirrored(vertex).diff(context(POOL), ident, old, state, new).changes
    )
    Mirrored(vertex).update(context(POOL), ident, old, state, new)
    client = vertex.client("DeploymentResourcePoolServiceClient")
    found = client.get_deployment_resource_pool(name=ident)
    assert found.dedicated_resources.max_replica_count == 8
    larger = pool_inputs(machine="n1-standard-8")
    diff = Mirrored(vertex).diff(context(POOL), ident, new, state, larger)
    assert any(c.replace for c in diff.changes)
    assert not diff.delete_before_replace, "the new one is there first"


def test_a_pool_of_somebody_else_is_not_taken_over(vertex: GcpCloud, cloud: Served) -> None:
    cloud.account("shared-pool")
    cloud.account("other-pool")
    Mirrored(vertex).create(context(POOL), pool_inputs())
    mine = {**pool_inputs(), "serviceAccount": "other-pool@ml-test.iam.gserviceaccount.com"}
    with pytest.raises(ProviderError, match="did not make it"):
        Mirrored(vertex).create(context(POOL), mine)


def test_a_lost_answer_makes_no_second_pool(vertex: GcpCloud, cloud: Served) -> None:
    cloud.account("shared-pool")
    cloud.fault("CreateDeploymentResourcePool", kind="lost_answer")
    ident, _ = Mirrored(vertex).create(context(POOL), pool_inputs())
    client = vertex.client("DeploymentResourcePoolServiceClient")
    assert [one.name for one in client.list_deployment_resource_pools(parent=PARENT)] == [ident]
