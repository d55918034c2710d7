"""What AWS is to have."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlplatform.spec.plan.aws_data import AwsFeatureGroup, AwsMonitoring
from mlplatform.spec.plan.aws_place import AwsFoundation
from mlplatform.spec.plan.aws_serving import AwsEndpoint
from mlplatform.spec.plan.aws_training import AwsTraining


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
