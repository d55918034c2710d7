"""Bindings of the whole platform, judged: what each identity can do, and what it cannot."""

from __future__ import annotations

import pulumi
import pytest

from components.gcp.access import Access, AccessArgs
from components.gcp.capture import Capture, CaptureArgs
from components.gcp.ci import SERVE, Ci, CiArgs, TrustArgs
from components.gcp.keys import Keys, KeysArgs
from components.gcp.place import Place, member
from components.gcp.training import Training
from components.gcp.training_request import TrainingArgs
from mlplatform.catalog import gcp_roles
from mlplatform.contracts.gcp.access import Binding, Resource, bindings, bucket, holds, may
from mlplatform.contracts.gcp.access import stored_object as stored
from tests.recorder import Inventory, run

PLACE = Place(project="ml-test", project_number="123456789012", region="us-central1")
KEY = f"{PLACE.parent}/keyRings/r/cryptoKeys/k"
OWN_IMAGE = "us-central1-docker.pkg.dev/ml-test/serving/fraud:1"
SERVING = member(PLACE.account_email("ml-test-fraud"))
TRAINING = member(PLACE.account_email("ml-test-fraud-training"))
SUBJECT = "project_path:acme/ml:ref_type:branch:ref:main"
CI = member(PLACE.account_email("ml-test-ci"))
PIPELINE = (
    "principal://iam.googleapis.com/projects/123456789012/locations/global/"
    f"workloadIdentityPools/ml-test-ci/subject/{SUBJECT}"
)
CUSTOM = {"projects/ml-test/roles/ml_test_ci": frozenset(SERVE)}
VERTEX, STORAGE = member(PLACE.vertex_agent), member(PLACE.storage_agent)
TABLES = member(PLACE.bigquery_agent)
PROJECT = Resource(name="projects/ml-test", type="project", project="ml-test")
A_KEY = Resource(name=KEY, type="cloudkms.googleapis.com/CryptoKey", project="ml-test")
OTHER_KEY = Resource(name=f"{KEY}2", type=A_KEY.type, project="ml-test")
CAPTURED = Resource(
    name="projects/ml-test/datasets/captured/tables/fraud",
    type="bigquery.googleapis.com/Table",
    project="ml-test",
)


def images(name: str) -> Resource:
    path = f"{PLACE.parent}/repositories/{name}"
    return Resource(name=path, type="artifactregistry.googleapis.com/Repository", project="ml-test")


def an_account(name: str) -> Resource:
    return Resource(
        name=f"projects/ml-test/serviceAccounts/{PLACE.account_email(name)}",
        type="iam.googleapis.com/ServiceAccount",
        project="ml-test",
    )


def account(name: str, *uris: str) -> Access:
    return Access(
        f"{name}-access",
        AccessArgs(
            place=PLACE,
            account_id=name,
            bucket="artifacts",
            object_prefixes=["fraud/"],
            image_uris=uris,
        ),
    )


def program() -> None:
    keys = Keys("models", KeysArgs(place=PLACE, existing=KEY, tables=True, images=True))
    pulumi.export("key", keys.key_name)
    account("ml-test-fraud", OWN_IMAGE)
    trains = account("ml-test-fraud-training")
    Training(
        "fraud-training",
        TrainingArgs(
            place=PLACE,
            display_name="fraud",
            service_account=trains.email,
            bucket="artifacts",
            output_prefix="fraud/runs/",
            key_name=KEY,
            image_uri=OWN_IMAGE,
            machine_type="n1-standard-4",
            accelerator_type=None,
            accelerator_count=0,
            nodes=1,
            boot_disk_gib=100,
            spot=False,
            max_run_s=3600,
        ),
    )
    ci = Ci(
        "ci",
        CiArgs(
            place=PLACE,
            account_id="ml-test-ci",
            pool_id="ml-test-ci",
            role_id="ml_test_ci",
            trusts=[TrustArgs(name="deploy", issuer="https://gitlab.com", subject=SUBJECT)],
            bucket="artifacts",
        ),
    )
    ci.may_use("fraud", PLACE.account_email("ml-test-fraud"), after=[])
    Capture("captured", CaptureArgs(place=PLACE, dataset_id="captured", key_name=KEY))


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return run(program)


@pytest.fixture(scope="module")
def given(inventory: Inventory) -> list[Binding]:
    return [one for found in inventory.resources for one in bindings(found.type, found.inputs)]


OWN, OTHERS = stored("artifacts", "fraud/m/x", "ml-test"), stored("artifacts", "x/m", "ml-test")
OUTPUT = stored("artifacts", "fraud/runs/1/model", "ml-test")
BUCKET, ELSEWHERE = bucket("artifacts", "ml-test"), stored("else", "fraud/m/x", "ml-test")


@pytest.mark.parametrize(
    ("who", "permission", "what"),
    [
        (SERVING, "storage.objects.get", OWN),
        (SERVING, "logging.logEntries.create", PROJECT),
        (SERVING, "monitoring.timeSeries.create", PROJECT),
        (SERVING, "artifactregistry.repositories.downloadArtifacts", images("serving")),
        (TRAINING, "storage.objects.get", OWN),
        (TRAINING, "storage.objects.list", BUCKET),
        (TRAINING, "storage.objects.create", OUTPUT),
        (CI, "aiplatform.models.upload", PROJECT),
        (CI, "aiplatform.endpoints.deploy", PROJECT),
        (CI, "storage.objects.create", OWN),
        (CI, "iam.serviceAccounts.actAs", an_account("ml-test-fraud")),
        (PIPELINE, "iam.serviceAccounts.getAccessToken", an_account("ml-test-ci")),
        (VERTEX, "cloudkms.cryptoKeyVersions.useToEncrypt", A_KEY),
        (VERTEX, "bigquery.tables.updateData", CAPTURED),
        (STORAGE, "cloudkms.cryptoKeyVersions.useToDecrypt", A_KEY),
        (TABLES, "cloudkms.cryptoKeyVersions.useToDecrypt", A_KEY),
        (member(PLACE.registry_agent), "cloudkms.cryptoKeyVersions.useToDecrypt", A_KEY),
        ("projectOwners", "bigquery.tables.getData", CAPTURED),
    ],
)
def test_each_identity_can_do_its_work(
    given: list[Binding], who: str, permission: str, what: Resource
) -> None:
    assert may(given, who, permission, what, custom=CUSTOM)


@pytest.mark.parametrize(
    ("who", "permission", "what"),
    [
        (SERVING, "storage.objects.get", OTHERS),
        (SERVING, "storage.objects.get", ELSEWHERE),
        (SERVING, "storage.objects.list", BUCKET),
        (SERVING, "storage.objects.create", OWN),
        (SERVING, "storage.objects.delete", OWN),
        (SERVING, "storage.buckets.setIamPolicy", BUCKET),
        (SERVING, "artifactregistry.repositories.downloadArtifacts", images("training")),
        (SERVING, "artifactregistry.repositories.uploadArtifacts", images("serving")),
        (SERVING, "cloudkms.cryptoKeyVersions.useToDecrypt", A_KEY),
        (SERVING, "bigquery.tables.getData", CAPTURED),
        (SERVING, "aiplatform.endpoints.predict", PROJECT),
        (SERVING, "logging.logEntries.list", PROJECT),
        (SERVING, "resourcemanager.projects.setIamPolicy", PROJECT),
        (TRAINING, "storage.objects.create", OWN),
        (TRAINING, "storage.objects.get", OTHERS),
        (TRAINING, "storage.objects.delete", OTHERS),
        (TRAINING, "artifactregistry.repositories.downloadArtifacts", images("serving")),
        (TRAINING, "iam.serviceAccounts.actAs", PROJECT),
        (CI, "aiplatform.endpoints.predict", PROJECT),
        (CI, "aiplatform.customJobs.create", PROJECT),
        (CI, "aiplatform.endpoints.setIamPolicy", PROJECT),
        (CI, "iam.serviceAccounts.actAs", an_account("ml-test-fraud-training")),
        (CI, "iam.serviceAccounts.getAccessToken", an_account("ml-test-fraud")),
        (CI, "iam.serviceAccountKeys.create", an_account("ml-test-ci")),
        (CI, "storage.objects.create", ELSEWHERE),
        (CI, "storage.buckets.setIamPolicy", BUCKET),
        (CI, "cloudkms.cryptoKeyVersions.useToDecrypt", A_KEY),
        (CI, "resourcemanager.projects.setIamPolicy", PROJECT),
        (CI, "iam.roles.update", PROJECT),
        (PIPELINE, "iam.serviceAccounts.getAccessToken", an_account("ml-test-fraud")),
        (PIPELINE, "iam.serviceAccounts.actAs", an_account("ml-test-ci")),
        (PIPELINE, "aiplatform.models.upload", PROJECT),
        (f"{PIPELINE}2", "iam.serviceAccounts.getAccessToken", an_account("ml-test-ci")),
        (VERTEX, "cloudkms.cryptoKeyVersions.useToDecrypt", OTHER_KEY),
        (VERTEX, "cloudkms.cryptoKeys.setIamPolicy", A_KEY),
        (VERTEX, "storage.objects.get", OWN),
        (STORAGE, "bigquery.tables.getData", CAPTURED),
        (TABLES, "storage.objects.get", OWN),
    ],
)
def test_no_identity_can_do_more(
    given: list[Binding], who: str, permission: str, what: Resource
) -> None:
    assert not may(given, who, permission, what, custom=CUSTOM)


def test_nobody_has_a_basic_role_a_key_or_the_default_account(
    inventory: Inventory, given: list[Binding]
) -> None:
    assert {one.role for one in given} <= {*gcp_roles.PREDEFINED, *CUSTOM}
    assert not {one.role for one in given} & gcp_roles.BASIC
    assert not [one for one in given if "developer.gserviceaccount.com" in one.member]
    assert not [found for found in inventory.resources if found.type.endswith(":Key")]


def test_on_a_project_only_logs_metrics_and_a_narrow_role_are_given(given: list[Binding]) -> None:
    whole = {one.role for one in given if one.resource == "projects/ml-test"}
    assert whole == {gcp_roles.WRITE_LOGS, gcp_roles.WRITE_METRICS, *CUSTOM}


def test_the_role_of_pipelines_lists_what_the_table_knows(inventory: Inventory) -> None:
    (role,) = [one for one in inventory.resources if one.type.endswith(":IAMCustomRole")]
    assert frozenset(role.inputs["permissions"]) == frozenset(SERVE)


def test_a_token_is_taken_of_one_issuer_with_one_subject(inventory: Inventory) -> None:
    (provider,) = [one for one in inventory.resources if one.type.endswith("PoolProvider")]
    assert provider.inputs["oidc"]["issuerUri"] == "https://gitlab.com"
    assert provider.inputs["attributeCondition"] == f'assertion.sub == "{SUBJECT}"'


def test_a_custom_role_gives_what_it_lists() -> None:
    role = "projects/ml-test/roles/predictor"
    given = [Binding(member=SERVING, role=role, resource="projects/ml-test")]
    custom = {role: frozenset({"aiplatform.endpoints.predict"})}
    assert may(given, SERVING, "aiplatform.endpoints.predict", PROJECT, custom=custom)
    assert not may(given, SERVING, "aiplatform.endpoints.delete", PROJECT, custom=custom)
    with pytest.raises(LookupError, match="predictor"):
        may(given, SERVING, "aiplatform.endpoints.predict", PROJECT)


def test_a_condition_that_is_not_understood_is_no_yes() -> None:
    with pytest.raises(ValueError, match="not understood"):
        holds('request.time < timestamp("2027-01-01T00:00:00Z")', OWN)
    both = f'resource.type == "{OWN.type}" && resource.name == "{OWN.name}"'
    assert holds(both, OWN)
    assert not holds(both, OTHERS)
