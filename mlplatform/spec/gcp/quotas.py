"""How many accelerators the whole stack may use at once, against what the project may have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mlplatform.catalog import gcp_quotas as catalog
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.gcp import GcpModel
from mlplatform.spec.plan import GcpPool, GcpQuota, GcpTraining, GcpWorkload

AT = "clouds.gcp.quotas"
Need = tuple[str, str, str]
"""Service, quota id, region or zone."""


def quotas(
    settings: GcpModel,
    workloads: Sequence[GcpWorkload],
    pools: Sequence[GcpPool],
    findings: Findings,
) -> tuple[GcpQuota, ...]:
    """What is needed, compared with what is declared. Nothing is compared without a declaration:
    the project may have more than the stack knows.
    """
    needed: Counter[Need] = Counter()
    users: dict[Need, set[str]] = defaultdict(set)
    for workload in workloads:
        for need, count in _uses(workload, settings.region):
            needed[need] += count
            users[need].add(workload.name)
    for pool in pools:
        quota = catalog.gpus(pool.accelerator_type, "serving") if pool.accelerator_type else None
        if quota is not None:
            need = (catalog.VERTEX, quota, settings.region)
            needed[need] += pool.max_replicas * pool.accelerator_count
            users[need].add(f"pool {pool.name}")
    asked = settings.quotas
    for quota_id in asked.declared if asked is not None else ():
        if quota_id not in catalog.known():
            path = f"{AT}.declared.{quota_id}"
            findings.not_among(path, quota_id, catalog.known(), "quotas that are compared")
    found: list[GcpQuota] = []
    for (service, quota_id, place), count in sorted(needed.items()):
        declared = asked.declared.get(quota_id) if asked is not None else None
        request = asked is not None and asked.request and count > (declared or 0)
        if asked is not None and not asked.request and count > (declared or 0):
            who = ", ".join(sorted(users[service, quota_id, place]))
            words = f"the stack may use {count} in {place} ({who})"
            if declared is None:
                what = f"{words}, and accelerators begin at 0 in every project"
                findings.missing(f"{AT}.declared.{quota_id}", what)
            else:
                what = f"{words}; allowed: fewer of them, or quotas.request: true"
                findings.problem(f"{AT}.declared.{quota_id}", declared, what)
        found.append(
            GcpQuota(service=service, quota_id=quota_id, place=place, needed=count, request=request)
        )
    if asked is not None and asked.request and asked.contact_email is None and found:
        findings.missing(f"{AT}.contact_email", "whom Google Cloud asks about the request")
    return tuple(found)


def _uses(workload: GcpWorkload, region: str) -> Iterator[tuple[Need, int]]:
    served = workload.endpoint
    if served is not None and served.accelerator_type is not None and served.pool is None:
        quota = catalog.gpus(served.accelerator_type, "serving")
        replicas = sum(variant.max_replicas for variant in served.variants)
        if quota is not None:
            yield (catalog.VERTEX, quota, region), replicas * served.accelerator_count
    if workload.training is not None:
        yield from _training(workload.training, region)


def _training(trained: GcpTraining, region: str) -> Iterator[tuple[Need, int]]:
    if trained.accelerator_type is not None:
        quota = catalog.gpus(trained.accelerator_type, "training", spot=trained.spot)
        if quota is not None:
            nodes = max(trained.max_nodes, trained.nodes * _at_once(trained))
            yield (catalog.VERTEX, quota, region), nodes * trained.accelerator_count
    for tpu in trained.tpus:
        quota = catalog.tpus(tpu.accelerator_type, spot=tpu.spot)
        if quota is not None:
            yield (catalog.TPU, quota, tpu.zone), int(tpu.accelerator_type.rpartition("-")[2])


def _at_once(trained: GcpTraining) -> int:
    return trained.tuning.parallel_runs if trained.tuning is not None else 1
