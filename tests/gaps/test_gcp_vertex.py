"""mlgap on Vertex AI against the local cloud: models, deployments, traffic, and kills."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mlplatform.gaps.plugin.gcp import shapes, work
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, WrongProjectError, types
from mlplatform.gaps.plugin.gcp.deployments import EndpointDeployments
from mlplatform.gaps.plugin.gcp.model import Model
from mlplatform.gaps.plugin.gcp.pace import PER_MINUTE, Pace
from mlplatform.gaps.plugin.gcp.traffic import Traffic
from mlplatform.gaps.plugin.gcp.work import VertexError
from mlplatform.provider.model import Cancelled, Context, NotFound, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.gcp_served import LOCATION, PARENT, Served

CPU = "aiplatform.googleapis.com/prediction/online/cpu/utilization"
DUTY = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"
IMAGE = "us-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"
ENDPOINT = f"{PARENT}/endpoints/ml-test-e"


def context(name: str = "m", **more: Any) -> Context:
    more.setdefault("token", "mlgap:gcp:EndpointDeployments")
    return Context(urn=f"urn:pulumi:test::ml::t::{name}", name=name, **more)


def model_inputs(**changes: Any) -> dict[str, Any]:
    return {"modelId": "resnet50", "displayName": "resnet50", "imageUri": IMAGE, **changes}


def deployment(model: str, **changes: Any) -> dict[str, Any]:
    return {
        "model": model,
        "machineType": "n1-standard-4",
        "minReplicas": 2,
        "maxReplicas": 10,
        "traffic": 100,
        "targets": {CPU: 70},
        **changes,
    }


@pytest.fixture
def served_endpoint(vertex: GcpCloud, cloud: Served) -> tuple[str, str]:
    """An endpoint, and two models to deploy."""
    del cloud
    library = types()
    vertex.client("EndpointServiceClient").create_endpoint(
        parent=PARENT, endpoint=library.Endpoint(display_name="e"), endpoint_id="ml-test-e"
    ).result()
    names = []
    for ident in ("one", "two"):
        _, state = Model(vertex).create(context(ident), model_inputs(modelId=ident))
        names.append(state["versionName"])
    return names[0], names[1]


def endpoint(vertex: GcpCloud) -> Any:
    return vertex.client("EndpointServiceClient").get_endpoint(name=ENDPOINT)


def shown(vertex: GcpCloud) -> dict[str, tuple[int, int, int]]:
    """Display name -> (traffic, min, max) as the vendor's client reads them."""
    found = endpoint(vertex)
    return {
        d.display_name: (
            dict(found.traffic_split).get(d.id, 0),
            d.dedicated_resources.min_replica_count,
            d.dedicated_resources.max_replica_count,
        )
        for d in found.deployed_models
    }


# Models


def test_an_uploaded_model_is_read_back_as_declared(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    inputs = model_inputs(
        labels={"env": "dev"},
        versionAliases=["champion"],
        environment={"MODE": "fast"},
        predictRoute="/predict",
        healthRoute="/health",
        port=8080,
    )
    ident, state = Model(vertex).create(context(), inputs)
    assert (ident, state["versionId"]) == (f"{PARENT}/models/resnet50", "1")
    found = vertex.client("ModelServiceClient").get_model(name=f"{ident}@champion")
    assert found.container_spec.image_uri == IMAGE
    assert [(v.name, v.value) for v in found.container_spec.env] == [("MODE", "fast")]
    assert Model(vertex).read(context(), ident, inputs, state) == (ident, inputs, state)


def test_another_image_is_a_new_version_of_the_same_model(vertex: GcpCloud, cloud: Served) -> None:
    old = model_inputs(versionAliases=["champion"])
    ident, state = Model(vertex).create(context(), old)
    new = {**old, "imageUri": IMAGE.replace("1-5", "1-6"), "displayName": "renamed"}
    preview = Model(vertex).update(context(preview=True), ident, old, state, new)
    assert preview["versionName"] == UNKNOWN
    state = Model(vertex).update(context(), ident, old, state, new)
    assert state["versionId"] == "2"
    client = vertex.client("ModelServiceClient")
    versions = {
        v.version_id: list(v.version_aliases) for v in client.list_model_versions(name=ident)
    }
    assert versions["1"] == []
    assert sorted(versions["2"]) == ["champion", "default"]
    assert len([line for line in cloud.resources() if "/models/" in line]) == 1


def test_labels_and_aliases_change_without_a_new_version(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    old = model_inputs(labels={"env": "dev"}, versionAliases=["a1"])
    ident, state = Model(vertex).create(context(), old)
    new = {**old, "labels": {"env": "prod"}, "versionAliases": ["b1"]}
    foreseen = Model(vertex).update(context(preview=True), ident, old, state, new)
    assert foreseen["versionId"] == "1"
    state = Model(vertex).update(context(), ident, old, state, new)
    assert state["versionId"] == "1"
    assert Model(vertex).read(context(), ident, new, state)[1] == new


def test_a_killed_create_leaves_no_second_model(
    vertex: GcpCloud, cloud: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_BUSY_TRIES", 1)
    cloud.fault("UploadModel", kind="lost_answer")
    with pytest.raises(ProviderError):
        Model(vertex).create(context(), model_inputs())
    _, state = Model(vertex).create(context(), model_inputs())
    assert state["versionId"] == "1"
    assert len([line for line in cloud.resources() if "/models/" in line]) == 1


def test_a_strangers_model_is_not_taken_over(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    Model(vertex).create(context("mine"), model_inputs())
    with pytest.raises(ProviderError, match="this stack did not make it"):
        Model(vertex).create(context("other"), model_inputs())


def test_a_deleted_model_is_gone(vertex: GcpCloud, cloud: Served) -> None:
    ident, state = Model(vertex).create(context(), model_inputs())
    Model(vertex).delete(context(), ident, model_inputs(), state)
    assert [line for line in cloud.resources() if "/models/" in line] == []
    with pytest.raises(NotFound):
        Model(vertex).delete(context(), ident, model_inputs(), state)
    with pytest.raises(NotFound):
        Model(vertex).read(context(), ident, model_inputs(), state)


def test_an_artifact_that_is_not_there_is_an_error(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    with pytest.raises(VertexError, match="expected to contain a model"):
        Model(vertex).create(context(), model_inputs(artifactUri="gs://no-such-bucket/model"))


# Deployments


def test_deployments_are_read_back_as_declared(
    vertex: GcpCloud, served_endpoint: tuple[str, str]
) -> None:
    one, two = served_endpoint
    gpu = {"acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1}
    inputs = {
        "endpoint": ENDPOINT,
        "deployments": {
            "v1": deployment(one, traffic=90, **gpu, targets={DUTY: 70}),
            "v2": deployment(two, traffic=10),
        },
    }
    foreseen = EndpointDeployments(vertex).create(context(preview=True), inputs)[1]
    ident, state = EndpointDeployments(vertex).create(context(), inputs)
    assert foreseen == state, "ids are known at preview"
    assert shown(vertex) == {"v1": (90, 2, 10), "v2": (10, 2, 10)}
    first = endpoint(vertex).deployed_models[0].dedicated_resources
    assert first.machine_spec.accelerator_type.name == "NVIDIA_TESLA_T4"
    assert {s.metric_name: s.target for s in first.autoscaling_metric_specs} == {DUTY: 70}
    assert EndpointDeployments(vertex).read(context(), ident, inputs, state) == (
        ident,
        inputs,
        state,
    )
    assert EndpointDeployments(vertex).diff(context(), ident, inputs, state, inputs).changes == ()


def test_bounds_and_targets_change_in_place(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    old = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    ident, state = EndpointDeployments(vertex).create(context(), old)
    changed = deployment(served_endpoint[0], maxReplicas=20, targets={CPU: 50})
    new = {"endpoint": ENDPOINT, "deployments": {"v1": changed}}
    found = EndpointDeployments(vertex).diff(context(), ident, old, state, new)
    assert {c.path: c.replace for c in found.changes} == {
        "deployments.v1.maxReplicas": False,
        f'deployments.v1.targets["{CPU}"]': False,
    }
    cloud.control("DELETE", "requests")
    after = EndpointDeployments(vertex).update(context(), ident, old, state, new)
    assert after["deployedModelIds"] == state["deployedModelIds"]
    assert shown(vertex) == {"v1": (100, 2, 20)}
    asked = {name.rpartition(".")[2] for name in cloud.operations()}
    assert "MutateDeployedModel" in asked
    assert not {"DeployModel", "UndeployModel", "UpdateEndpoint"} & asked


def test_another_machine_takes_over_the_traffic_before_the_old_one_goes(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    old = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    ident, state = EndpointDeployments(vertex).create(context(), old)
    changed = deployment(served_endpoint[0], machineType="n1-standard-8")
    new = {"endpoint": ENDPOINT, "deployments": {"v1": changed}}
    cloud.control("DELETE", "requests")
    after = EndpointDeployments(vertex).update(context(), ident, old, state, new)
    assert after["deployedModelIds"] != state["deployedModelIds"]
    steps = [name.rpartition(".")[2] for name in cloud.operations()]
    order = [s for s in steps if s in ("DeployModel", "UpdateEndpoint", "UndeployModel")]
    assert order == ["DeployModel", "UpdateEndpoint", "UndeployModel"]
    (only,) = endpoint(vertex).deployed_models
    assert only.dedicated_resources.machine_spec.machine_type == "n1-standard-8"
    assert shown(vertex) == {"v1": (100, 2, 10)}


@pytest.mark.parametrize(
    ("strategy", "splits"),
    [
        ("canary", [[16, 24, 60], [40, 60]]),
        ("linear", [[16, 24, 60], [8, 32, 60], [40, 60]]),
    ],
)
def test_a_rollout_moves_the_traffic_in_steps_that_are_always_whole(
    vertex: GcpCloud,
    served_endpoint: tuple[str, str],
    strategy: str,
    splits: list[list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = served_endpoint
    rollout = {"strategy": strategy, "stepPercent": 16, "waitS": 7}
    stays = deployment(two, traffic=60)
    old = {
        "endpoint": ENDPOINT,
        "rollout": rollout,
        "deployments": {"v1": deployment(one, traffic=40), "v2": stays},
    }
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), old)
    seen: list[list[int]] = []
    waits: list[float] = []
    write = Traffic._split

    def noted(self: Traffic, wanted: dict[str, int]) -> None:
        write(self, wanted)
        seen.append(sorted(dict(endpoint(vertex).traffic_split).values()))

    monkeypatch.setattr(Traffic, "_split", noted)
    sleep = Context.wait

    def waited(self: Context, seconds: float) -> None:
        waits.append(seconds) if seconds == 7 else sleep(self, seconds)

    monkeypatch.setattr(Context, "wait", waited)
    bigger = deployment(one, traffic=40, machineType="n1-standard-8")
    new = {**old, "deployments": {"v1": bigger, "v2": stays}}
    after = resource.update(context(), ident, old, state, new)
    assert seen == splits
    assert waits == [7] * (len(seen) - 1)
    assert shown(vertex) == {"v1": (40, 2, 10), "v2": (60, 2, 10)}
    assert resource.read(context(), ident, new, after)[1] == new


def test_a_cancelled_rollout_goes_on_from_the_split_that_it_left(
    vertex: GcpCloud, served_endpoint: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rollout = {"strategy": "canary", "stepPercent": 10, "waitS": 30}
    one = served_endpoint[0]
    old = {"endpoint": ENDPOINT, "rollout": rollout, "deployments": {"v1": deployment(one)}}
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), old)
    new = {**old, "deployments": {"v1": deployment(one, machineType="n1-standard-8")}}

    sleep = Context.wait

    def cancelled(self: Context, seconds: float) -> None:
        if seconds == 30:
            raise Cancelled("stopped")
        sleep(self, seconds)

    with monkeypatch.context() as patched:
        patched.setattr(Context, "wait", cancelled)
        with pytest.raises(ProviderError):
            resource.update(context(), ident, old, state, new)
    assert sorted(dict(endpoint(vertex).traffic_split).values()) == [10, 90]
    assert len(endpoint(vertex).deployed_models) == 2
    resource.update(context(), ident, old, state, new)  # waits no second time
    (only,) = endpoint(vertex).deployed_models
    assert only.dedicated_resources.machine_spec.machine_type == "n1-standard-8"
    assert dict(endpoint(vertex).traffic_split) == {only.id: 100}


def test_a_model_that_scales_to_zero_starts_with_one_and_may_stop_doing_so(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    zero = {"idleS": 3600, "minUpS": 300}
    lazy = deployment(served_endpoint[0], minReplicas=0, scaleToZero=zero)
    old = {"endpoint": ENDPOINT, "deployments": {"v1": lazy}}
    resource = EndpointDeployments(vertex)
    assert resource.check(context(), old, None)[1] == []
    ident, state = resource.create(context(), old)
    assert resource.read(context(), ident, old, state)[1] == old
    (only,) = endpoint(vertex).deployed_models
    assert only.status.available_replica_count == 1
    cloud.control("DELETE", "requests")
    new = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    after = resource.update(context(), ident, old, state, new)
    assert resource.read(context(), ident, new, after)[1] == new
    asked = {name.rpartition(".")[2] for name in cloud.operations()}
    assert "DeployModel" not in asked, "in place"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"minReplicas": 0}, "deployments.v1.minReplicas"),
        ({"scaleToZero": {"idleS": 3600, "minUpS": 300}}, "deployments.v1.minReplicas"),
        (
            {"minReplicas": 0, "scaleToZero": {"idleS": 60, "minUpS": 300}},
            "deployments.v1.scaleToZero.idleS",
        ),
    ],
)
def test_no_replica_and_the_rest_before_it_go_together(
    vertex: GcpCloud, changes: dict[str, Any], path: str
) -> None:
    given = deployment("projects/p/locations/l/models/m@1", **changes)
    inputs = {"endpoint": ENDPOINT, "deployments": {"v1": given}}
    assert [f.path for f in EndpointDeployments(vertex).check(context(), inputs, None)[1]] == [path]


def test_a_minute_takes_sixty_submissions_and_the_next_waits() -> None:
    pace = Pace()
    assert [pace.delay_s(float(second)) for second in range(PER_MINUTE)] == [0] * PER_MINUTE
    assert pace.delay_s(59.5) == pytest.approx(0.5)
    assert pace.delay_s(60.0) == 0
    assert pace.delay_s(60.0) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["no_answer", "lost_answer"])
@pytest.mark.parametrize(
    "operation", ["DeployModel", "UpdateEndpoint", "UndeployModel", "MutateDeployedModel"]
)
def test_a_kill_at_any_call_converges_and_the_split_stays_whole(
    vertex: GcpCloud,
    served_endpoint: tuple[str, str],
    cloud: Served,
    operation: str,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "_BUSY_TRIES", 1)  # the run dies at its first failed call
    one, two = served_endpoint
    old = {
        "endpoint": ENDPOINT,
        "deployments": {"v1": deployment(one, traffic=60), "v2": deployment(two, traffic=40)},
    }
    new = {
        "endpoint": ENDPOINT,
        "deployments": {
            "v1": deployment(one, traffic=30, maxReplicas=4),
            "v3": deployment(two, traffic=70, machineType="n1-standard-2"),
        },
    }
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), old)
    cloud.fault(operation, kind=kind)
    with pytest.raises(ProviderError):
        resource.update(context(), ident, old, state, new)
    assert sum(dict(endpoint(vertex).traffic_split).values()) == 100
    resource.update(context(), ident, old, state, new)
    assert shown(vertex) == {"v1": (30, 2, 4), "v3": (70, 2, 10)}


def test_a_failed_deployment_leaves_the_traffic_and_keeps_what_is_there(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    one, two = served_endpoint
    old = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(one)}}
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), old)
    new = {
        "endpoint": ENDPOINT,
        "deployments": {"v1": deployment(one, traffic=50), "v2": deployment(two, traffic=50)},
    }
    cloud.fault("DeployModel", code="FAILED_PRECONDITION", status=400, message="model exited")
    with pytest.raises(Partial, match="model exited") as caught:
        resource.update(context(), ident, old, state, new)
    assert shown(vertex) == {"v1": (100, 2, 10)}
    left = caught.value.state
    assert list(left["deployments"]) == ["v1"]
    found = resource.diff(context(), ident, new, left, new)
    assert "deployments.v2" in {change.path for change in found.changes}


def test_read_shows_what_someone_else_did(
    vertex: GcpCloud, served_endpoint: tuple[str, str]
) -> None:
    one, two = served_endpoint
    inputs = {
        "endpoint": ENDPOINT,
        "deployments": {"v1": deployment(one, traffic=90), "v2": deployment(two, traffic=10)},
    }
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), inputs)
    library, ids = types(), state["deployedModelIds"]
    vertex.client("EndpointServiceClient").update_endpoint(
        endpoint=library.Endpoint(name=ENDPOINT, traffic_split={ids["v1"]: 50, ids["v2"]: 50}),
        update_mask={"paths": ["traffic_split"]},
    )
    _, seen, now = resource.read(context(), ident, inputs, state)
    assert seen["deployments"]["v1"]["traffic"] == 50
    paths = {c.path for c in resource.diff(context(), ident, seen, now, inputs).changes}
    assert paths == {"deployments.v1.traffic", "deployments.v2.traffic"}


def test_delete_takes_the_traffic_away_first(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    one, two = served_endpoint
    inputs = {
        "endpoint": ENDPOINT,
        "deployments": {"v1": deployment(one, traffic=90), "v2": deployment(two, traffic=10)},
    }
    resource = EndpointDeployments(vertex)
    ident, state = resource.create(context(), inputs)
    cloud.control("DELETE", "requests")
    resource.delete(context(), ident, inputs, state)
    steps = [name.rpartition(".")[2] for name in cloud.operations()]
    assert steps.index("UpdateEndpoint") < steps.index("UndeployModel")
    assert shown(vertex) == {}
    with pytest.raises(NotFound):
        resource.read(context(), ident, inputs, state)


def test_an_import_takes_over_what_is_deployed(
    vertex: GcpCloud, served_endpoint: tuple[str, str]
) -> None:
    inputs = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    EndpointDeployments(vertex).create(context(), inputs)
    ident, seen, _ = EndpointDeployments(vertex).read(context(), "ml-test-e", {}, {})
    assert (ident, seen) == (f"{ENDPOINT}/deployments", inputs)


def test_a_cancel_ends_the_waiting_and_keeps_what_is_there(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    one, two = served_endpoint
    resource = EndpointDeployments(vertex)
    inputs = {
        "endpoint": ENDPOINT,
        "deployments": {"v1": deployment(one, traffic=90), "v2": deployment(two, traffic=10)},
    }
    cancelled = threading.Event()
    cloud.fault("DeployModel", kind="no_answer", times=20)
    cancelled.set()
    with pytest.raises(Cancelled):
        resource.create(context(cancelled=cancelled), inputs)
    assert shown(vertex) == {}


def test_a_call_that_finds_the_service_busy_is_repeated(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    cloud.fault("DeployModel", kind="throttle", times=2)
    inputs = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    EndpointDeployments(vertex).create(context(), inputs)
    assert shown(vertex) == {"v1": (100, 2, 10)}


def test_an_answer_that_was_lost_is_no_second_deployment(
    vertex: GcpCloud, served_endpoint: tuple[str, str], cloud: Served
) -> None:
    cloud.fault("DeployModel", kind="lost_answer")
    inputs = {"endpoint": ENDPOINT, "deployments": {"v1": deployment(served_endpoint[0])}}
    EndpointDeployments(vertex).create(context(), inputs)
    assert len(endpoint(vertex).deployed_models) == 1


def test_a_preview_imports_no_vendor_library() -> None:
    import subprocess
    import sys

    script = (
        "import sys\n"
        "from mlplatform.gaps.plugin.provider import Gaps\n"
        "from mlplatform.provider.model import Context\n"
        "g = Gaps()\n"
        "g.configure({'gcp': {'project': 'ml-test', 'region': 'us-central1'}})\n"
        "c = Context(urn='u::p::t::n', token='mlgap:gcp:Model', name='n', preview=True)\n"
        "i = {'modelId': 'm', 'displayName': 'm', 'imageUri': 'gcr.io/p/i'}\n"
        "assert g.check(c, i, None)[1] == []\n"
        "g.create(c, i)\n"
        "assert 'google.cloud.aiplatform_v1' not in sys.modules\n"
    )
    environ = {"PATH": "", "HOME": "/nonexistent"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environ)


def test_credentials_that_cannot_see_the_project_are_refused(
    vertex: GcpCloud, cloud: Served
) -> None:
    del vertex  # its environment holds credentials
    cloud.fault("cloudresourcemanager.projects.get", status=403, code="PERMISSION_DENIED")
    with pytest.raises(WrongProjectError, match="cannot see project other-one"):
        GcpCloud({"project": "other-one", "region": LOCATION}).verify(lambda _: None)


def test_a_deployed_model_has_ten_digits_that_follow_from_what_is_fixed() -> None:
    base = deployment("projects/p/locations/l/models/m@1")
    first, *rest = shapes.ids("urn", "v1", base)
    assert len(first) == 10
    assert first.isdigit()
    assert first == shapes.ids("urn", "v1", {**base, "traffic": 1, "maxReplicas": 3})[0]
    assert first != shapes.ids("urn", "v1", {**base, "machineType": "n1-standard-8"})[0]
    assert len({first, *rest}) == len(rest) + 1
