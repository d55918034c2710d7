"""The stand-in for pulumi-gcp against the local cloud, without an engine."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.sandbox.providers.gcp import Gcp
from tests.sandbox.gcp_served import LOCATION, PROJECT, Served, served

BUCKET = "gcp:storage/bucket:Bucket"
OBJECT = "gcp:storage/bucketObject:BucketObject"
ACCOUNT = "gcp:serviceaccount/account:Account"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
RING = "gcp:kms/keyRing:KeyRing"
KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"
SERVICE = "gcp:projects/service:Service"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
DATASET = "gcp:bigquery/dataset:Dataset"
TABLE = "gcp:bigquery/table:Table"
GROUP = "gcp:vertex/aiFeatureGroup:AiFeatureGroup"
FEATURE = "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature"
STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
ASSET = "4dabf18193072939515e22adb298388d"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    running.reset()
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def gcp(cloud: Served) -> Driver:
    del cloud  # its address is in the environment
    return Driver()


class Driver:
    """Calls the provider as the engine does: check, then create, update, read, delete."""

    def __init__(self, **config: Any) -> None:
        self.provider = Gcp("10.2.0")
        self.provider.configure({"project": PROJECT, "region": LOCATION, **config})

    def context(self, token: str, name: str, *, preview: bool = False) -> Context:
        urn = f"urn:pulumi:test::ml::{token}::{name}"
        return Context(urn=urn, token=token, name=name, preview=preview, seed=name.encode())

    def problems(self, token: str, **inputs: Any) -> list[str]:
        _, failures = self.provider.check(self.context(token, "x"), inputs, None)
        return [f"{failure.path}: {failure.reason}" for failure in failures]

    def create(self, token: str, logical: str, /, **inputs: Any) -> tuple[str, dict[str, Any], Any]:
        checked, failures = self.provider.check(self.context(token, logical), inputs, None)
        assert failures == []
        ident, state = self.provider.create(self.context(token, logical), checked)
        return ident, state, checked

    def diff(self, token: str, state: Any, old: Any, **new: Any) -> dict[str, bool]:
        checked, failures = self.provider.check(self.context(token, "x"), new, old)
        assert failures == []
        found = self.provider.diff(self.context(token, "x"), "id", old, state, checked)
        return {change.path: change.replace for change in found.changes}

    def read(self, token: str, ident: str, inputs: Any, state: Any) -> Any:
        return self.provider.read(self.context(token, "x"), ident, inputs, state)


def made_key(gcp: Driver) -> str:
    """A key that Vertex AI and Cloud Storage may use."""
    ring, _, _ = gcp.create(RING, "ring", location=LOCATION)
    key, _, _ = gcp.create(KEY, "key", keyRing=ring, rotationPeriod="7776000s")
    _, agent, _ = gcp.create(IDENTITY, "agent", service="aiplatform.googleapis.com")
    token = "gcp:storage/getProjectServiceAccount:getProjectServiceAccount"
    storage = gcp.provider.invoke(token, {})["member"]
    role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    for member in (agent["member"], storage):
        gcp.create(KEY_MEMBER, "grant", cryptoKeyId=key, role=role, member=member)
    return key


def test_a_bucket_gets_a_name_with_seven_hexadecimal_digits(gcp: Driver) -> None:
    ident, state, _ = gcp.create(BUCKET, "Artifacts", location="us-central1")
    assert ident == state["name"] == "artifacts-" + ident[-7:]
    assert set(ident[-7:]) <= set("0123456789abcdef")
    assert state["url"] == f"gs://{ident}"


@pytest.mark.usefixtures("cloud")
def test_labels_show_what_the_program_and_the_provider_set() -> None:
    gcp = Driver(defaultLabels={"team": "ml"})
    _, state, _ = gcp.create(BUCKET, "b", location="US", labels={"env": "dev"})
    assert state["labels"] == {"env": "dev"}
    assert state["pulumiLabels"] == {"env": "dev", "team": "ml"}
    assert state["effectiveLabels"] == {
        "env": "dev",
        "team": "ml",
        "goog-pulumi-provisioned": "true",
    }


def test_read_shows_no_drift_after_create(gcp: Driver) -> None:
    key = made_key(gcp)
    declared = {
        "name": "ml-test-artifacts",
        "location": "us-central1",
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "versioning": {"enabled": True},
        "encryption": {"defaultKmsKeyName": key},
        "labels": {"env": "dev"},
        "lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"withState": "ARCHIVED"}}],
    }
    ident, state, inputs = gcp.create(BUCKET, "b", **declared)
    _, now, again = gcp.read(BUCKET, ident, inputs, state)
    assert now == inputs
    assert gcp.diff(BUCKET, again, now, **declared) == {}


def test_read_shows_what_someone_else_changed(gcp: Driver, cloud: Served) -> None:
    ident, state, inputs = gcp.create(
        BUCKET, "b", location="US", versioning={"enabled": True}, labels={"env": "dev"}
    )
    change = json.dumps({"versioning": {"enabled": False}, "labels": {"other": "x"}}).encode()
    url = f"{cloud.public['rest_endpoint']}/storage/v1/b/{ident}"
    urllib.request.urlopen(urllib.request.Request(url, data=change, method="PATCH")).close()
    _, now, _ = gcp.read(BUCKET, ident, inputs, state)
    assert now["versioning"] == {"enabled": False}
    assert now["labels"] == {"env": "dev"}, "a label that others add is not drift"


def test_a_changed_location_replaces_and_changed_labels_update(gcp: Driver) -> None:
    _, state, inputs = gcp.create(BUCKET, "b", location="US", labels={"env": "dev"})
    assert gcp.diff(BUCKET, state, inputs, location="EU", labels={"env": "dev"}) == {
        "location": True
    }
    assert gcp.diff(BUCKET, state, inputs, location="us", labels={"env": "prod"}) == {
        "labels.env": False
    }


def test_an_update_removes_what_is_no_longer_declared(gcp: Driver, cloud: Served) -> None:
    ident, state, inputs = gcp.create(BUCKET, "b", location="US", website={"mainPageSuffix": "i"})
    new = {k: v for k, v in inputs.items() if k != "website"}
    context = gcp.context(BUCKET, "b")
    gcp.provider.update(context, ident, inputs, state, new)
    with urllib.request.urlopen(f"{cloud.public['rest_endpoint']}/storage/v1/b/{ident}") as answer:
        assert "website" not in json.loads(answer.read())


def test_a_file_is_uploaded_and_found_unchanged(gcp: Driver, tmp_path: Path) -> None:
    bucket, _, _ = gcp.create(BUCKET, "b", location="US", forceDestroy=True)
    file = tmp_path / "model.bin"
    file.write_bytes(bytes(range(256)) * 300 + b"\r\n--boundary--\r\n")
    source = {ASSET: "c44067f5952c0a294b673a41bacd8c17", "path": str(file), "hash": "1"}
    ident, state, inputs = gcp.create(
        OBJECT, "o", bucket=bucket, name="resnet50/abc/model.bin", source=source
    )
    assert ident == f"{bucket}-resnet50/abc/model.bin"
    assert len(state["md5hexhash"]) == 32
    _, now, _ = gcp.read(OBJECT, ident, inputs, state)
    assert now == inputs


def test_a_bucket_with_objects_is_deleted_only_by_force(gcp: Driver) -> None:
    bucket, state, inputs = gcp.create(BUCKET, "b", location="US")
    gcp.create(OBJECT, "o", bucket=bucket, name="a/b", content="x")
    with pytest.raises(ProviderError, match="not empty"):
        gcp.provider.delete(gcp.context(BUCKET, "b"), bucket, inputs, state)
    forced = {**inputs, "forceDestroy": True}
    gcp.provider.delete(gcp.context(BUCKET, "b"), bucket, forced, state)
    with pytest.raises(NotFound):
        gcp.read(BUCKET, bucket, inputs, state)


def test_two_members_in_one_role_do_not_lose_each_other(gcp: Driver) -> None:
    _, one, _ = gcp.create(ACCOUNT, "a", accountId="account-one")
    _, two, _ = gcp.create(ACCOUNT, "b", accountId="account-two")
    role = "roles/aiplatform.user"
    first = gcp.create(PROJECT_MEMBER, "m1", project=PROJECT, role=role, member=one["member"])
    second = gcp.create(PROJECT_MEMBER, "m2", project=PROJECT, role=role, member=two["member"])
    assert first[0] == f"{PROJECT}/{role}/{one['member']}"
    gcp.provider.delete(gcp.context(PROJECT_MEMBER, "m1"), first[0], first[2], first[1])
    with pytest.raises(NotFound):
        gcp.read(PROJECT_MEMBER, first[0], first[2], first[1])
    assert gcp.read(PROJECT_MEMBER, second[0], second[2], second[1])[1] == second[2]


def test_a_concurrent_policy_change_is_tried_again(gcp: Driver, cloud: Served) -> None:
    bucket, _, _ = gcp.create(BUCKET, "b", location="US")
    _, account, _ = gcp.create(ACCOUNT, "a", accountId="account-one")
    cloud.fault("storage.buckets.setIamPolicy", status=409, code="ABORTED", message="ABORTED")
    role = "roles/storage.objectViewer"
    gcp.create(BUCKET_MEMBER, "m", bucket=bucket, role=role, member=account["member"])
    assert any(role in line for line in cloud.resources())


def test_a_binding_for_an_unknown_account_is_refused(gcp: Driver) -> None:
    bucket, _, _ = gcp.create(BUCKET, "b", location="US")
    member = f"serviceAccount:no-such-one@{PROJECT}.iam.gserviceaccount.com"
    with pytest.raises(ProviderError, match="does not exist"):
        gcp.create(BUCKET_MEMBER, "m", bucket=bucket, role="roles/storage.admin", member=member)


def test_a_key_keeps_its_ring_and_name_when_it_is_deleted(gcp: Driver, cloud: Served) -> None:
    ring, _, _ = gcp.create(RING, "ring", location=LOCATION)
    key, state, inputs = gcp.create(KEY, "key", keyRing=ring, rotationPeriod="7776000s")
    assert state["purpose"] == "ENCRYPT_DECRYPT"
    gcp.provider.delete(gcp.context(KEY, "key"), key, inputs, state)
    url = f"{cloud.public['rest_endpoint']}/v1/{key}/cryptoKeyVersions"
    with urllib.request.urlopen(url) as answer:
        versions = json.loads(answer.read())["cryptoKeyVersions"]
    assert [version["state"] for version in versions] == ["DESTROY_SCHEDULED"]


def test_an_endpoint_goes_through_create_update_import_and_delete(gcp: Driver) -> None:
    key = made_key(gcp)
    declared = {
        "name": "ml-test-resnet50",
        "displayName": "resnet50",
        "location": LOCATION,
        "region": LOCATION,
        "labels": {"env": "dev"},
        "encryptionSpec": {"kmsKeyName": key},
        "dedicatedEndpointEnabled": True,
    }
    ident, state, inputs = gcp.create(ENDPOINT, "e", **declared)
    assert ident == f"projects/{PROJECT}/locations/{LOCATION}/endpoints/ml-test-resnet50"
    assert state["dedicatedEndpointDns"].endswith(".prediction.vertexai.goog")
    changed = {**declared, "displayName": "other", "labels": {"env": "prod"}}
    assert gcp.diff(ENDPOINT, state, inputs, **changed) == {
        "displayName": False,
        "labels.env": False,
    }
    state = gcp.provider.update(gcp.context(ENDPOINT, "e"), ident, inputs, state, changed)
    assert (state["displayName"], state["labels"]) == ("other", {"env": "prod"})
    found, imported, _ = gcp.read(ENDPOINT, ident, {}, {})
    assert found == ident
    assert imported["displayName"] == "other"
    assert imported["encryptionSpec"] == {"kmsKeyName": key}
    assert imported["labels"] == {"env": "prod"}
    gcp.provider.delete(gcp.context(ENDPOINT, "e"), ident, changed, state)
    gcp.provider.delete(gcp.context(ENDPOINT, "e"), ident, changed, state)
    with pytest.raises(NotFound):
        gcp.read(ENDPOINT, ident, changed, state)


def test_an_endpoint_with_a_key_of_another_region_is_refused_at_check(gcp: Driver) -> None:
    key = f"projects/{PROJECT}/locations/europe-west4/keyRings/r/cryptoKeys/k"
    (problem,) = gcp.problems(
        ENDPOINT, name="e", displayName="e", location=LOCATION, encryptionSpec={"kmsKeyName": key}
    )
    assert problem.startswith("encryptionSpec.kmsKeyName: ")
    assert "a key in us-central1" in problem


def test_a_service_stays_on_when_it_is_deleted(gcp: Driver) -> None:
    service = "aiplatform.googleapis.com"
    ident, state, inputs = gcp.create(SERVICE, "s", service=service, project=PROJECT)
    assert ident == f"{PROJECT}/{service}"
    gcp.provider.delete(gcp.context(SERVICE, "s"), ident, inputs, state)
    assert gcp.read(SERVICE, ident, inputs, state)[1] == inputs
    off = {**inputs, "disableOnDestroy": True}
    gcp.provider.delete(gcp.context(SERVICE, "s"), ident, off, state)
    with pytest.raises(NotFound):
        gcp.read(SERVICE, ident, inputs, state)


def test_an_account_can_be_disabled_and_enabled_in_place(gcp: Driver) -> None:
    ident, state, inputs = gcp.create(ACCOUNT, "a", accountId="account-one", disabled=True)
    _, now, again = gcp.read(ACCOUNT, ident, inputs, state)
    assert now == inputs
    assert again["disabled"] is True
    assert gcp.diff(ACCOUNT, state, inputs, accountId="account-one") == {"disabled": False}
    on = {"accountId": "account-one"}
    state = gcp.provider.update(gcp.context(ACCOUNT, "a"), ident, inputs, state, on)
    assert not state["disabled"]


def test_what_a_killed_run_made_is_adopted_and_brought_up_to_date(
    gcp: Driver, cloud: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLP_SANDBOX_DIR", str(tmp_path))
    declared = {"name": "ml-test-e", "displayName": "one", "location": LOCATION}
    first, _, _ = gcp.create(ENDPOINT, "e", **declared)
    again, state, _ = gcp.create(ENDPOINT, "e", **{**declared, "displayName": "two"})
    assert (again, state["displayName"]) == (first, "two")
    with pytest.raises(ProviderError, match="already exists"):
        gcp.create(ENDPOINT, "another", **declared)
    assert len([line for line in cloud.resources() if "/endpoints/" in line]) == 1


def test_a_repository_names_its_registry(gcp: Driver) -> None:
    _, state, _ = gcp.create(
        REPOSITORY, "r", repositoryId="images", format="DOCKER", location=LOCATION
    )
    assert state["registryUri"] == f"{LOCATION}-docker.pkg.dev/{PROJECT}/images"
    assert state["name"] == "images"


def test_a_feature_store_is_made_changed_and_deleted_by_force(gcp: Driver) -> None:
    gcp.create(DATASET, "features", datasetId="features", location=LOCATION)
    columns = [{"name": name, "type": "STRING"} for name in ("id", "age")]
    gcp.create(
        TABLE, "customers", datasetId="features", tableId="customers", schema=json.dumps(columns)
    )
    source = {"bigQuerySource": {"inputUri": "bq://ml-test.features.customers"}}
    group, _, _ = gcp.create(
        GROUP, "customers", bigQuery={**source, "entityIdColumns": ["id"]}, labels={"env": "dev"}
    )
    name = group.rpartition("/")[2]
    assert name.startswith("customers_")
    ident, state, inputs = gcp.create(
        FEATURE, "age", name="age", featureGroup=name, region=LOCATION
    )
    assert ident == f"{group}/features/age"
    assert gcp.read(FEATURE, ident, inputs, state)[1] == inputs
    scaling = {"minNodeCount": 1, "maxNodeCount": 3, "cpuUtilizationTarget": 60}
    ident, state, inputs = gcp.create(
        STORE, "online", bigtable={"autoScaling": scaling}, forceDestroy=True
    )
    assert state["state"] == "STABLE"
    assert gcp.read(STORE, ident, inputs, state)[1] == inputs
    more = {"bigtable": {"autoScaling": {**scaling, "maxNodeCount": 5}}, "forceDestroy": True}
    changes = gcp.diff(STORE, state, inputs, **more)
    assert changes == {"bigtable.autoScaling.maxNodeCount": False}
    new = {**inputs, **more}
    state = gcp.provider.update(gcp.context(STORE, "online"), ident, inputs, state, new)
    assert state["bigtable"]["autoScaling"]["maxNodeCount"] == 5
    gcp.provider.delete(gcp.context(STORE, "online"), ident, new, state)
    with pytest.raises(NotFound):
        gcp.read(STORE, ident, new, state)


def test_a_preview_knows_names_and_formulas_and_calls_nothing(gcp: Driver, cloud: Served) -> None:
    context = gcp.context(ACCOUNT, "a", preview=True)
    _, state = gcp.provider.create(context, {"accountId": "account-one"})
    address = f"account-one@{PROJECT}.iam.gserviceaccount.com"
    assert (state["email"], state["member"]) == (address, f"serviceAccount:{address}")
    assert cloud.operations() == []


def test_an_address_that_is_not_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLP_SANDBOX_GCP_REST_ENDPOINT", "https://storage.googleapis.com")
    with pytest.raises(ProviderError, match="not loopback"):
        Driver().create(BUCKET, "b", location="US")


def test_the_project_is_found_by_the_data_source(gcp: Driver) -> None:
    found = gcp.provider.invoke("gcp:organizations/getProject:getProject", {"projectId": PROJECT})
    assert found["number"].isdigit()
