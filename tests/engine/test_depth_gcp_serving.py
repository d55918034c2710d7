"""An existing key and log bucket, repositories, and endpoints of every kind on Google Cloud.

The tests run in the order of the file and share one sandbox. What is read back comes from
google-cloud-aiplatform, google-cloud-bigquery and google-cloud-storage, the vendor's own clients.
"""

from __future__ import annotations

import copy
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.cloud import bigquery
from google.oauth2.credentials import Credentials

from tests.engine.conftest import Project
from tests.engine.gcp_client import STACK, Google
from tests.engine.gcp_imports import imported

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("up")]

NO_CHANGE = ("--", "--expect-no-changes")
AT_ONCE = ("--", "--skip-preview")
PARENT = "projects/ml-dev/locations/us-central1"
KEY = f"{PARENT}/keyRings/shared/cryptoKeys/platform"
NETWORK = "projects/ml-dev/global/networks/ml-dev-network"
REQUESTS = "aiplatform.googleapis.com/prediction/online/request_count"
OPEN, INSIDE = "ml-dev-open", "ml-dev-inside"
NEAR, FAR = "ml-dev-near", "ml-dev-far"
IMAGES: dict[str, Any] = {
    "model": {
        "framework": "pytorch",
        "version": "2.0",
        "artifact": {"gcp": "models/resnet50/vertex"},
    },
    "endpoint": {"scaling": {"min": 1, "max": 2}, "gcp": {"pool": "shared"}},
}
POOL: dict[str, Any] = {
    "accelerator": "T4",
    "machine_type": "n1-standard-4",
    "max": 4,
    "target": {"gpu_duty_cycle_percent": 60},
}
MODEL = {
    "framework": "scikit-learn",
    "version": "1.2",
    "artifact": {"gcp": "models/bankchurn/vertex"},
}
CONFIG: dict[str, Any] = {
    "mlplatform:labels": {
        "project": "ml-platform",
        "owner": "ml-team",
        "cost_center": "data-science",
        "data_class": "internal",
        "auto_shutdown": True,
        "backup_required": False,
    },
    "mlplatform:clouds": {
        "gcp": {
            "project": "ml-dev",
            "region": "us-central1",
            "keys": {"id": KEY},
            "logs": {"bucket": "ml-dev-access-logs"},
            "network": {"cidr": "10.40.0.0/20"},
            "image_repositories": ["serving"],
            "deployment_pools": {"shared": POOL},
        }
    },
    "mlplatform:workloads": {
        "open": {
            "model": MODEL,
            "endpoint": {
                "capture": {"sampling_percent": 80, "retention_days": 30},
                "rollout": {"strategy": "linear", "step_percent": 40, "wait_s": 1},
                "scaling": {
                    "min": 1,
                    "max": 5,
                    "schedules": {"night": {"cron": "0 20 * * *", "min": 1, "max": 1}},
                },
                "gcp": {
                    "version_aliases": ["live"],
                    "target": {"requests_per_replica_per_minute": 600},
                },
            },
        },
        "inside": {
            "model": MODEL,
            "endpoint": {
                "private": True,
                "scaling": {"min": 0, "max": 2},
                "variants": {"v1": {"weight": 100}, "v2": {"weight": 0, "shadow_percent": 10}},
                "gcp": {"target": {"cpu_percent": 60}, "scale_to_zero": {"idle_s": 1800}},
            },
        },
        "near": IMAGES,
        "far": copy.deepcopy(IMAGES),
    },
}


def written(
    project: Project,
    *,
    inside: bool = True,
    pool: dict[str, Any] = POOL,
    far: dict[str, Any] = IMAGES["endpoint"]["gcp"],
    cidr: str = "10.40.0.0/20",
    **endpoint: Any,
) -> None:
    """The stack file, with keys of the open endpoint changed, the other private or public."""
    config = copy.deepcopy(CONFIG)
    config["mlplatform:clouds"]["gcp"]["deployment_pools"]["shared"] = pool
    config["mlplatform:clouds"]["gcp"]["network"]["cidr"] = cidr
    config["mlplatform:workloads"]["inside"]["endpoint"]["private"] = inside
    config["mlplatform:workloads"]["far"]["endpoint"]["gcp"] = far
    config["mlplatform:workloads"]["open"]["endpoint"].update(endpoint)
    project.write_stack_file({"config": config})


def mlp(project: Project, verb: str, *rest: str) -> str:
    return project.run("sandbox", verb, "--stack", STACK, *rest).text


def posted(google: Google, path: str, body: dict[str, Any]) -> None:
    """Make something as its owner would who is none of ours."""
    headers = {
        "Authorization": f"Bearer {google.public['token']}",
        "Content-Type": "application/json",
    }
    url = f"{google.public['rest_endpoint']}/{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


@pytest.fixture(scope="module")
def google(project: Project) -> Google:
    return Google(project)


@pytest.fixture(scope="module")
def tables(google: Google) -> bigquery.Client:
    return bigquery.Client(
        project="ml-dev",
        credentials=Credentials(token=google.public["token"]),
        client_options=ClientOptions(api_endpoint=google.public["rest_endpoint"]),
    )


@pytest.fixture(scope="module")
def up(project: Project, google: Google) -> Iterator[str]:
    posted(google, f"v1/{PARENT}/keyRings?keyRingId=shared", {})
    ring = KEY.rpartition("/cryptoKeys/")[0]
    purpose = {"purpose": "ENCRYPT_DECRYPT"}
    posted(google, f"v1/{ring}/cryptoKeys?cryptoKeyId=platform", purpose)
    google.storage.create_bucket("ml-dev-access-logs", location="us-central1")
    written(project)
    yield mlp(project, "up")


def test_what_vertex_cannot_do_as_asked_is_told(up: str) -> None:
    assert "given bounds of 1 to 5 at all times" in up
    assert "given a deployed model without traffic" in up


def test_the_existing_key_encrypts_everything_and_no_other_is_made(
    google: Google, tables: bigquery.Client
) -> None:
    keys = [r for r in google.resources() if re.fullmatch(r"cloudkms/.*/cryptoKeys/[\w-]+", r)]
    assert keys == [f"cloudkms/{KEY}"]
    assert {google.endpoint(e).encryption_spec.kms_key_name for e in (OPEN, INSIDE)} == {KEY}
    repository = google.get(f"{PARENT}/repositories/ml-dev-serving")
    assert repository["kmsKeyName"] == KEY
    assert repository["dockerConfig"] == {"immutableTags": True}
    dataset = tables.get_dataset("ml-dev.ml_dev_captured")
    assert dataset.default_encryption_configuration.kms_key_name == KEY


def test_access_to_artifacts_is_logged_into_the_existing_bucket(google: Google) -> None:
    (bucket,) = [b for b in google.storage.list_buckets() if b.name != "ml-dev-access-logs"]
    assert bucket.get_logging()["logBucket"] == "ml-dev-access-logs"
    assert bucket.default_kms_key_name == KEY


def test_requests_go_to_a_table_that_only_vertex_writes_and_that_forgets(
    google: Google, tables: bigquery.Client
) -> None:
    config = google.endpoint(OPEN).predict_request_response_logging_config
    assert config.enabled
    assert config.sampling_rate == pytest.approx(0.8)
    assert config.bigquery_destination.output_uri == "bq://ml-dev.ml_dev_captured.ml_dev_open"
    table = tables.get_table("ml-dev.ml_dev_captured.ml_dev_open")
    assert table.time_partitioning.field == "logging_time"
    assert table.time_partitioning.expiration_ms == 30 * 86_400_000
    assert {f.name for f in table.schema} >= {"request_payload", "response_payload"}
    entries = tables.get_dataset("ml-dev.ml_dev_captured").access_entries
    assert {(e.role, e.entity_type) for e in entries} == {
        ("OWNER", "specialGroup"),
        ("WRITER", "userByEmail"),
    }


def test_one_endpoint_has_its_own_host_and_one_only_an_address_in_the_network(
    google: Google,
) -> None:
    assert google.endpoint(OPEN).dedicated_endpoint_dns
    inside = google.endpoint(INSIDE)
    assert not inside.dedicated_endpoint_enabled
    config = inside.private_service_connect_config
    assert config.enable_private_service_connect
    assert list(config.project_allowlist) == ["ml-dev"]
    (automation,) = config.psc_automation_configs
    assert (automation.project_id, automation.network) == ("ml-dev", NETWORK)
    assert google.split(INSIDE).get("v2", 0) == 0
    live = google.models.get_model(name=f"{PARENT}/models/{OPEN}-primary@live")
    assert (live.version_id, sorted(live.version_aliases)) == ("1", ["default", "live"])
    assert google.bounds(INSIDE) == {"v1": (0, 2), "v2": (0, 2)}


def test_two_endpoints_share_the_machines_of_one_pool(google: Google, up: str) -> None:
    found = google.pool()
    spec, bounds = found.dedicated_resources.machine_spec, found.dedicated_resources
    assert (spec.machine_type, spec.accelerator_type.name) == ("n1-standard-4", "NVIDIA_TESLA_T4")
    assert (bounds.min_replica_count, bounds.max_replica_count) == (1, 4)
    assert found.encryption_spec.kms_key_name == KEY
    assert found.service_account == "ml-dev-shared-pool@ml-dev.iam.gserviceaccount.com"
    used = google.pools.query_deployed_models(deployment_resource_pool=found.name)
    assert {ref.endpoint.rpartition("/")[2] for ref in used.deployed_model_refs} == {NEAR, FAR}
    assert google.deployed(NEAR)["primary"].shared_resources == found.name
    assert "given 1 to 4 replicas, shared" in up, "what a pool cannot do as asked is told"


def test_the_made_network_lets_nothing_in_but_gives_vertex_addresses(google: Google) -> None:
    network = google.compute(NETWORK)
    assert network["autoCreateSubnetworks"] is False
    subnets = [google.compute(link.partition("/v1/")[2]) for link in network["subnetworks"]]
    assert ranges(google) == {"10.40.0.0/21", "10.40.8.0/21"}
    assert all(one["privateIpGoogleAccess"] and one["logConfig"]["enable"] for one in subnets)
    (policy,) = google.get(f"{PARENT}/serviceConnectionPolicies")["serviceConnectionPolicies"]
    assert (policy["serviceClass"], policy["network"]) == ("gcp-vertexai", NETWORK)
    (subnet,) = policy["pscConfig"]["subnetworks"]
    assert google.compute(subnet)["ipCidrRange"] == "10.40.0.0/21"


def ranges(google: Google) -> set[str]:
    links = google.compute(NETWORK)["subnetworks"]
    return {google.compute(link.partition("/v1/")[2])["ipCidrRange"] for link in links}


def test_the_second_preview_and_a_refresh_show_no_change(project: Project) -> None:
    mlp(project, "preview", *NO_CHANGE)
    mlp(project, "refresh", *NO_CHANGE)


def test_what_is_on_endpoints_and_their_pool_is_imported_as_it_was_declared(
    project: Project,
) -> None:
    assert imported(project, STACK) == {"DeploymentResourcePool", "EndpointDeployments", "Model"}


def test_target_and_sampling_change_in_place(project: Project, google: Google) -> None:
    google.scaled_out(OPEN, "primary", 3)
    before = google.deployed(OPEN)["primary"].id
    written(
        project,
        capture={"sampling_percent": 20, "retention_days": 30},
        gcp={"target": {"requests_per_replica_per_minute": 900}},
        pool={**POOL, "max": 6},
    )
    pool = google.pool()
    mlp(project, "up", *AT_ONCE)
    assert google.pool().create_time == pool.create_time
    assert google.pool().dedicated_resources.max_replica_count == 6
    model = google.deployed(OPEN)["primary"]
    specs = model.dedicated_resources.autoscaling_metric_specs
    assert {s.metric_name: s.target for s in specs} == {REQUESTS: 900}
    assert model.id == before
    assert google.live(OPEN) == {"primary": 3}, "the count that autoscaling reached stays"
    config = google.endpoint(OPEN).predict_request_response_logging_config
    assert config.sampling_rate == pytest.approx(0.2)


def test_a_private_endpoint_that_becomes_public_is_made_anew_with_what_is_on_it(
    project: Project, google: Google
) -> None:
    before, old = set(google.deployed(INSIDE)), google.endpoint(INSIDE)
    written(project, inside=False)
    mlp(project, "up", *AT_ONCE)
    found = google.endpoint(INSIDE)
    assert found.create_time > old.create_time
    assert found.dedicated_endpoint_dns
    assert not found.private_service_connect_config.enable_private_service_connect
    assert set(google.deployed(INSIDE)) == before
    assert google.split(INSIDE).get("v1") == 100


def test_another_machine_takes_over_in_steps(project: Project, google: Google) -> None:
    written(
        project,
        inside=False,
        cidr="10.40.0.0/21",
        gcp={
            "machine_type": "n1-standard-4",
            "target": {"requests_per_replica_per_minute": 600},
        },
        pool={**POOL, "machine_type": "n1-standard-8"},
        far={"target": {"cpu_percent": 60}, "machine_type": "n1-standard-4"},
    )
    before = google.pool()
    with google.watched(OPEN) as seen, google.watched(NEAR) as near, google.watched(FAR) as far:
        mlp(project, "up", *AT_ONCE)
    assert google.pool().name != before.name, "another machine is another pool"
    assert ranges(google) == {"10.40.0.0/22", "10.40.4.0/22"}, "who uses a subnet went first"
    assert google.deployed(NEAR)["primary"].shared_resources == google.pool().name
    assert google.machines(FAR) == {"n1-standard-4"}, "it has left the pool"
    assert all(set(split) <= ids for ids, split in [*near, *far]), "traffic moved first"
    splits = [sorted(split.values()) for _, split in seen]
    assert [40, 60] in splits
    assert [20, 80] in splits
    assert all(sum(split) == 100 for split in splits)
    assert all(set(split) <= ids for ids, split in seen), "a model with traffic was undeployed"
    assert google.machines(OPEN) == {"n1-standard-4"}
    assert google.split(OPEN) == {"primary": 100}
    mlp(project, "preview", *NO_CHANGE)


def test_destroy_leaves_what_was_there_before(
    project: Project, google: Google, tables: bigquery.Client
) -> None:
    mlp(project, "destroy")
    assert list(tables.list_datasets()) == []
    assert [b.name for b in google.storage.list_buckets()] == ["ml-dev-access-logs"]
    assert google.get(KEY)["name"] == KEY
    assert [r for r in google.resources() if r.startswith(("compute/", "networkconn"))] == []
    assert google.get(f"{KEY}/cryptoKeyVersions/1")["state"] == "ENABLED"
