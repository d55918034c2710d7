"""DescribeScalingActivities: nothing scales by itself here, so there are none."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.world import World


@handles("application-autoscaling", "DescribeScalingActivities")
def describe(_world: World, _ask: Ask) -> dict[str, Any]:
    return {"ScalingActivities": []}
