"""What Google would refuse is refused, with the path and what is allowed; the good twin passes."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts import gcp
from mlplatform.contracts.unknown import UNKNOWN

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
BUCKET = "gcp:storage/bucket:Bucket"
OBJECT = "gcp:storage/bucketObject:BucketObject"
KEY = "gcp:kms/cryptoKey:CryptoKey"
ACCOUNT = "gcp:serviceaccount/account:Account"
MEMBER = "gcp:projects/iAMMember:IAMMember"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
GROUP = "gcp:vertex/aiFeatureGroup:AiFeatureGroup"
MODEL = "mlgap:gcp:Model"
POOL = "mlgap:gcp:DeploymentResourcePool"
DEPLOYMENTS = "mlgap:gcp:EndpointDeployments"

VPC = "gcp:compute/network:Network"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
ATTACHMENT = "gcp:compute/networkAttachment:NetworkAttachment"
CONNECTS = "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy"

IDENTITIES = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
ISSUES = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"

_NETWORK = "projects/p/global/networks/n"
_SUBNET = "projects/p/regions/us-central1/subnetworks/s"
_KEY_NAME = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"
_RING = "projects/p/locations/us-central1/keyRings/r"
_CPU = "aiplatform.googleapis.com/prediction/online/cpu/utilization"
_PSC = {"enablePrivateServiceConnect": True}
_DUTY = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"

GOOD: dict[str, dict[str, Any]] = {
    ENDPOINT: {
        "name": "ml-dev-resnet50",
        "displayName": "resnet50",
        "location": "us-central1",
        "region": "us-central1",
        "labels": {"env": "dev"},
        "encryptionSpec": {"kmsKeyName": _KEY_NAME},
        "dedicatedEndpointEnabled": True,
        "predictRequestResponseLoggingConfig": {"enabled": True, "samplingRate": 0.8},
    },
    BUCKET: {
        "name": "ml-dev-artifacts",
        "location": "us-central1",
        "publicAccessPrevention": "enforced",
        "encryption": {"defaultKmsKeyName": _KEY_NAME},
        "softDeletePolicy": {"retentionDurationSeconds": 604800},
        "lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"age": 30}}],
    },
    OBJECT: {"bucket": "b-b-b", "name": "a/b", "content": "x"},
    KEY: {"name": "models", "keyRing": _RING, "rotationPeriod": "7776000s"},
    ACCOUNT: {"accountId": "ml-dev-resnet50", "displayName": "serves"},
    MEMBER: {
        "project": "ml-dev",
        "role": "roles/logging.logWriter",
        "member": "serviceAccount:a@ml-dev.iam.gserviceaccount.com",
    },
    ROLE: {"roleId": "reader", "title": "reader", "permissions": ["storage.objects.get"]},
    IDENTITIES: {"workloadIdentityPoolId": "ml-dev-ci", "displayName": "ml-dev-ci"},
    ISSUES: {
        "workloadIdentityPoolId": "ml-dev-ci",
        "workloadIdentityPoolProviderId": "deploy",
        "attributeMapping": {"google.subject": "assertion.sub"},
        "attributeCondition": 'assertion.sub == "repo:acme/ml:environment:prod"',
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    },
    VPC: {"name": "ml-dev-network", "autoCreateSubnetworks": False, "mtu": 1460},
    SUBNET: {
        "name": "machines",
        "region": "us-central1",
        "network": _NETWORK,
        "ipCidrRange": "10.40.0.0/21",
        "logConfig": {"flowSampling": 0.5, "metadata": "INCLUDE_ALL_METADATA"},
    },
    ATTACHMENT: {
        "name": "training",
        "region": "us-central1",
        "connectionPreference": "ACCEPT_MANUAL",
        "subnetworks": [_SUBNET],
    },
    CONNECTS: {
        "name": "endpoints",
        "location": "us-central1",
        "serviceClass": "gcp-vertexai",
        "network": _NETWORK,
        "pscConfig": {"subnetworks": [_SUBNET]},
    },
    REPOSITORY: {"repositoryId": "images", "format": "DOCKER", "location": "us-central1"},
    STORE: {
        "name": "online",
        "region": "us-central1",
        "bigtable": {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 3}},
    },
    GROUP: {
        "name": "customers",
        "bigQuery": {"bigQuerySource": {"inputUri": "bq://p.d.t"}, "entityIdColumns": ["id"]},
    },
    MODEL: {
        "modelId": "resnet50-v1",
        "displayName": "resnet50",
        "imageUri": "us-docker.pkg.dev/vertex-ai/prediction/pytorch-gpu.2-0:latest",
        "artifactUri": "gs://ml-dev-artifacts/resnet50/abc",
        "environment": {"MODE": "fast"},
        "versionAliases": ["champion"],
        "port": 8080,
    },
    DEPLOYMENTS: {
        "endpoint": "projects/p/locations/us-central1/endpoints/e",
        "deployments": {
            "v1": {
                "model": "projects/p/locations/us-central1/models/m@1",
                "machineType": "n1-standard-4",
                "acceleratorType": "NVIDIA_TESLA_T4",
                "acceleratorCount": 1,
                "minReplicas": 2,
                "maxReplicas": 10,
                "traffic": 100,
                "targets": {_DUTY: 70},
            }
        },
    },
}

GOOD |= {
    POOL: {
        "deploymentResourcePoolId": "ml-dev-shared",
        "dedicatedResources": {
            "machineSpec": {
                "machineType": "n1-standard-4",
                "acceleratorType": "NVIDIA_TESLA_T4",
                "acceleratorCount": 1,
            },
            "minReplicaCount": 1,
            "maxReplicaCount": 4,
            "autoscalingMetricSpecs": [{"metricName": _DUTY, "target": 60}],
        },
        "encryptionSpec": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
        "serviceAccount": "pool@p-dev.iam.gserviceaccount.com",
    }
}


def pooled(**changes: Any) -> dict[str, Any]:
    """A pool with changed resources."""
    return {"dedicatedResources": {**GOOD[POOL]["dedicatedResources"], **changes}}


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    (POOL, {"deploymentResourcePoolId": "Shared"}, "deploymentResourcePoolId", "lower-case"),
    (POOL, {"serviceAccount": None}, "serviceAccount", "required"),
    (POOL, pooled(minReplicaCount=0), "dedicatedResources.minReplicaCount", "1 or more"),
    (POOL, pooled(maxReplicaCount=0), "dedicatedResources.maxReplicaCount", "at least"),
    (
        POOL,
        pooled(machineSpec={"machineType": "n1-standard-5"}),
        "dedicatedResources.machineSpec.machineType",
        "nearest",
    ),
    (
        POOL,
        pooled(machineSpec={"machineType": "n1-standard-4"}),
        "dedicatedResources.autoscalingMetricSpecs[0]",
        "only with an accelerator",
    ),
    (ENDPOINT, {"display_name": "x"}, "display_name", "nearest: displayName"),
    (ENDPOINT, {"displayName": None}, "displayName", "required"),
    (ENDPOINT, {"displayName": "x" * 129}, "displayName", "at most 128"),
    (ENDPOINT, {"location": "us-centrall1"}, "location", "nearest: us-central1"),
    (ENDPOINT, {"name": "Resnet"}, "name", "lower-case"),
    (ENDPOINT, {"name": "0123"}, "name", "without leading zero"),
    (ENDPOINT, {"region": "europe-west4"}, "region", "the same as location"),
    (ENDPOINT, {"labels": {"CostCenter": "x"}}, "labels.CostCenter", "lower-case letters"),
    (ENDPOINT, {"labels": {"owner": "ML Team"}}, "labels.owner", "nearest: ml-team"),
    (ENDPOINT, {"encryptionSpec": {"kmsKeyName": "key"}}, "encryptionSpec.kmsKeyName", "projects"),
    (ENDPOINT, {"encryptionSpec": {}}, "encryptionSpec.kmsKeyName", "required"),
    (ENDPOINT, {"network": "n", "privateServiceConnectConfig": _PSC}, "network", "only one"),
    (ENDPOINT, {"predictRequestResponseLoggingConfig": {"samplingRate": 1.5}},
     "predictRequestResponseLoggingConfig.samplingRate", "at most 1"),
    (ENDPOINT, {"trafficSplit": '{"1": 60, "2": 30}'}, "trafficSplit", "add up to 100"),
    (ENDPOINT, {"trafficSplit": "90/10"}, "trafficSplit", "JSON"),
    (BUCKET, {"name": "My_Bucket"}, "name", "lower-case"),
    (BUCKET, {"name": "google-models"}, "name", "google"),
    (BUCKET, {"publicAccessPrevention": "on"}, "publicAccessPrevention", "enforced"),
    (BUCKET, {"storageClass": "STANDART"}, "storageClass", "nearest: STANDARD"),
    (BUCKET, {"location": "europe-west4"}, "encryption.defaultKmsKeyName", "europe-west4"),
    (BUCKET, {"softDeletePolicy": {"retentionDurationSeconds": 60}},
     "softDeletePolicy.retentionDurationSeconds", "604800"),
    (BUCKET, {"lifecycleRules": [{"action": {"type": "Remove"}, "condition": {}}]},
     "lifecycleRules[0].action.type", "Delete"),
    (BUCKET, {"versioning": {"enabled": "yes"}}, "versioning.enabled", "true or false"),
    (OBJECT, {"content": None}, "source", "exactly one"),
    (KEY, {"rotationPeriod": "3600s"}, "rotationPeriod", "24 h"),
    (KEY, {"rotationPeriod": "90 days"}, "rotationPeriod", "a duration in seconds"),
    (KEY, {"keyRing": "r"}, "keyRing", "projects/P/locations"),
    (KEY, {"purpose": "ASYMMETRIC_SIGN"}, "rotationPeriod", "only ENCRYPT_DECRYPT"),
    (KEY, {"purpose": "ENCRYPT"}, "purpose", "nearest: ENCRYPT_DECRYPT"),
    (ACCOUNT, {"accountId": "ml"}, "accountId", "6 to 30"),
    (MEMBER, {"member": "a@b.c"}, "member", "serviceAccount:EMAIL"),
    (MEMBER, {"role": "logWriter"}, "role", "roles/SERVICE.ROLE"),
    (ROLE, {"permissions": ["storage.objects.*"]}, "permissions[0]", "wildcards"),
    (IDENTITIES, {"workloadIdentityPoolId": "gcp-ci"}, "workloadIdentityPoolId", "gcp-"),
    (IDENTITIES, {"displayName": "x" * 33}, "displayName", "at most 32"),
    (ISSUES, {"oidc": {"issuerUri": "http://a.b"}}, "oidc.issuerUri", "https://"),
    (ISSUES, {"oidc": None}, "oidc", "exactly one of"),
    (ISSUES, {"attributeMapping": None}, "attributeMapping", "google.subject"),
    (ISSUES, {"attributeCondition": None}, "attributeCondition", "signs for everybody"),
    (VPC, {"name": "ML"}, "name", "lower-case"),
    (VPC, {"mtu": 9000}, "mtu", "1300 to 8896"),
    (SUBNET, {"ipCidrRange": "10.40.0.1/21"}, "ipCidrRange", "without bits of a host"),
    (SUBNET, {"ipCidrRange": "10.40.0.0/30"}, "ipCidrRange", "/4 to /29"),
    (SUBNET, {"ipCidrRange": None}, "ipCidrRange", "a range"),
    (SUBNET, {"logConfig": {"metadata": "ALL"}}, "logConfig.metadata", "INCLUDE_ALL_METADATA"),
    (ATTACHMENT, {"connectionPreference": "ACCEPT"}, "connectionPreference", "ACCEPT_AUTOMATIC"),
    (ATTACHMENT, {"region": "us-east1"}, "subnetworks[0]", "us-east1"),
    (CONNECTS, {"network": "n"}, "network", "projects/P/global"),
    (CONNECTS, {"pscConfig": {"subnetworks": ["s"]}}, "pscConfig.subnetworks[0]", "projects/P"),
    (REPOSITORY, {"format": "DOCKERR"}, "format", "nearest: DOCKER"),
    (REPOSITORY, {"repositoryId": "My Images"}, "repositoryId", "lower-case"),
    (STORE, {"name": "on-line"}, "name", "digits and _"),
    (STORE, {"optimized": {}}, "bigtable", "exactly one"),
    (STORE, {"bigtable": {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 11}}},
     "bigtable.autoScaling.maxNodeCount", "1 to 10"),
    (GROUP, {"bigQuery": {"bigQuerySource": {"inputUri": "p.d.t"}}},
     "bigQuery.bigQuerySource.inputUri", "bq://PROJECT"),
    (MODEL, {"modelId": "1-model"}, "modelId", "first a letter"),
    (MODEL, {"imageUri": "docker.io/library/nginx"}, "imageUri", "Artifact Registry"),
    (MODEL, {"artifactUri": "s3://b/k"}, "artifactUri", "gs://"),
    (MODEL, {"versionAliases": ["default"]}, "versionAliases[0]", "by itself"),
    (MODEL, {"environment": {"AIP_MODE": "x"}}, "environment.AIP_MODE", "Vertex AI sets"),
    (MODEL, {"port": 0}, "port", "1 to 65535"),
]  # fmt: skip

BAD_DEPLOYMENT: list[tuple[dict[str, Any], str, str]] = [
    ({"traffic": 90}, "", "add up to 100"),
    ({"machineType": "n1-standard-5"}, ".machineType", "nearest: n1-standard-"),
    ({"machineType": "n1-standard-64"}, ".machineType", "machine types with NVIDIA_TESLA_T4"),
    ({"machineType": "e2-standard-4"}, ".machineType", "machine types with NVIDIA_TESLA_T4"),
    ({"acceleratorCount": 3}, ".acceleratorCount", "1, 2, 4"),
    ({"acceleratorCount": None}, ".acceleratorCount", "together"),
    ({"acceleratorType": "NVIDIA_TESLA_K80"}, ".acceleratorType", "NVIDIA_TESLA_T4"),
    ({"acceleratorType": "NVIDIA_TESLA_T44"}, ".acceleratorType", "nearest: NVIDIA_TESLA_T4"),
    ({"minReplicas": 0}, ".minReplicas", "1 or more"),
    ({"maxReplicas": 1}, ".maxReplicas", "at least minReplicas, 2"),
    ({"targets": {_DUTY: 101}}, f'.targets["{_DUTY}"]', "1 to 100"),
    ({"targets": {"cpu": 60}}, ".targets.cpu", "nearest: " + _CPU),
    ({"model": "models/m"}, ".model", "projects/P/locations"),
    ({"serviceAccount": "me"}, ".serviceAccount", "gserviceaccount"),
    ({"pool": "projects/p/locations/l/deploymentResourcePools/r"}, ".machineType", "the pool's"),
    ({"pool": "shared"}, ".pool", "deploymentResourcePools"),
    ({"machineType": None}, ".machineType", "or a pool"),
]


@pytest.mark.parametrize("token", sorted(GOOD))
def test_the_good_example_passes(token: str) -> None:
    assert gcp.check(token, GOOD[token]) == []


@pytest.mark.parametrize(("token", "change", "path", "words"), BAD)
def test_the_bad_twin_is_refused(token: str, change: dict[str, Any], path: str, words: str) -> None:
    inputs = {k: v for k, v in {**GOOD[token], **change}.items() if v is not None}
    problems = {p.path: str(p) for p in gcp.check(token, inputs)}
    assert path in problems
    assert words in problems[path]


@pytest.mark.parametrize(("change", "path", "words"), BAD_DEPLOYMENT)
def test_a_bad_deployment_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    good = GOOD[DEPLOYMENTS]["deployments"]["v1"]
    bad = {k: v for k, v in {**good, **change}.items() if v is not None}
    problems = {
        p.path: str(p)
        for p in gcp.check(DEPLOYMENTS, {**GOOD[DEPLOYMENTS], "deployments": {"v1": bad}})
    }
    at = f"deployments.v1{path}" if path else "deployments"
    assert at in problems
    assert words in problems[at]


def test_a_duty_cycle_needs_an_accelerator() -> None:
    plain = {**GOOD[DEPLOYMENTS]["deployments"]["v1"]}
    del plain["acceleratorType"], plain["acceleratorCount"]
    (problem,) = gcp.check(DEPLOYMENTS, {**GOOD[DEPLOYMENTS], "deployments": {"v1": plain}})
    assert "only with an accelerator" in str(problem)


@pytest.mark.parametrize("token", sorted(GOOD))
def test_what_is_not_known_yet_is_no_problem(token: str) -> None:
    unknown = dict.fromkeys(GOOD[token], UNKNOWN)
    assert gcp.check(token, unknown) == []


def test_all_problems_come_at_once() -> None:
    bad = {"displayName": "x" * 200, "location": "nowhere", "name": "A", "labels": {"A": "B"}}
    assert len(contracts.check(ENDPOINT, bad)) == 5


@pytest.mark.parametrize(
    ("token", "change", "kind"),
    [
        (ENDPOINT, {"displayName": "other"}, "update"),
        (ENDPOINT, {"name": "other"}, "replace"),
        (ENDPOINT, {"encryptionSpec": {"kmsKeyName": _KEY_NAME + "2"}}, "replace"),
        (ENDPOINT, {"privateServiceConnectConfig": _PSC}, "replace"),
        (BUCKET, {"storageClass": "NEARLINE"}, "update"),
        (BUCKET, {"location": "EU"}, "replace"),
        (KEY, {"rotationPeriod": "8640000s"}, "update"),
        (KEY, {"keyRing": _RING + "2"}, "replace"),
        (ACCOUNT, {"disabled": True}, "update"),
        (ACCOUNT, {"accountId": "ml-dev-other"}, "replace"),
        (MEMBER, {"role": "roles/viewer"}, "replace"),
        (IDENTITIES, {"disabled": True}, "update"),
        (ISSUES, {"attributeCondition": 'assertion.sub == "a"'}, "update"),
        (ISSUES, {"workloadIdentityPoolProviderId": "other"}, "replace"),
        (VPC, {"routingMode": "GLOBAL"}, "update"),
        (VPC, {"autoCreateSubnetworks": True}, "replace"),
        (SUBNET, {"ipCidrRange": "10.40.0.0/20"}, "update"),
        (SUBNET, {"ipCidrRange": "10.40.0.0/22"}, "replace"),
        (SUBNET, {"network": _NETWORK + "2"}, "replace"),
        (ATTACHMENT, {"subnetworks": [_SUBNET + "2"]}, "update"),
        (ATTACHMENT, {"connectionPreference": "ACCEPT_AUTOMATIC"}, "replace"),
        (CONNECTS, {"serviceClass": "google-cloud-sql"}, "replace"),
        (REPOSITORY, {"format": "PYTHON"}, "replace"),
        (STORE, {"labels": {"a": "b"}}, "update"),
        (GROUP, {"name": "others"}, "replace"),
        (MODEL, {"imageUri": "gcr.io/p/other"}, "update"),
        (MODEL, {"modelId": "other"}, "replace"),
        (DEPLOYMENTS, {"endpoint": "projects/p/locations/l/endpoints/other"}, "replace"),
        (POOL, pooled(maxReplicaCount=8), "update"),
        (POOL, {"serviceAccount": "other@p-dev.iam.gserviceaccount.com"}, "replace"),
    ],
)
def test_a_change_is_what_google_makes_of_it(token: str, change: dict[str, Any], kind: str) -> None:
    (found,) = gcp.changes(token, GOOD[token], {**GOOD[token], **change})
    assert found.kind == kind


def test_a_location_in_capitals_is_no_change() -> None:
    assert gcp.changes(BUCKET, GOOD[BUCKET], {**GOOD[BUCKET], "location": "US-CENTRAL1"}) == []


def test_a_network_by_its_link_is_the_network_by_its_name() -> None:
    link = f"https://www.googleapis.com/compute/v1/{_NETWORK}"
    assert gcp.changes(SUBNET, GOOD[SUBNET], {**GOOD[SUBNET], "network": link}) == []


def test_a_locked_retention_policy_cannot_be_shortened() -> None:
    old = {"location": "US", "retentionPolicy": {"retentionPeriod": "86400", "isLocked": True}}
    new = {"location": "US", "retentionPolicy": {"retentionPeriod": "60", "isLocked": True}}
    (found,) = gcp.changes(BUCKET, old, new)
    assert found.kind == "refuse"
