"""What AWS is to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlplatform.spec.plan.aws_data import AwsFeatureGroup, AwsMonitoring
from mlplatform.spec.plan.aws_place import AwsFoundation
from mlplatform.spec.plan.aws_training import AwsTraining
from mlplatform.spec.plan.common import Artifact


@dataclass(frozen=True, kw_only=True)
class AwsVariant:
    """One production variant, scaled on its own."""

    name: str
    weight: float
    """Percent of the traffic."""
    min_instances: int
    max_instances: int
    artifact: Artifact
    image_uri: str
    container_environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AwsCapture:
    """Requests and answers that are kept."""

    sampling_percent: float
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class AwsEndpoint:
    """A SageMaker real-time endpoint."""

    instance_type: str
    variants: tuple[AwsVariant, ...]
    invocations_per_instance_per_minute: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    capture: AwsCapture | None = None


@dataclass(frozen=True, kw_only=True)
class AwsWorkload:
    name: str
    endpoint: AwsEndpoint | None
    features: tuple[AwsFeatureGroup, ...] = ()
    monitoring: AwsMonitoring | None = None
    training: AwsTraining | None = None


@dataclass(frozen=True, kw_only=True)
class AwsQuota:
    """Instances of one type in one use, and the quota that limits them."""

    name: str
    needed: int
    code: str | None
    """None where it is not known."""
    request: bool
    """Ask for as many."""


@dataclass(frozen=True, kw_only=True)
class AwsPlan:
    account_id: str
    region: str
    workloads: tuple[AwsWorkload, ...]
    foundation: AwsFoundation = field(default_factory=AwsFoundation)
    quotas: tuple[AwsQuota, ...] = ()
    """What the whole stack may use at once."""
