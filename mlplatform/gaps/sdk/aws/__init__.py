"""mlgap resources on AWS."""

from mlplatform.gaps.sdk.aws.endpoint import Endpoint, EndpointArgs
from mlplatform.gaps.sdk.aws.feature_group import FeatureGroup

__all__ = ["Endpoint", "EndpointArgs", "FeatureGroup"]
