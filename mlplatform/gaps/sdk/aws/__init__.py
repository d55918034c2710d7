"""mlgap resources on AWS."""

from mlplatform.gaps.sdk.aws.endpoint import Endpoint
from mlplatform.gaps.sdk.aws.feature_group import FeatureGroup
from mlplatform.gaps.sdk.aws.inference_component import InferenceComponent
from mlplatform.gaps.sdk.aws.job import HyperParameterTuningJob, TrainingJob
from mlplatform.gaps.sdk.aws.job_definition import (
    ModelBiasJobDefinition,
    ModelExplainabilityJobDefinition,
    ModelQualityJobDefinition,
)

__all__ = [
    "Endpoint",
    "FeatureGroup",
    "HyperParameterTuningJob",
    "InferenceComponent",
    "ModelBiasJobDefinition",
    "ModelExplainabilityJobDefinition",
    "ModelQualityJobDefinition",
    "TrainingJob",
]
