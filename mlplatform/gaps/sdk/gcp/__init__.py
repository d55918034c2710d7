"""What Vertex AI has and pulumi-gcp has not: registered models, and models on endpoints."""

from mlplatform.gaps.sdk.gcp.deployments import DeploymentArgs, EndpointDeployments
from mlplatform.gaps.sdk.gcp.model import Model

__all__ = ["DeploymentArgs", "EndpointDeployments", "Model"]
