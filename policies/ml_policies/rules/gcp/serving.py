"""Vertex AI endpoints, deployments and stores of features, datasets, metadata."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ml_policies.checks import any_set, at_least, at_most, both, equals, is_set, where
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Setting, Settings, Severity
from mlplatform.contracts.unknown import is_unknown

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
INDEX_ENDPOINT = "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint"
FEATURE_STORES = (
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
    "gcp:vertex/aiFeatureStore:AiFeatureStore",
)
DATASETS = (
    "gcp:vertex/aiDataset:AiDataset",
    "gcp:vertex/aiTensorboard:AiTensorboard",
    "gcp:vertex/aiMetadataStore:AiMetadataStore",
)
DESTROYABLE = (
    *FEATURE_STORES,
    "gcp:vertex/aiFeatureStoreEntityType:AiFeatureStoreEntityType",
    "gcp:storage/bucket:Bucket",
)
POOL = "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool"
DEPLOYMENTS = "mlgap:gcp:EndpointDeployments"
_KEY = "encryptionSpec.kmsKeyName"
_CMEK = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}}
_KEY_FIX = "Set encryption_spec.kms_key_name; what exists has to be made anew."


def _replicas(resource: Resource, settings: Settings) -> Iterator[Finding]:
    deployments = resource.get("deployments")
    if is_unknown(deployments):
        yield Finding(problem="", path="deployments", undecided=True)
        return
    names = list(deployments) if isinstance(deployments, dict) else []
    for name in names:
        least, most = float(settings["min_replicas"]), float(settings["max_replicas"])
        for key, low, high, words in (
            ("minReplicas", least, math.inf, f"at least {least:g}"),
            ("maxReplicas", 0.0, most, f"at most {most:g}"),
        ):
            path = f"deployments.{name}.{key}"
            value = resource.get(path)
            if is_unknown(value):
                yield Finding(problem="", path=path, undecided=True)
            elif absent(value) or not low <= float(value) <= high:
                yield Finding(problem=f"allowed: {words}", path=path, got=value)


_BOUNDS = {
    "min_replicas": Setting(
        default=2, schema={"type": "number", "minimum": 0}, says="Fewest replicas in production."
    ),
    "max_replicas": Setting(
        default=20, schema={"type": "number", "minimum": 1}, says="Most replicas."
    ),
}

RULES = (
    rule(
        "gcp-vx-endpoint-cmek",
        Severity.MEDIUM,
        ENDPOINT,
        is_set(_KEY, "a Cloud KMS key"),
        "Endpoints and the models on them are encrypted with a key of yours.",
        "Without your own key you cannot cut access to them.",
        _KEY_FIX,
        good=_CMEK,
        bad={"encryptionSpec": DROP},
        unknown=_KEY,
        sources=("CKV2_GCP_24",),
    ),
    rule(
        "gcp-vx-endpoint-private",
        Severity.HIGH,
        ENDPOINT,
        any_set(
            "a network, Private Service Connect, or a DNS name of its own",
            "network",
            "privateServiceConnectConfig",
            "dedicatedEndpointEnabled",
        ),
        "Endpoints are private, or have a DNS name of their own.",
        "The shared public name mixes your traffic with everybody's and has no limits of yours.",
        "Set endpoint.private: true, or dedicated_endpoint_enabled.",
        good={"dedicatedEndpointEnabled": True, "privateServiceConnectConfig": {}},
        bad={"dedicatedEndpointEnabled": DROP, "privateServiceConnectConfig": DROP},
        unknown="dedicatedEndpointEnabled",
        sources=("CKV2_GCP_33",),
    ),
    rule(
        "gcp-vx-endpoint-logging",
        Severity.LOW,
        ENDPOINT,
        equals("predictRequestResponseLoggingConfig.enabled", True),
        "Production endpoints log requests and answers.",
        "Without them neither drift nor a complaint can be looked into.",
        "Set endpoint.capture: {sampling_percent: 10}.",
        good={"predictRequestResponseLoggingConfig": {"enabled": True, "samplingRate": 0.1}},
        bad={"predictRequestResponseLoggingConfig": DROP},
        unknown="predictRequestResponseLoggingConfig.enabled",
        sources=("Vertex AI documentation, request-response logging",),
        production_only=True,
    ),
    rule(
        "gcp-vx-featurestore-cmek",
        Severity.MEDIUM,
        FEATURE_STORES,
        is_set(_KEY, "a Cloud KMS key"),
        "Feature stores are encrypted with a key of yours.",
        "Features are personal data, prepared for being found.",
        _KEY_FIX,
        good=_CMEK,
        bad={"encryptionSpec": DROP},
        unknown=_KEY,
        sources=("CKV2_GCP_25",),
    ),
    rule(
        "gcp-vx-data-cmek",
        Severity.MEDIUM,
        DATASETS,
        is_set(_KEY, "a Cloud KMS key"),
        "Datasets, tensorboards and metadata stores are encrypted with a key of yours.",
        "They hold training data or what was learned from it.",
        _KEY_FIX,
        good=_CMEK,
        bad={"encryptionSpec": DROP},
        unknown=_KEY,
        sources=("CKV_GCP_92", "CKV_GCP_96", "CKV2_GCP_26"),
    ),
    rule(
        "gcp-vx-index-private",
        Severity.HIGH,
        INDEX_ENDPOINT,
        both(
            equals("publicEndpointEnabled", False, absent_is_fine=True),
            any_set(
                "a network or Private Service Connect", "network", "privateServiceConnectConfig"
            ),
        ),
        "Vector search endpoints are private.",
        "An index answers with pieces of what it was made from.",
        "Set network or private_service_connect_config, and no public_endpoint_enabled.",
        good={"network": "projects/1/global/networks/n"},
        bad=[{"publicEndpointEnabled": True}, {"network": DROP}],
        unknown="network",
        sources=("CKV2_GCP_34",),
    ),
    rule(
        "gcp-vx-forcedestroy",
        Severity.HIGH,
        DESTROYABLE,
        equals("forceDestroy", False, absent_is_fine=True, safe=True),
        "Production stores are not deleted with what is in them.",
        "One wrong destroy would take the data too.",
        "Set mlplatform:protect: true; components/gcp sets force_destroy from it.",
        good={"forceDestroy": False},
        bad={"forceDestroy": True},
        unknown="forceDestroy",
        sources=("Pulumi practice",),
        production_only=True,
    ),
    rule(
        "gcp-vx-pool-bounds",
        Severity.MEDIUM,
        POOL,
        both(
            at_least("dedicatedResources.minReplicaCount", "min_replicas", needed=True, safe=True),
            at_most("dedicatedResources.maxReplicaCount", "max_replicas", needed=True, safe=True),
        ),
        "Deployment pools have bounds, with two replicas or more in production.",
        "With one replica, the loss of a zone is an outage; without a bound, the bill has none.",
        "Set dedicated_resources.min_replica_count and max_replica_count.",
        good={"dedicatedResources": {"minReplicaCount": 2, "maxReplicaCount": 4}},
        bad=[
            {"dedicatedResources.minReplicaCount": 1},
            {"dedicatedResources.maxReplicaCount": DROP},
            {"dedicatedResources.maxReplicaCount": 200},
        ],
        unknown="dedicatedResources.minReplicaCount",
        settings=_BOUNDS,
        sources=("Vertex AI documentation, autoscaling",),
        production_only=True,
    ),
    rule(
        "gcp-vx-deployment-bounds",
        Severity.MEDIUM,
        DEPLOYMENTS,
        Check(run=_replicas),
        "Deployed models have bounds, with two replicas or more in production.",
        "With one replica, the loss of a zone is an outage; without a bound, the bill has none.",
        "Set endpoint.scaling: {min: 2, max: 10}.",
        good={"deployments": {"v1": {"minReplicas": 2, "maxReplicas": 10}}},
        bad=[{"deployments.v1.minReplicas": 1}, {"deployments.v1.maxReplicas": 99}],
        unknown="deployments.v1.minReplicas",
        settings=_BOUNDS,
        sources=("Vertex AI documentation, autoscaling",),
        production_only=True,
    ),
    rule(
        "gcp-vx-featurestore-nodes",
        Severity.MEDIUM,
        FEATURE_STORES,
        both(
            at_most("onlineServingConfig.fixedNodeCount", "max_nodes"),
            at_most("onlineServingConfig.scaling.maxNodeCount", "max_nodes"),
            at_most("bigtable.autoScaling.maxNodeCount", "max_nodes"),
            where(
                lambda resource: not absent(resource.get("bigtable")),
                is_set("bigtable.autoScaling.maxNodeCount", "a bound"),
            ),
        ),
        "Online feature stores have a bound on their nodes.",
        "Nodes are paid for by the hour whether anybody asks or not.",
        "Set features.<group>.gcp.online.max_nodes.",
        good={"bigtable": {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 3}}},
        bad=[{"bigtable.autoScaling.maxNodeCount": 50}],
        unknown="bigtable.autoScaling.maxNodeCount",
        settings={
            "max_nodes": Setting(
                default=10, schema={"type": "number", "minimum": 1}, says="Most nodes."
            )
        },
        sources=("FinOps",),
    ),
)
