"""The portable spec: from what people write to an immutable plan per cloud. Pure."""

from mlplatform.spec.plan import (
    Artifact,
    AwsEndpoint,
    AwsFeatureGroup,
    AwsPlan,
    AwsThroughput,
    AwsVariant,
    AwsWorkload,
    AzureEndpoint,
    AzurePlan,
    AzureVariant,
    AzureWorkload,
    Gap,
    GcpEndpoint,
    GcpPlan,
    GcpVariant,
    GcpWorkload,
    Labels,
    Platform,
)
from mlplatform.spec.problems import SpecError, SpecProblem
from mlplatform.spec.reading import read

__all__ = [
    "Artifact",
    "AwsEndpoint",
    "AwsFeatureGroup",
    "AwsPlan",
    "AwsThroughput",
    "AwsVariant",
    "AwsWorkload",
    "AzureEndpoint",
    "AzurePlan",
    "AzureVariant",
    "AzureWorkload",
    "Gap",
    "GcpEndpoint",
    "GcpPlan",
    "GcpVariant",
    "GcpWorkload",
    "Labels",
    "Platform",
    "SpecError",
    "SpecProblem",
    "read",
]
