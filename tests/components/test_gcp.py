"""The Google components: their children, what they ask for, and that Google would accept it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from components.gcp.access import Access, AccessArgs, only_below, own_repositories
from components.gcp.archives import unpacked
from components.gcp.endpoint import Endpoint, EndpointArgs, VariantArgs
from components.gcp.keys import Keys, KeysArgs
from components.gcp.place import Place
from components.gcp.services import Services, ServicesArgs
from components.gcp.storage import Storage, StorageArgs
from infra import gcp as infra
from infra.settings import Settings
from mlplatform import contracts
from mlplatform.spec.plan import (
    Artifact,
    GcpEndpoint,
    GcpFeature,
    GcpFeatureGroup,
    GcpOnlineStore,
    GcpPlan,
    GcpVariant,
    GcpWorkload,
    Labels,
    Platform,
)
from tests.recorder import Inventory, run

PLACE = Place(project="ml-test", project_number="123456789012", region="us-central1")
KEY = f"{PLACE.parent}/keyRings/r/cryptoKeys/k"
IMAGE = "us-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"
LABELS = {"env": "test"}


def variant(name: str = "primary", **changes: Any) -> VariantArgs:
    base: dict[str, Any] = {
        "weight": 100,
        "min_replicas": 2,
        "max_replicas": 5,
        "image_uri": IMAGE,
        "artifact_uri": "gs://b-b-b/m",
    }
    return VariantArgs(name=name, **(base | changes))


def endpoint_args(*variants: VariantArgs, **changes: Any) -> EndpointArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "endpoint_id": "ml-test-fraud",
        "service_account": PLACE.account_email("ml-test-fraud"),
        "machine_type": "n1-standard-4",
        "accelerator_type": "NVIDIA_TESLA_T4",
        "accelerator_count": 1,
        "target_metric": "gpu_duty_cycle_percent",
        "target_value": 70,
        "key_name": KEY,
        "variants": variants or (variant(),),
        "labels": LABELS,
    }
    return EndpointArgs(**(base | changes))


def access_args(**changes: Any) -> AccessArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "account_id": "ml-test-fraud",
        "bucket": "ml-test-artifacts",
        "object_prefixes": ["fraud/"],
        "image_uris": [IMAGE],
    }
    return AccessArgs(**(base | changes))


def refused(inventory: Inventory) -> list[str]:
    """What the contract says against anything that was registered."""
    return [
        f"{found.name}: {problem}"
        for found in inventory.resources
        if contracts.covers(found.type)
        for problem in contracts.check(found.type, found.inputs)
    ]


def test_each_variant_has_its_own_model_and_all_share_the_deployments() -> None:
    two = (variant("v1", weight=90), variant("v2", weight=10))
    inventory = run(lambda: Endpoint("fraud", endpoint_args(*two)))
    assert inventory.children("fraud") == {
        "fraud": "gcp:vertex/aiEndpoint:AiEndpoint",
        "fraud-v1-model": "mlgap:gcp:Model",
        "fraud-v2-model": "mlgap:gcp:Model",
        "fraud-deployments": "mlgap:gcp:EndpointDeployments",
    }
    found = inventory.one("mlgap:gcp:EndpointDeployments").inputs
    assert found["endpoint"] == f"{PLACE.parent}/endpoints/ml-test-fraud"
    shares = {name: (d["traffic"], d["minReplicas"]) for name, d in found["deployments"].items()}
    assert shares == {"v1": (90, 2), "v2": (10, 2)}
    targets = found["deployments"]["v1"]["targets"]
    assert targets == {"aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle": 70}


def test_the_ordinary_endpoint_leaves_the_traffic_alone() -> None:
    found = run(lambda: Endpoint("fraud", endpoint_args())).one("gcp:vertex/aiEndpoint:AiEndpoint")
    assert "trafficSplit" not in found.inputs
    assert found.inputs["encryptionSpec"] == {"kmsKeyName": KEY}


def test_what_is_on_a_replaced_endpoint_goes_first() -> None:
    inventory = run(lambda: Endpoint("fraud", endpoint_args()))
    shell = inventory.one("gcp:vertex/aiEndpoint:AiEndpoint")
    deployments = inventory.one("mlgap:gcp:EndpointDeployments")
    depends = deployments.request.propertyDependencies["endpoint"]
    assert list(depends.urns) == [shell.urn]


def test_models_and_endpoint_are_encrypted_and_labelled() -> None:
    inventory = run(lambda: Endpoint("fraud", endpoint_args()))
    model = inventory.one("mlgap:gcp:Model").inputs
    assert (model["kmsKeyName"], model["labels"]) == (KEY, LABELS)
    assert model["modelId"] == "ml-test-fraud-primary"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variants": (variant(weight=90),)}, "add up to 90"),
        ({"variants": (variant("a", weight=50), variant("a", weight=50))}, "each name once"),
        ({"target_metric": "gpu"}, "cpu_percent"),
        ({"machine_type": "n1-standard-5"}, "no n1-standard-5"),
    ],
)
def test_endpoint_arguments_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        endpoint_args(**change)


def test_a_variant_needs_bounds_in_order() -> None:
    with pytest.raises(ValueError, match="need 1 <= min_replicas"):
        variant(min_replicas=6)


def test_a_workload_reads_its_own_artifacts_and_no_others() -> None:
    inventory = run(lambda: Access("fraud", access_args()))
    assert inventory.children("fraud") == {
        "fraud": "gcp:serviceaccount/account:Account",
        "fraud-artifacts": "gcp:storage/bucketIAMMember:BucketIAMMember",
        "fraud-logs": "gcp:projects/iAMMember:IAMMember",
        "fraud-metrics": "gcp:projects/iAMMember:IAMMember",
    }
    bound = inventory.one("gcp:storage/bucketIAMMember:BucketIAMMember").inputs
    assert bound["member"] == "serviceAccount:ml-test-fraud@ml-test.iam.gserviceaccount.com"
    assert (
        'startsWith("projects/_/buckets/ml-test-artifacts/objects/fraud/")'
        in (bound["condition"]["expression"])
    )


def test_an_own_image_is_pullable_and_a_vendor_s_needs_nothing() -> None:
    own = "europe-west4-docker.pkg.dev/ml-shared/serving/fraud:1"
    assert own_repositories([IMAGE, own]) == [("ml-shared", "europe-west4", "serving")]
    inventory = run(lambda: Access("fraud", access_args(image_uris=[own])))
    found = inventory.one("gcp:artifactregistry/repositoryIamMember:RepositoryIamMember")
    assert found.name == "fraud-images-serving"


def test_a_prefix_that_would_match_other_workloads_is_refused() -> None:
    with pytest.raises(ValueError, match="must end with"):
        access_args(object_prefixes=["fraud"])
    assert only_below("b", "fraud/")["title"] == "own-artifacts"


def test_grants_on_another_key_stand_beside_the_old_ones() -> None:
    def grants(existing: str | None) -> set[str]:
        args = KeysArgs(place=PLACE, existing=existing, labels=LABELS)
        made = run(lambda: Keys("models", args))
        return {one.name for one in made.resources if one.type.endswith("CryptoKeyIAMMember")}

    of_keys = [grants(None), grants(KEY), grants(f"{KEY}2")]
    assert all(len(one) == 2 for one in of_keys)
    assert len(set.union(*of_keys)) == 6, "a replacement would take the old key away first"


def test_the_ring_is_named_automatically_and_the_key_s_name_follows() -> None:
    inventory = run(lambda: Keys("models", KeysArgs(place=PLACE, labels=LABELS)))
    assert inventory.children("models") == {
        "models": "gcp:kms/keyRing:KeyRing",
        "models-key": "gcp:kms/cryptoKey:CryptoKey",
        "models-vertex": "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        "models-storage": "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    }
    assert "name" not in inventory.one("gcp:kms/keyRing:KeyRing").inputs
    key = inventory.one("gcp:kms/cryptoKey:CryptoKey").inputs
    assert key["keyRing"] == f"{PLACE.parent}/keyRings/models-auto"
    assert key["rotationPeriod"] == "7776000s"
    members = {
        found.inputs["member"].partition("@")[2]
        for found in inventory.resources
        if found.type.endswith("CryptoKeyIAMMember")
    }
    assert members == {
        "gcp-sa-aiplatform.iam.gserviceaccount.com",
        "gs-project-accounts.iam.gserviceaccount.com",
    }


def test_a_bucket_is_versioned_encrypted_and_never_public() -> None:
    args = StorageArgs(place=PLACE, bucket="ml-test-artifacts", key_name=KEY, labels=LABELS)
    found = run(lambda: Storage("artifacts", args)).one("gcp:storage/bucket:Bucket").inputs
    assert found["versioning"] == {"enabled": True}
    assert found["publicAccessPrevention"] == "enforced"
    assert found["uniformBucketLevelAccess"] is True
    assert found["encryption"] == {"defaultKmsKeyName": KEY}


def test_services_stay_on_when_the_stack_goes() -> None:
    inventory = run(lambda: Services("services", ServicesArgs(place=PLACE)))
    services = [r for r in inventory.resources if r.type == "gcp:projects/service:Service"]
    assert [r.inputs["disableOnDestroy"] for r in services] == [False] * len(services)
    assert inventory.one("gcp:projects/serviceIdentity:ServiceIdentity")


def test_the_contract_accepts_every_component() -> None:
    def program() -> None:
        Services("services", ServicesArgs(place=PLACE))
        Keys("models", KeysArgs(place=PLACE, labels=LABELS))
        Storage("a", StorageArgs(place=PLACE, bucket="ml-test-a", key_name=KEY, labels=LABELS))
        Access("fraud-access", access_args())
        Endpoint("fraud", endpoint_args())

    # A mock's version name is none; the real one is checked in the walk.
    left = [p for p in refused(run(program)) if "deployments.primary.model" not in p]
    assert left == []


def archive(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def test_an_archive_is_unpacked_for_vertex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = archive(tmp_path / "model.tar.gz", model_joblib=b"x", code=b"y")
    first, again = unpacked(path, "abc"), unpacked(path, "abc")
    assert first == again
    assert [name for name, _ in first] == ["code", "model_joblib"]


@pytest.mark.parametrize("python", ["3.11.4", "3.11.3"])
def test_an_archive_that_would_write_outside_is_refused(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if python == "3.11.3":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(tarfile.TarError):
        unpacked(tmp_path / "bad.tar", "bad")


def test_the_plan_becomes_one_endpoint_for_each_workload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(infra, "make_storage_agent", lambda *_: None)
    path = archive(tmp_path / "model.tar.gz", model_joblib=b"x")
    artifact = Artifact(
        path=path,
        sha256="abc",
        object_key="bankchurn/abc/model.tar.gz",
        files=(("bankchurn/abc/model.tar.gz", path),),
    )
    served = GcpEndpoint(
        machine_type="n1-standard-2",
        accelerator_type=None,
        accelerator_count=0,
        variants=(
            GcpVariant(
                name="primary",
                weight=100,
                min_replicas=1,
                max_replicas=5,
                artifact=artifact,
                image_uri=IMAGE,
            ),
        ),
        target_metric="cpu_percent",
        target_value=60.0,
    )
    plan = GcpPlan(
        project="ml-test",
        project_number="123456789012",
        region="us-central1",
        workloads=(GcpWorkload(name="bankchurn", endpoint=served),),
    )
    labels = Labels(project="ml-platform", owner="ML Team", cost_center="Data Science")
    settings = Settings(
        platform=Platform(environment="test", labels=labels, gcp=plan), protect=True
    )
    inventory = run(lambda: infra.deploy(plan, settings))
    stored = inventory.one("gcp:storage/bucketObject:BucketObject").inputs
    assert stored["name"] == "bankchurn/abc/model_joblib"
    model = inventory.one("mlgap:gcp:Model").inputs
    assert model["artifactUri"] == "gs://ml-test-artifacts-ml-test-us-central1/bankchurn/abc"
    assert model["labels"]["cost_center"] == "data-science"
    bucket = inventory.one("gcp:storage/bucket:Bucket")
    assert bucket.inputs["forceDestroy"] is False
    assert [p for p in refused(inventory) if "deployments.primary.model" not in p] == []


HOLDS_DATA = (
    "gcp:artifactregistry/repository:Repository",
    "gcp:bigquery/dataset:Dataset",
    "gcp:bigquery/table:Table",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:kms/keyRing:KeyRing",
    "gcp:storage/bucket:Bucket",
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
)


@pytest.mark.parametrize("protect", [True, False])
def test_what_holds_data_is_protected_where_the_environment_is(
    protect: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for agent in ("make_storage_agent", "make_tables_agent"):
        monkeypatch.setattr(infra, agent, lambda *_: None)
    group = GcpFeatureGroup(
        name="customers",
        record_id="id",
        event_time="feature_timestamp",
        columns={"id": "STRING", "feature_timestamp": "TIMESTAMP", "age": "INTEGER"},
        features=(GcpFeature(feature_id="age", column="age"),),
        description=None,
        online=True,
        sync_cron=None,
        source=None,
    )
    plan = GcpPlan(
        project="ml-test",
        project_number="123456789012",
        region="us-central1",
        workloads=(GcpWorkload(name="bankchurn", endpoint=None, features=(group,)),),
        online_store=GcpOnlineStore(optimized=False, min_nodes=1, max_nodes=3, cpu_percent=60),
        image_repositories=("serving",),
    )
    labels = Labels(project="ml-platform", owner="ml-team", cost_center="ds")
    platform = Platform(environment="prod", labels=labels, gcp=plan)
    made = run(lambda: infra.deploy(plan, Settings(platform=platform, protect=protect)))
    found = {
        token: {bool(one.request.protect) for one in made.resources if one.type == token}
        for token in HOLDS_DATA
    }
    assert found == {token: {protect} for token in HOLDS_DATA}
    (table,) = [one for one in made.resources if one.type == "gcp:bigquery/table:Table"]
    assert table.inputs["deletionProtection"] is protect
    assert made.one("gcp:storage/bucket:Bucket").inputs["forceDestroy"] is not protect
    assert made.one("gcp:bigquery/dataset:Dataset").inputs["deleteContentsOnDestroy"] is not protect
