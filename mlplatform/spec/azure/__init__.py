"""The Azure plan: pure functions from what is asked to what is to be, a file per noun."""

from __future__ import annotations

from collections.abc import Sequence

from mlplatform.catalog import regions
from mlplatform.spec.azure import images, modes, names
from mlplatform.spec.azure.ci import ci
from mlplatform.spec.azure.compute import compute
from mlplatform.spec.azure.endpoint import endpoint
from mlplatform.spec.azure.features import features, redis
from mlplatform.spec.azure.monitoring import monitoring
from mlplatform.spec.azure.network import network, stores
from mlplatform.spec.azure.quotas import quotas
from mlplatform.spec.azure.training import training
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.plan import AzurePlan, AzureWorkload
from mlplatform.spec.scope import Asked

BUILT: frozenset[str] = frozenset(
    {
        "endpoint.mode",
        "features",
        "training",
        "monitoring",
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
    names.check(asked)
    for one in asked:
        images.check(one)
    workloads = tuple(_workload(one, settings) for one in asked)
    shared = compute(settings, findings)
    connected = network(settings, findings)
    return AzurePlan(
        # Written either way; names are made of it.
        subscription_id=settings.subscription_id.lower(),
        tenant_id=settings.tenant_id.lower(),
        location=settings.location,
        workloads=workloads,
        ci=ci(settings.ci, findings),
        network=connected,
        stores=stores(settings, findings),
        redis_id=redis(settings, findings),
        compute=shared,
        quotas=quotas(settings, workloads, shared, connected, findings),
    )


def _workload(one: Asked, settings: AzureModel) -> AzureWorkload:
    scope, workload, asked = one.scope, one.workload, one.workload.endpoint
    if asked is not None:
        modes.check(scope, asked)
    real_time = asked is not None and asked.mode == "real_time"
    return AzureWorkload(
        name=scope.workload,
        endpoint=endpoint(scope, settings, workload, asked) if asked and real_time else None,
        batch=modes.batch(scope, workload, asked) if asked else None,
        serverless=modes.serverless(scope, workload, asked) if asked else None,
        training=training(scope, settings, workload),
        monitoring=monitoring(scope, workload),
        features=features(scope, settings, workload.features or {}),
    )


def check(settings: AzureModel, findings: Findings) -> None:
    """What must hold for the cloud itself."""
    if settings.location not in regions.AZURE:
        findings.not_among("clouds.azure.location", settings.location, regions.AZURE, "locations")
