"""The Azure plan: pure functions from what is asked to what is to be, a file per noun."""

from __future__ import annotations

from collections.abc import Sequence

from mlplatform.catalog import regions
from mlplatform.spec.azure import modes
from mlplatform.spec.azure.ci import ci
from mlplatform.spec.azure.endpoint import endpoint
from mlplatform.spec.azure.network import network, stores
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.plan import AzurePlan, AzureWorkload
from mlplatform.spec.scope import Asked

BUILT: frozenset[str] = frozenset(
    {
        "endpoint.mode",
        "endpoint.private",
        "endpoint.capture",
        "endpoint.rollout",
        "endpoint.scaling.schedules",
        "endpoint.variants.*.shadow_percent",
    }
)
"""Which of ``models.spec.BUILT_PER_CLOUD`` this planner builds or puts on the gap list."""


def plan(settings: AzureModel, asked: Sequence[Asked], findings: Findings) -> AzurePlan:
    """Everything that this cloud is to have."""
    check(settings, findings)
    return AzurePlan(
        subscription_id=settings.subscription_id,
        tenant_id=settings.tenant_id,
        location=settings.location,
        workloads=tuple(_workload(one, settings) for one in asked),
        ci=ci(settings.ci, findings),
        network=network(settings, findings),
        stores=stores(settings, findings),
    )


def _workload(one: Asked, settings: AzureModel) -> AzureWorkload:
    asked = one.workload.endpoint
    if asked is None:
        return AzureWorkload(name=one.scope.workload, endpoint=None)
    modes.check(one.scope, asked)
    return AzureWorkload(
        name=one.scope.workload,
        endpoint=endpoint(one.scope, settings, one.workload, asked)
        if asked.mode == "real_time"
        else None,
        batch=modes.batch(one.scope, one.workload, asked),
        serverless=modes.serverless(one.scope, asked),
    )


def check(settings: AzureModel, findings: Findings) -> None:
    """What must hold for the cloud itself."""
    if settings.location not in regions.AZURE:
        findings.not_among("clouds.azure.location", settings.location, regions.AZURE, "locations")
