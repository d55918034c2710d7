"""What mlgap offers, by name only: nothing of a cloud is imported before it is used."""

from __future__ import annotations

from typing import Any, cast

from mlplatform.contracts.loading import load
from mlplatform.gaps.plugin.resource import Cloud, Resource

_HERE = __name__.rpartition(".")[0]

CLOUDS: dict[str, str] = {
    "aws": "aws.cloud:AwsCloud",
    "azure": "azure.cloud:AzureCloud",
    "gcp": "gcp.cloud:GcpCloud",
}
"""Key in the provider's configuration: class that checks it and holds the cloud's clients."""

RESOURCES: dict[str, str] = {
    "mlgap:aws:Endpoint": "aws.endpoint:Endpoint",
    "mlgap:aws:FeatureGroup": "aws.feature_group:FeatureGroup",
    "mlgap:aws:HyperParameterTuningJob": "aws.job:Job",
    "mlgap:aws:TrainingJob": "aws.job:Job",
    "mlgap:aws:InferenceComponent": "aws.inference_component:InferenceComponent",
    "mlgap:aws:ModelBiasJobDefinition": "aws.job_definition:JobDefinition",
    "mlgap:aws:ModelExplainabilityJobDefinition": "aws.job_definition:JobDefinition",
    "mlgap:aws:ModelQualityJobDefinition": "aws.job_definition:JobDefinition",
    "mlgap:azure:BatchDefault": "azure.batch_default:BatchDefault",
    "mlgap:azure:EndpointTraffic": "azure.traffic:EndpointTraffic",
    "mlgap:azure:FeaturesetVersion": "azure.version:FeatureVersion",
    "mlgap:azure:FeaturestoreEntityVersion": "azure.version:FeatureVersion",
    "mlgap:azure:Job": "azure.job:Job",
    "mlgap:azure:MonitorSchedule": "azure.monitor:MonitorSchedule",
    "mlgap:azure:OnlineDeployment": "azure.deployment:OnlineDeployment",
    "mlgap:azure:OnlineEndpoint": "azure.endpoint:OnlineEndpoint",
    "mlgap:azure:VaultKey": "azure.vault_key:VaultKey",
    "mlgap:azure:WorkspacePurge": "azure.purge:WorkspacePurge",
    "mlgap:gcp:CustomJob": "gcp.mirrored:Mirrored",
    "mlgap:gcp:DeploymentResourcePool": "gcp.mirrored:Mirrored",
    "mlgap:gcp:EndpointDeployments": "gcp.deployments:EndpointDeployments",
    "mlgap:gcp:HyperparameterTuningJob": "gcp.mirrored:Mirrored",
    "mlgap:gcp:Model": "gcp.model:Model",
    "mlgap:gcp:ModelDeploymentMonitoringJob": "gcp.mirrored:Mirrored",
    "mlgap:gcp:ModelMonitor": "gcp.mirrored:Mirrored",
    "mlgap:gcp:QuotaPreference": "gcp.quota:QuotaPreference",
    "mlgap:gcp:Schedule": "gcp.mirrored:Mirrored",
    "mlgap:gcp:TrainingPipeline": "gcp.mirrored:Mirrored",
}
"""Type token: class that answers for the type; the token's middle is the cloud it needs."""


def cloud_type(name: str) -> type[Cloud]:
    """The class of one cloud."""
    return cast("type[Cloud]", _load(CLOUDS[name]))


def resource_type(token: str) -> type[Resource]:
    """The class of one resource type."""
    return cast("type[Resource]", _load(RESOURCES[token]))


def cloud_of(token: str) -> str:
    """The cloud that a type token needs."""
    return token.split(":")[1]


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(load(f"{_HERE}.{module}"), name)
