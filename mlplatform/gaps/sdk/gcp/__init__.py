"""What Vertex AI has and pulumi-gcp has not, or cannot change in place."""

from mlplatform.gaps.sdk.gcp.deployments import (
    DeploymentArgs,
    EndpointDeployments,
    RolloutArgs,
    ScaleToZeroArgs,
)
from mlplatform.gaps.sdk.gcp.model import Model
from mlplatform.gaps.sdk.gcp.monitoring import (
    ModelDeploymentMonitoringJob,
    ModelMonitor,
    Schedule,
)
from mlplatform.gaps.sdk.gcp.pool import DeploymentResourcePool
from mlplatform.gaps.sdk.gcp.quota import QuotaPreference
from mlplatform.gaps.sdk.gcp.runs import CustomJob, HyperparameterTuningJob, TrainingPipeline

__all__ = [
    "CustomJob",
    "DeploymentArgs",
    "DeploymentResourcePool",
    "EndpointDeployments",
    "HyperparameterTuningJob",
    "Model",
    "ModelDeploymentMonitoringJob",
    "ModelMonitor",
    "QuotaPreference",
    "RolloutArgs",
    "ScaleToZeroArgs",
    "Schedule",
    "TrainingPipeline",
]
