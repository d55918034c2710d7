"""mlgap resources on Azure: one file per noun, exported here."""

from mlplatform.gaps.sdk.azure.batch_default import BatchDefault, BatchDefaultArgs
from mlplatform.gaps.sdk.azure.deployment import OnlineDeployment, OnlineDeploymentArgs
from mlplatform.gaps.sdk.azure.endpoint import OnlineEndpoint, OnlineEndpointArgs
from mlplatform.gaps.sdk.azure.job import Job, JobArgs
from mlplatform.gaps.sdk.azure.monitor import MonitorSchedule, MonitorScheduleArgs
from mlplatform.gaps.sdk.azure.purge import WorkspacePurge, WorkspacePurgeArgs
from mlplatform.gaps.sdk.azure.traffic import EndpointTraffic, EndpointTrafficArgs
from mlplatform.gaps.sdk.azure.vault_key import VaultKey, VaultKeyArgs
from mlplatform.gaps.sdk.azure.version import (
    FeaturesetVersion,
    FeaturestoreEntityVersion,
    FeatureVersionArgs,
)

__all__ = [
    "BatchDefault",
    "BatchDefaultArgs",
    "EndpointTraffic",
    "EndpointTrafficArgs",
    "FeatureVersionArgs",
    "FeaturesetVersion",
    "FeaturestoreEntityVersion",
    "Job",
    "JobArgs",
    "MonitorSchedule",
    "MonitorScheduleArgs",
    "OnlineDeployment",
    "OnlineDeploymentArgs",
    "OnlineEndpoint",
    "OnlineEndpointArgs",
    "VaultKey",
    "VaultKeyArgs",
    "WorkspacePurge",
    "WorkspacePurgeArgs",
]
