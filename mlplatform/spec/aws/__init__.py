"""The AWS plan: pure functions from what is asked to what is to be, a file per noun."""

from __future__ import annotations

from collections.abc import Sequence

from mlplatform.catalog import regions
from mlplatform.spec.aws import images
from mlplatform.spec.aws.endpoint import endpoint
from mlplatform.spec.aws.features import features
from mlplatform.spec.aws.foundation import foundation
from mlplatform.spec.aws.monitoring import monitoring
from mlplatform.spec.aws.quotas import quotas
from mlplatform.spec.aws.training import training
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.plan import AwsPlan, AwsWorkload
from mlplatform.spec.scope import Asked

BUILT: frozenset[str] = frozenset(
    {
        "features",
        "training",
        "monitoring",
        "endpoint.mode",
        "endpoint.private",
        "endpoint.capture",
        "endpoint.rollout",
        "endpoint.scaling.schedules",
        "endpoint.variants.*.shadow_percent",
    }
)
"""Which of ``models.spec.BUILT_PER_CLOUD`` this planner builds or puts on the gap list."""


def plan(settings: AwsModel, asked: Sequence[Asked], findings: Findings) -> AwsPlan:
    """Everything that this cloud is to have."""
    check(settings, findings)
    for one in asked:
        images.check(one)
    workloads = tuple(
        AwsWorkload(
            name=one.scope.workload,
            endpoint=endpoint(one.scope, settings, one.workload, one.workload.endpoint)
            if one.workload.endpoint
            else None,
            monitoring=monitoring(one.scope, settings, one.workload),
            training=training(one.scope, settings, one.workload),
            features=features(one.scope, one.workload.features or {}),
        )
        for one in asked
    )
    return AwsPlan(
        account_id=settings.account_id,
        region=settings.region,
        foundation=foundation(settings, findings),
        workloads=workloads,
        quotas=quotas(settings, workloads, findings),
    )


def check(settings: AwsModel, findings: Findings) -> None:
    """What must hold for the cloud itself."""
    if settings.region not in regions.AWS:
        findings.not_among("clouds.aws.region", settings.region, regions.AWS, "regions")
