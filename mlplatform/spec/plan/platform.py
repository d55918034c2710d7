"""What one stack is to have."""

from __future__ import annotations

from dataclasses import dataclass

from mlplatform.spec.plan.aws import AwsPlan
from mlplatform.spec.plan.azure import AzurePlan
from mlplatform.spec.plan.common import Gap, Labels
from mlplatform.spec.plan.gcp import GcpPlan


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Everything one stack is to provision. A cloud that it leaves alone is ``None``."""

    environment: str
    labels: Labels
    aws: AwsPlan | None = None
    gcp: GcpPlan | None = None
    azure: AzurePlan | None = None
    gaps: tuple[Gap, ...] = ()
