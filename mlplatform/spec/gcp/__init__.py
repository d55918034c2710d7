"""The Google Cloud plan: pure functions from what is asked to what is to be, a file per noun."""

from __future__ import annotations

from collections.abc import Sequence

from mlplatform.catalog import regions
from mlplatform.spec.findings import Findings
from mlplatform.spec.gcp import names
from mlplatform.spec.gcp.alerts import alerts
from mlplatform.spec.gcp.ci import ci
from mlplatform.spec.gcp.endpoint import endpoint
from mlplatform.spec.gcp.features import features, online_store
from mlplatform.spec.gcp.monitoring import monitoring
from mlplatform.spec.gcp.monitors import monitors
from mlplatform.spec.gcp.network import network
from mlplatform.spec.gcp.pools import pools, used
from mlplatform.spec.gcp.quotas import quotas
from mlplatform.spec.gcp.training import training
from mlplatform.spec.models.gcp import GcpModel
from mlplatform.spec.plan import GcpPlan, GcpWorkload
from mlplatform.spec.scope import Asked

BUILT: frozenset[str] = frozenset(
    {
        "endpoint.capture",
        "endpoint.mode",
        "endpoint.private",
        "endpoint.rollout",
        "endpoint.scaling.schedules",
        "endpoint.variants.*.shadow_percent",
        "features",
        "monitoring",
        "training",
    }
)
"""Which of ``models.spec.BUILT_PER_CLOUD`` this planner builds or puts on the gap list."""


def plan(settings: GcpModel, asked: Sequence[Asked], findings: Findings) -> GcpPlan:
    """Everything that this cloud is to have."""
    check(settings, findings)
    groups = [group for one in asked for group in (one.workload.features or {}).values()]
    online = any(group.online is not None for group in groups)
    store = online_store(settings, findings)
    shared = pools(settings, findings)
    names.check(asked, ci=settings.ci is not None, pools=settings.deployment_pools)
    workloads = tuple(
        GcpWorkload(
            name=one.scope.workload,
            endpoint=endpoint(one.scope, settings, one.workload, one.workload.endpoint, shared)
            if one.workload.endpoint
            else None,
            features=features(one.scope, one.workload.features or {}),
            monitoring=monitoring(one.scope, one.workload),
            monitors=monitors(one.scope, one.workload),
            alerts=alerts(one.scope, one.workload),
            training=training(one.scope, settings, one.workload),
        )
        for one in asked
    )
    kept = used(shared, workloads, findings)
    return GcpPlan(
        project=settings.project,
        project_number=settings.project_number,
        region=settings.region,
        online_store=store if online else None,
        ci=ci(settings.ci, findings),
        key_name=settings.keys.id,
        rotation_days=settings.keys.rotation_days,
        log_bucket=settings.logs.bucket if settings.logs is not None else None,
        network=network(settings.network, settings.region, findings),
        image_repositories=tuple(settings.image_repositories),
        feature_readers=tuple(settings.feature_store.readers),
        quotas=quotas(settings, workloads, kept, findings),
        quota_contact=settings.quotas.contact_email if settings.quotas is not None else None,
        workloads=workloads,
        pools=kept,
    )


def check(settings: GcpModel, findings: Findings) -> None:
    """What must hold for the cloud itself."""
    if settings.region not in regions.GCP:
        findings.not_among("clouds.gcp.region", settings.region, regions.GCP, "regions")
    key = settings.keys.id
    if key is not None and key.split("/")[3] != settings.region:
        words = f"allowed: a key in {settings.region}, for a key and what it encrypts share a place"
        findings.problem("clouds.gcp.keys.id", key, words)
    if key is not None and "rotation_days" in settings.keys.model_fields_set:
        words = "allowed without keys.id only: others look after that key"
        findings.problem("clouds.gcp.keys.rotation_days", settings.keys.rotation_days, words)
    lists = {
        "image_repositories": settings.image_repositories,
        "feature_store.readers": settings.feature_store.readers,
    }
    for path, given in lists.items():
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            findings.problem(f"clouds.gcp.{path}", twice, "allowed: each name once")
