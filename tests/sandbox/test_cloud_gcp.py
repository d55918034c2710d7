"""The local Google Cloud, read back by the vendor's own clients, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.oauth2.credentials import Credentials

from tests.sandbox import gcp_served
from tests.sandbox.gcp_served import LOCATION, PARENT, PROJECT, Served, served

IMAGE = "us-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Served) -> Served:
    running.reset()
    return running


@pytest.fixture(scope="module")
def v1() -> Any:
    from google.cloud import aiplatform_v1

    return aiplatform_v1


@pytest.fixture
def endpoints(cloud: Served, v1: Any) -> Any:
    return client(cloud, v1.EndpointServiceClient)


@pytest.fixture
def models(cloud: Served, v1: Any) -> Any:
    return client(cloud, v1.ModelServiceClient)


def client(cloud: Served, kind: Any) -> Any:
    """A GAPIC client over plain gRPC, as the library documents it for local servers."""
    channel = grpc.insecure_channel(cloud.public["grpc_endpoint"])
    return kind(transport=kind.get_transport_class("grpc")(channel=channel))


def bucket(cloud: Served) -> Any:
    options = {"api_endpoint": cloud.public["rest_endpoint"]}
    made = storage.Client(
        project=PROJECT, credentials=AnonymousCredentials(), client_options=options
    )
    return made.create_bucket("ml-test-artifacts", location=LOCATION)


def upload(models: Any, v1: Any, ident: str = "m", **more: Any) -> str:
    model = v1.Model(display_name=ident, container_spec=v1.ModelContainerSpec(image_uri=IMAGE))
    for key, value in more.items():
        setattr(model, key, value)
    request = {"parent": PARENT, "model": model, "model_id": ident}
    return str(models.upload_model(request=request).result().model)


def deployed(v1: Any, model: str, **more: Any) -> Any:
    machine = v1.MachineSpec(machine_type=more.pop("machine_type", "n1-standard-4"))
    if "accelerator" in more:
        machine.accelerator_type, machine.accelerator_count = more.pop("accelerator")
    resources = {"machine_spec": machine, "min_replica_count": 1, "max_replica_count": 3}
    resources |= {key: more.pop(key) for key in list(more) if key.endswith("_count")}
    return v1.DeployedModel(
        model=model, dedicated_resources=v1.DedicatedResources(**resources), **more
    )


def made_endpoint(endpoints: Any, v1: Any) -> str:
    request = {"parent": PARENT, "endpoint": v1.Endpoint(display_name="e"), "endpoint_id": "e1"}
    return str(endpoints.create_endpoint(request=request).result().name)


# Vertex AI


def test_the_high_level_sdk_works_over_rest(cloud: Served) -> None:
    from google.cloud import aiplatform

    bucket(cloud).blob("m/model.joblib").upload_from_string(b"x")
    aiplatform.init(
        project=PROJECT,
        location=LOCATION,
        api_endpoint=cloud.public["rest_endpoint"],
        api_transport="rest",
        credentials=Credentials(cloud.public["token"]),
    )
    model = aiplatform.Model.upload(
        display_name="m",
        artifact_uri="gs://ml-test-artifacts/m",
        serving_container_image_uri=IMAGE,
    )
    endpoint = aiplatform.Endpoint.create(display_name="e", endpoint_id="e1")
    endpoint.deploy(
        model,
        deployed_model_display_name="v1",
        machine_type="n1-standard-4",
        accelerator_type="NVIDIA_TESLA_T4",
        accelerator_count=1,
        min_replica_count=2,
        max_replica_count=10,
        autoscaling_target_accelerator_duty_cycle=70,
        traffic_percentage=100,
    )
    (found,) = endpoint.list_models()
    assert found.dedicated_resources.machine_spec.accelerator_type.name == "NVIDIA_TESLA_T4"
    assert endpoint.traffic_split == {found.id: 100}
    endpoint.undeploy_all()
    endpoint.delete()
    model.delete()
    assert [line for line in cloud.resources() if line.startswith("aiplatform")] == []


def test_versions_and_aliases_move_as_in_the_registry(models: Any, v1: Any) -> None:
    name = upload(models, v1, version_aliases=["champion"])
    second = v1.Model(display_name="m", container_spec=v1.ModelContainerSpec(image_uri=IMAGE))
    second.version_aliases = ["champion"]
    request = {"parent": PARENT, "model": second, "parent_model": name}
    assert models.upload_model(request=request).result().model_version_id == "2"
    aliases = {v.version_id: list(v.version_aliases) for v in models.list_model_versions(name=name)}
    assert aliases == {"1": ["default"], "2": ["champion"]}
    assert models.get_model(name=f"{name}@champion").version_id == "2"
    models.merge_version_aliases(name=f"{name}@2", version_aliases=["default", "-champion"])
    assert models.get_model(name=name).version_id == "2"
    with pytest.raises(exceptions.BadRequest, match="default version"):
        models.delete_model_version(name=f"{name}@2").result()
    models.delete_model_version(name=f"{name}@1").result()
    with pytest.raises(exceptions.NotFound):
        models.get_model(name=f"{name}@1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"machine_type": "n1-standard-5"}, "not supported"),
        ({"machine_type": "e2-standard-4", "accelerator": ("NVIDIA_TESLA_T4", 1)}, "n1-standard"),
        ({"accelerator": ("NVIDIA_TESLA_T4", 3)}, "1, 2, 4"),
        ({"accelerator": ("NVIDIA_TESLA_K80", 1)}, "NVIDIA_TESLA_T4"),
        ({"max_replica_count": 0, "min_replica_count": 0}, "at least 1"),
        ({"min_replica_count": 5}, "below min_replica_count"),
        ({"service_account": "nobody@ml-test.iam.gserviceaccount.com"}, "does not exist"),
    ],
)
def test_a_deployment_that_cannot_run_is_refused(
    endpoints: Any, models: Any, v1: Any, change: dict[str, Any], words: str
) -> None:
    name, model = made_endpoint(endpoints, v1), upload(models, v1)
    with pytest.raises(exceptions.InvalidArgument, match=words):
        endpoints.deploy_model(endpoint=name, deployed_model=deployed(v1, model, **change))


def test_the_split_adds_up_to_100_and_traffic_is_never_cut(
    endpoints: Any, models: Any, v1: Any
) -> None:
    name, model = made_endpoint(endpoints, v1), upload(models, v1)
    first = endpoints.deploy_model(
        endpoint=name, deployed_model=deployed(v1, model, id="1"), traffic_split={"0": 100}
    ).result()
    assert first.deployed_model.id == "1"
    assert dict(endpoints.get_endpoint(name=name).traffic_split) == {"1": 100}
    with pytest.raises(exceptions.InvalidArgument, match="add up to 100"):
        endpoints.deploy_model(
            endpoint=name, deployed_model=deployed(v1, model), traffic_split={"0": 50}
        )
    endpoints.deploy_model(endpoint=name, deployed_model=deployed(v1, model, id="2")).result()
    assert dict(endpoints.get_endpoint(name=name).traffic_split) == {"1": 100}
    with pytest.raises(exceptions.FailedPrecondition, match="has traffic"):
        endpoints.undeploy_model(endpoint=name, deployed_model_id="1").result()
    endpoints.undeploy_model(
        endpoint=name, deployed_model_id="1", traffic_split={"2": 100}
    ).result()
    with pytest.raises(exceptions.FailedPrecondition, match="deployed models"):
        endpoints.delete_endpoint(name=name).result()
    with pytest.raises(exceptions.FailedPrecondition, match="deployed to endpoint"):
        models.delete_model(name=model).result()
    endpoints.undeploy_model(endpoint=name, deployed_model_id="2").result()
    assert dict(endpoints.get_endpoint(name=name).traffic_split) == {}
    endpoints.delete_endpoint(name=name).result()
    models.delete_model(name=model).result()


def test_only_bounds_and_targets_of_a_deployed_model_can_be_mutated(
    endpoints: Any, models: Any, v1: Any
) -> None:
    name, model = made_endpoint(endpoints, v1), upload(models, v1)
    endpoints.deploy_model(endpoint=name, deployed_model=deployed(v1, model, id="1")).result()
    change = deployed(v1, model, id="1", min_replica_count=2, max_replica_count=9)
    masks = {"paths": ["dedicated_resources.min_replica_count"]}
    endpoints.mutate_deployed_model(
        endpoint=name, deployed_model=change, update_mask=masks
    ).result()
    (now,) = endpoints.get_endpoint(name=name).deployed_models
    assert (
        now.dedicated_resources.min_replica_count,
        now.dedicated_resources.max_replica_count,
    ) == (
        2,
        3,
    )
    with pytest.raises(exceptions.InvalidArgument, match="cannot be mutated"):
        endpoints.mutate_deployed_model(
            endpoint=name,
            deployed_model=change,
            update_mask={"paths": ["dedicated_resources.machine_spec"]},
        )


def test_what_is_required_immutable_or_changed_in_between_is_refused(
    endpoints: Any, v1: Any
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="displayName"):
        endpoints.create_endpoint(parent=PARENT, endpoint=v1.Endpoint())
    name = made_endpoint(endpoints, v1)
    with pytest.raises(exceptions.AlreadyExists):
        made_endpoint(endpoints, v1)
    with pytest.raises(exceptions.InvalidArgument, match="immutable"):
        endpoints.update_endpoint(
            endpoint=v1.Endpoint(name=name, display_name="e", network="n"),
            update_mask={"paths": ["network"]},
        )
    stale = endpoints.get_endpoint(name=name).etag
    target = v1.Endpoint(name=name, display_name="other")
    endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["display_name"]})
    target.etag = stale
    with pytest.raises(exceptions.Aborted, match="etag"):
        endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["display_name"]})


def test_a_key_that_vertex_may_not_use_is_refused(cloud: Served, endpoints: Any, v1: Any) -> None:
    base = f"{cloud.public['rest_endpoint']}/v1/{PARENT}/keyRings"
    post(f"{base}?keyRingId=r", {})
    post(f"{base}/r/cryptoKeys?cryptoKeyId=k", {"purpose": "ENCRYPT_DECRYPT"})
    key = v1.EncryptionSpec(kms_key_name=f"{PARENT}/keyRings/r/cryptoKeys/k")
    with pytest.raises(exceptions.PermissionDenied, match="gcp-sa-aiplatform"):
        endpoints.create_endpoint(
            parent=PARENT, endpoint=v1.Endpoint(display_name="e", encryption_spec=key)
        )


# Storage


def test_files_go_up_in_every_way_and_come_back(cloud: Served) -> None:
    made = bucket(cloud)
    small = b"\x00\r\n--x\r\n" * 10
    made.blob("a/small").upload_from_string(small)
    large = os.urandom(600_000)
    made.blob("a/large.bin", chunk_size=262_144).upload_from_string(large)
    assert made.blob("a/small").download_as_bytes() == small
    assert made.blob("a/large.bin").download_as_bytes() == large
    assert made.blob("a/large.bin").download_as_bytes(start=10, end=19) == large[10:20]
    names = [blob.name for blob in made.client.list_blobs("ml-test-artifacts", prefix="a/")]
    assert names == ["a/large.bin", "a/small"]
    with pytest.raises(exceptions.Conflict, match="not empty"):
        made.delete()
    made.delete(force=True)


def test_a_policy_that_changed_in_between_is_refused(cloud: Served) -> None:
    made = bucket(cloud)
    first, second = made.get_iam_policy(), made.get_iam_policy()
    member = "user:someone@example.com"
    for policy in (first, second):
        policy.bindings.append({"role": "roles/storage.objectViewer", "members": {member}})
    made.set_iam_policy(first)
    with pytest.raises(exceptions.Conflict, match="concurrent policy changes"):
        made.set_iam_policy(second)


# The process


def test_state_survives_a_sudden_end_and_operations_carry_on(tmp_path: Path, v1: Any) -> None:
    process = gcp_served.start(tmp_path, delay_s=0.4)
    try:
        before = Served(tmp_path, process)
        bucket(before).blob("m/model").upload_from_string(b"x")
        models = client(before, v1.ModelServiceClient)
        model = v1.Model(display_name="m", container_spec=v1.ModelContainerSpec(image_uri=IMAGE))
        request = {"parent": PARENT, "model": model, "model_id": "m"}
        operation = models.upload_model(request=request).operation.name
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    again = gcp_served.start(tmp_path, delay_s=0.4)
    try:
        after = Served(tmp_path, again)
        assert after.public["rest_endpoint"] == before.public["rest_endpoint"]
        assert after.public["grpc_endpoint"] == before.public["grpc_endpoint"]
        models = client(after, v1.ModelServiceClient)
        until = time.monotonic() + 10
        while not models.get_operation({"name": operation}).done and time.monotonic() < until:
            time.sleep(0.05)
        assert models.get_model(name=f"{PARENT}/models/m").version_id == "1"
        assert "storage/b/ml-test-artifacts/o/m/model" in after.resources()
    finally:
        again.terminate()
        assert again.wait(timeout=10) == 0


def test_faults_are_answered_and_logged(cloud: Served, endpoints: Any, v1: Any) -> None:
    cloud.fault("CreateEndpoint", status=429)
    with pytest.raises(exceptions.ResourceExhausted):
        endpoints.create_endpoint(parent=PARENT, endpoint=v1.Endpoint(display_name="e"))
    log = cloud.control("GET", "requests")
    assert log == [{"operation": "aiplatform.EndpointService.CreateEndpoint", "status": 429}]


def post(url: str, value: Any) -> Any:
    request = urllib.request.Request(url, data=json.dumps(value).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())
