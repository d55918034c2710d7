"""How many vCPUs of each family the whole stack may use at once, against what is declared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mlplatform.catalog import azure as machines
from mlplatform.catalog import azure_quotas as catalog
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.plan import (
    IMAGE_BUILDER_NODES,
    AzureCompute,
    AzureEndpoint,
    AzureNetwork,
    AzureQuota,
    AzureWorkload,
)

AT = "clouds.azure.quotas.declared"


def quotas(
    settings: AzureModel,
    workloads: Sequence[AzureWorkload],
    compute: AzureCompute,
    network: AzureNetwork,
    findings: Findings,
) -> tuple[AzureQuota, ...]:
    """What is needed, compared with what is declared. Advisory without a declaration: the
    subscription may have more than the stack knows.
    """
    needed: Counter[str] = Counter()
    users: dict[str, set[str]] = defaultdict(set)
    for user, quota, vcpus in _uses(workloads, compute, network):
        needed[quota] += vcpus
        users[quota].add(user)
    if settings.quotas is not None:
        _compare(settings.quotas.declared, needed, users, findings)
    return tuple(AzureQuota(name=name, needed_vcpus=n) for name, n in sorted(needed.items()))


def _compare(
    declared: dict[str, int],
    needed: Counter[str],
    users: dict[str, set[str]],
    findings: Findings,
) -> None:
    for name, limit in declared.items():
        if not any(catalog.same(name, known) for known in catalog.names()):
            findings.not_among(f'{AT}["{name}"]', name, catalog.names(), "quotas")
        if limit < 0:
            findings.problem(f'{AT}["{name}"]', limit, "allowed: 0 or more vCPUs")
    for quota, vcpus in sorted(needed.items()):
        words = f"the stack may use {vcpus} vCPUs ({', '.join(sorted(users[quota]))})"
        said = next(((n, v) for n, v in declared.items() if catalog.same(n, quota)), None)
        if said is not None and 0 <= said[1] < vcpus:
            findings.problem(
                f'{AT}["{said[0]}"]', said[1], f"{words}; allowed: fewer or smaller machines"
            )
        elif said is None and catalog.begins_at_nothing(quota):
            findings.missing(
                f'{AT}["{quota}"]', f"{words}, and families with accelerators begin at 0"
            )


def _uses(
    workloads: Sequence[AzureWorkload], compute: AzureCompute, network: AzureNetwork
) -> Iterator[tuple[str, str, int]]:
    """Who, of which quota, how many vCPUs at once."""
    for workload in workloads:
        if workload.endpoint is not None:
            size = workload.endpoint.instance_type
            instances = _served(workload.endpoint)
            yield from _counted(workload.name, size, catalog.family(size), instances)
        if workload.batch is not None:
            cluster = workload.batch
            yield from _nodes(
                workload.name, cluster.instance_type, cluster.max_nodes, cluster.low_priority
            )
        if workload.training is not None:
            trained = workload.training
            yield from _nodes(
                workload.name, trained.vm_size, trained.max_nodes, trained.low_priority
            )
    if network.image_builder_size is not None:
        yield from _nodes("images", network.image_builder_size, IMAGE_BUILDER_NODES, False)
    for instance in compute.instances:
        size = instance.vm_size
        yield from _counted(f"instance {instance.name}", size, catalog.family(size), 1)


def _counted(user: str, size: str, quota: str | None, nodes: int) -> Iterator[tuple[str, str, int]]:
    machine = machines.machine(size)
    if quota is not None and machine is not None and machine.cores is not None:
        yield user, quota, nodes * machine.cores


def _nodes(user: str, size: str, nodes: int, low_priority: bool) -> Iterator[tuple[str, str, int]]:
    """Of a cluster; what may be taken away has a pool of its own."""
    quota = catalog.LOW_PRIORITY if low_priority else catalog.family(size)
    yield from _counted(user, size, quota, nodes)


def _served(endpoint: AzureEndpoint) -> int:
    """Instances at the most, each deployment with what Azure ML keeps for its upgrades."""
    scheduled = max((one.max_instances for one in endpoint.schedules), default=0)
    return sum(
        catalog.served_instances(endpoint.instance_type, max(variant.max_instances, scheduled))
        for variant in endpoint.variants
    )
