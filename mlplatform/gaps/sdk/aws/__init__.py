"""mlgap resources on AWS."""

from mlplatform.gaps.sdk.aws.endpoint import Endpoint, EndpointArgs

__all__ = ["Endpoint", "EndpointArgs"]
