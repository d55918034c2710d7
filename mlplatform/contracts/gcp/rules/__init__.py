"""Rules of the field: what the service's documents say in prose, as pure functions.

Each rule takes the inputs of one resource and yields problems; an unknown value passes. A type
without an entry has no rules beyond its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules import (
    access,
    alerts,
    deployments,
    endpoint,
    features,
    federation,
    keys,
    labels,
    model,
    monitoring,
    network,
    pools,
    quotas,
    registry,
    storage,
    tables,
    tpus,
    training,
)
from mlplatform.contracts.problem import Problem

Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]

_RULES: dict[str, tuple[Rule, ...]] = {
    "gcp:artifactregistry/repository:Repository": (registry.repository, labels.labels),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": (access.binding,),
    "gcp:bigquery/dataset:Dataset": (tables.dataset, labels.labels),
    "gcp:bigquery/table:Table": (tables.table, labels.labels),
    "gcp:compute/network:Network": (network.network,),
    "gcp:compute/networkAttachment:NetworkAttachment": (network.attachment,),
    "gcp:compute/subnetwork:Subnetwork": (network.subnetwork,),
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": (federation.pool,),
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": (federation.provider,),
    "gcp:kms/cryptoKey:CryptoKey": (keys.key, labels.labels),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": (access.binding, keys.bound_key),
    "gcp:kms/keyRing:KeyRing": (keys.ring,),
    "gcp:monitoring/alertPolicy:AlertPolicy": (alerts.policy,),
    "gcp:monitoring/notificationChannel:NotificationChannel": (alerts.channel,),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": (
        network.connection_policy,
        labels.labels,
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": (access.custom_role,),
    "gcp:projects/iAMMember:IAMMember": (access.binding,),
    "gcp:projects/service:Service": (access.service,),
    "gcp:projects/serviceIdentity:ServiceIdentity": (access.service,),
    "gcp:serviceaccount/account:Account": (access.account,),
    "gcp:serviceaccount/iAMMember:IAMMember": (access.binding,),
    "gcp:storage/bucket:Bucket": (storage.bucket, labels.labels),
    "gcp:storage/bucketIAMMember:BucketIAMMember": (access.binding,),
    "gcp:storage/bucketObject:BucketObject": (storage.stored_object,),
    "gcp:tpu/v2QueuedResource:V2QueuedResource": (tpus.queued,),
    "gcp:tpu/v2Vm:V2Vm": (tpus.machine, labels.labels),
    "gcp:vertex/aiEndpoint:AiEndpoint": (endpoint.endpoint, labels.labels),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": (features.group, labels.labels),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": (features.feature, labels.labels),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": (features.store, labels.labels),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": (
        features.view,
        labels.labels,
    ),
    "gcp:vertex/aiPersistentResource:AiPersistentResource": (training.pool, labels.labels),
    "mlgap:gcp:CustomJob": (training.custom_job, labels.labels),
    "mlgap:gcp:DeploymentResourcePool": (pools.pool,),
    "mlgap:gcp:EndpointDeployments": (deployments.deployments,),
    "mlgap:gcp:HyperparameterTuningJob": (training.search, labels.labels),
    "mlgap:gcp:Model": (model.model, labels.labels),
    "mlgap:gcp:ModelDeploymentMonitoringJob": (monitoring.job, labels.labels),
    "mlgap:gcp:ModelMonitor": (monitoring.monitor,),
    "mlgap:gcp:QuotaPreference": (quotas.preference,),
    "mlgap:gcp:Schedule": (monitoring.schedule,),
    "mlgap:gcp:TrainingPipeline": (training.pipeline, labels.labels),
}


def check(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every broken rule of one resource."""
    for rule in _RULES.get(token, ()):
        yield from rule(inputs)
