"""One life of stack dev-gcp: preview, up, read back, change, break, heal, destroy.

The tests run in the order of the file and share one sandbox: each continues where the one
before it stopped. What is read back comes from google-cloud-aiplatform and google-cloud-storage,
the vendor's own clients.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.engine.conftest import ROOT, Outcome, Project
from tests.engine.gcp_client import STACK, Google

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("up"),
]

RESNET, CHURN = "ml-dev-resnet50", "ml-dev-bankchurn"
MODELS = {f"{RESNET}-v1": ["1"], f"{RESNET}-v2": ["1"], f"{CHURN}-primary": ["1"]}
ONLINE = "aiplatform.googleapis.com/prediction/online"
NO_CHANGE = ("--", "--expect-no-changes")
AT_ONCE = ("--", "--skip-preview")


def mlp(project: Project, verb: str, *rest: str, expect: int | None = 0) -> Outcome:
    return project.run("sandbox", verb, "--stack", STACK, *rest, expect=expect)


@dataclass
class Change:
    """A change of one workload's endpoint in the stack file."""

    project: Project
    workload: str

    def __call__(self, **gcp: Any) -> None:
        """Set what Vertex AI alone is told; ``variants`` and ``scaling`` are for every cloud."""
        content = self.project.stack_file()
        endpoint = content["config"]["mlplatform:workloads"][self.workload]["endpoint"]
        for shared in ("variants", "scaling"):
            endpoint[shared] = {**endpoint.get(shared, {}), **gcp.pop(shared, {})}
            if not endpoint[shared]:
                del endpoint[shared]
        endpoint["gcp"].update(gcp)
        self.project.write_stack_file(content)


def killed_when(project: Project, reached: Callable[[], bool]) -> None:
    """Run ``up`` and kill it, with all its processes, as soon as the condition holds."""
    running = subprocess.Popen(
        project.command("sandbox", "up", "--stack", STACK) + list(AT_ONCE),
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    try:
        while not reached():
            assert time.monotonic() < deadline, "the update never came to the middle"
            assert running.poll() is None, "the update ended before it could be killed"
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@pytest.fixture(scope="module")
def google(project: Project) -> Google:
    return Google(project)


@pytest.fixture(scope="module")
def up(project: Project, google: Google) -> Iterator[str]:
    preview = mlp(project, "preview").text
    assert "36 to create" in preview, preview
    assert google.resources() == [], "a preview creates nothing"
    yield mlp(project, "up", *AT_ONCE).text


def test_up_ends_with_the_endpoints_names(up: str) -> None:
    tail = up[up.index("Endpoints:") :]
    assert f"endpoints/{RESNET}" in tail
    assert f"endpoints/{CHURN}" in tail


def test_what_vertex_cannot_do_as_asked_is_told(up: str) -> None:
    (said,) = {line for line in up.splitlines() if "[0]" in line and "gcp bankchurn" in line}
    assert "asked cooldowns of 300 s in, 60 s out" in said


def test_machines_accelerators_and_traffic_are_as_declared(google: Google) -> None:
    specs = {
        (endpoint, name): model.dedicated_resources.machine_spec
        for endpoint in (RESNET, CHURN)
        for name, model in google.deployed(endpoint).items()
    }
    assert {
        key: (spec.machine_type, spec.accelerator_type.name, spec.accelerator_count)
        for key, spec in specs.items()
    } == {
        (RESNET, "v1"): ("n1-standard-4", "NVIDIA_TESLA_T4", 1),
        (RESNET, "v2"): ("n1-standard-4", "NVIDIA_TESLA_T4", 1),
        (CHURN, "primary"): ("n1-standard-2", "ACCELERATOR_TYPE_UNSPECIFIED", 0),
    }
    assert google.split(RESNET) == {"v1": 90, "v2": 10}
    assert google.split(CHURN) == {"primary": 100}


def test_replica_bounds_and_metric_targets_are_as_declared(google: Google) -> None:
    assert google.bounds(RESNET) == {"v1": (2, 10), "v2": (2, 10)}
    assert google.bounds(CHURN) == {"primary": (1, 5)}
    for endpoint, name, metric, target in (
        (RESNET, "v1", f"{ONLINE}/accelerator/duty_cycle", 70),
        (CHURN, "primary", f"{ONLINE}/cpu/utilization", 60),
    ):
        resources = google.deployed(endpoint)[name].dedicated_resources
        specs = resources.autoscaling_metric_specs
        assert {spec.metric_name: spec.target for spec in specs} == {metric: target}


def test_each_model_has_its_image_its_artifact_and_its_workloads_account(google: Google) -> None:
    project = google.public["project"]
    for endpoint, workload, image in (
        (RESNET, "resnet50", "pytorch-gpu.2-0"),
        (CHURN, "bankchurn", "sklearn-cpu.1-2"),
    ):
        for deployed in google.deployed(endpoint).values():
            assert deployed.service_account == f"{endpoint}@{project}.iam.gserviceaccount.com"
            version = f"{deployed.model}@{deployed.model_version_id}"
            model = google.models.get_model(name=version)
            assert f"/{image}:" in model.container_spec.image_uri
            bucket, _, folder = model.artifact_uri.removeprefix("gs://").partition("/")
            stored = list(google.storage.list_blobs(bucket, prefix=f"{folder}/"))
            files = sorted((ROOT / "models" / workload / "vertex").iterdir())
            assert [blob.name for blob in stored] == [f"{folder}/{f.name}" for f in files]
            assert [blob.download_as_bytes() for blob in stored] == [f.read_bytes() for f in files]
    assert google.versions() == MODELS


def test_one_key_encrypts_bucket_endpoints_and_models(google: Google) -> None:
    (bucket,) = google.storage.list_buckets()
    key = bucket.default_kms_key_name
    assert key.startswith(f"{google.parent}/keyRings/ml-dev-models")
    assert google.get(key)["rotationPeriod"] == f"{90 * 86_400}s"
    assert {google.endpoint(e).encryption_spec.kms_key_name for e in (RESNET, CHURN)} == {key}
    models = google.models.list_models(parent=google.parent)
    assert {model.encryption_spec.kms_key_name for model in models} == {key}
    assert bucket.versioning_enabled
    assert bucket.iam_configuration.public_access_prevention == "enforced"
    assert bucket.iam_configuration.uniform_bucket_level_access_enabled


def test_the_second_preview_shows_no_change(project: Project) -> None:
    mlp(project, "preview", *NO_CHANGE)


def test_another_project_is_refused_before_anything_changes(
    project: Project, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = google.resources()
    Change(project, "bankchurn")(machine_type="n1-standard-8")
    monkeypatch.setitem(project.environ, "MLP_SANDBOX_GCP_PROJECT", "ml-of-others")
    refused = mlp(project, "up", expect=None)
    project.reset_stack_files()
    assert refused.code != 0
    assert "cannot see project ml-dev" in refused.text, refused.text
    assert "Traceback" not in refused.text
    assert google.resources() == before
    assert google.machines(CHURN) == {"n1-standard-2"}


def test_a_killed_cloud_comes_back_with_everything(project: Project, google: Google) -> None:
    before = google.resources()
    address = json.loads((project.folder / ".sandbox/clouds/gcp/address.json").read_text())
    os.kill(address["pid"], signal.SIGKILL)
    mlp(project, "refresh", *NO_CHANGE)
    assert google.resources() == before


def test_new_weights_and_bounds_go_out_in_place_and_keep_the_live_count(
    project: Project, google: Google
) -> None:
    google.scaled_out(RESNET, "v1", 5)
    before = {name: model.id for name, model in google.deployed(RESNET).items()}
    google.control("DELETE", "requests")
    Change(project, "resnet50")(
        variants={"v1": {"weight": 60}, "v2": {"weight": 40}}, scaling={"max": 8}
    )
    with google.watched(RESNET) as seen:
        told = mlp(project, "up").text
    assert re.findall(
        r"^ ([~+-]+) .* (\S+) (?:updated|created|deleted|replaced) \(", told, re.M
    ) == [("~", f"{RESNET}-deployments")], told
    assert google.changes() == ["MutateDeployedModel"] * 2 + ["UpdateEndpoint"]
    assert [sorted(split.values()) for _, split in seen] == [[10, 90], [40, 60]]
    assert {name: model.id for name, model in google.deployed(RESNET).items()} == before
    assert google.split(RESNET) == {"v1": 60, "v2": 40}
    assert google.bounds(RESNET) == {"v1": (2, 8), "v2": (2, 8)}
    assert google.live(RESNET) == {"v1": 5, "v2": 2}


def test_another_machine_goes_out_though_the_run_is_killed_in_the_middle(
    project: Project, google: Google
) -> None:
    Change(project, "resnet50")(machine_type="n1-standard-8")
    # The first of the two deployments gets through; the answer to the second never comes.
    fault = {"operation": "DeployModel", "times": 1}
    google.control("POST", "faults", {**fault, "kind": "delay"})
    google.control("POST", "faults", {**fault, "kind": "no_answer", "delay_s": 5})
    killed_when(project, lambda: len(google.endpoint(RESNET).deployed_models) == 3)
    assert set(google.endpoint(RESNET).traffic_split.values()) == {60, 40}

    google.control("DELETE", "requests")
    with google.watched(RESNET) as seen:
        told = mlp(project, "up", *AT_ONCE).text
    assert f"{RESNET}-deployments updated" in told, told
    assert google.machines(RESNET) == {"n1-standard-8"}
    assert google.split(RESNET) == {"v1": 60, "v2": 40}
    assert google.bounds(RESNET) == {"v1": (2, 8), "v2": (2, 8)}
    assert google.versions() == MODELS, "no second model"
    changes = google.changes()
    assert changes.count("DeployModel") == 1, "what the killed run had deployed is used"
    assert changes.count("UndeployModel") == 2
    assert changes.index("DeployModel") < changes.index("UpdateEndpoint")
    assert changes.index("UpdateEndpoint") < changes.index("UndeployModel")
    assert len(seen) >= 3
    for ids, split in seen:
        assert sum(split.values()) == 100
        assert set(split) <= ids, "a model with traffic was undeployed"


def test_another_machine_starts_with_as_many_replicas_as_ran(google: Google) -> None:
    assert google.live(RESNET) == {"v1": 5, "v2": 2}


def test_a_fault_in_the_middle_is_a_failure_that_the_next_up_heals(
    project: Project, google: Google
) -> None:
    Change(project, "bankchurn")(machine_type="n1-standard-4")
    reason = "The deployed model is being drained."
    google.control(
        "POST",
        "faults",
        {"operation": "UndeployModel", "kind": "error", "status": 400, "message": reason},
    )
    failed = mlp(project, "up", *AT_ONCE, expect=None)
    assert failed.code != 0
    assert reason in failed.text, failed.text
    assert "Traceback" not in failed.text
    assert google.machines(CHURN) == {"n1-standard-2", "n1-standard-4"}

    mlp(project, "up", *AT_ONCE)
    assert google.machines(CHURN) == {"n1-standard-4"}
    assert google.split(CHURN) == {"primary": 100}
    mlp(project, "preview", *NO_CHANGE)


def test_destroy_leaves_only_what_google_never_deletes_and_up_works_again(
    project: Project, google: Google
) -> None:
    (bucket,) = google.storage.list_buckets()
    key = bucket.default_kms_key_name
    mlp(project, "destroy")
    ring = key.partition("/cryptoKeys/")[0]
    assert google.resources() == [
        f"cloudkms/{name}" for name in (ring, key, f"{key}/cryptoKeyVersions/1")
    ]
    assert google.get(f"{key}/cryptoKeyVersions/1")["state"] == "DESTROY_SCHEDULED"
    service = google.get(f"projects/{google.public['project']}/services/aiplatform.googleapis.com")
    assert service["state"] == "ENABLED"

    project.reset_stack_files()
    mlp(project, "up", *AT_ONCE)
    assert google.machines(RESNET) == {"n1-standard-4"}
    assert google.split(RESNET) == {"v1": 90, "v2": 10}
    assert google.endpoint(RESNET).encryption_spec.kms_key_name.partition("/cryptoKeys")[0] != ring
