"""mlgap resources on Azure: one file per noun, exported here."""

from mlplatform.gaps.sdk.azure.batch_default import BatchDefault
from mlplatform.gaps.sdk.azure.deployment import OnlineDeployment
from mlplatform.gaps.sdk.azure.endpoint import OnlineEndpoint
from mlplatform.gaps.sdk.azure.job import Job
from mlplatform.gaps.sdk.azure.monitor import MonitorSchedule
from mlplatform.gaps.sdk.azure.purge import WorkspacePurge
from mlplatform.gaps.sdk.azure.traffic import EndpointTraffic
from mlplatform.gaps.sdk.azure.vault_key import VaultKey
from mlplatform.gaps.sdk.azure.version import (
    FeaturesetVersion,
    FeaturestoreEntityVersion,
)

__all__ = [
    "BatchDefault",
    "EndpointTraffic",
    "FeaturesetVersion",
    "FeaturestoreEntityVersion",
    "Job",
    "MonitorSchedule",
    "OnlineDeployment",
    "OnlineEndpoint",
    "VaultKey",
    "WorkspacePurge",
]
