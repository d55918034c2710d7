"""How many instances of each type the whole stack may use at once, against what is allowed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mlplatform.catalog import aws_quotas as catalog
from mlplatform.catalog.aws_quotas import Usage
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.plan import AwsQuota, AwsWorkload

AT = "clouds.aws.quotas"


def quotas(
    settings: AwsModel, workloads: Sequence[AwsWorkload], findings: Findings
) -> tuple[AwsQuota, ...]:
    """What is needed, compared with what is declared. Advisory without a declaration: the account
    may have more than the stack knows.
    """
    needed: Counter[tuple[str, Usage]] = Counter()
    users: dict[tuple[str, Usage], set[str]] = defaultdict(set)
    for workload in workloads:
        for instance_type, usage, count in _uses(workload):
            needed[instance_type, usage] += count
            users[instance_type, usage].add(workload.name)
    asked = settings.quotas
    for (instance_type, usage), count in sorted(needed.items()):
        if asked is None or asked.request:
            continue
        name = catalog.name(instance_type, usage)
        declared = asked.declared.get(name)
        words = f"the stack may use {count} ({', '.join(sorted(users[instance_type, usage]))})"
        if declared is None and catalog.begins_at_nothing(instance_type):
            findings.missing(
                f'{AT}.declared["{name}"]', f"{words}, and accelerators begin at 0 everywhere"
            )
        elif declared is not None and declared < count:
            findings.problem(
                f'{AT}.declared["{name}"]',
                declared,
                f"{words}; allowed: fewer instances, or quotas.request: true",
            )
    request = asked is not None and asked.request
    return tuple(
        AwsQuota(
            name=catalog.name(instance_type, usage),
            needed=count,
            code=catalog.code(instance_type, usage),
            request=request
            and count > (asked.declared.get(catalog.name(instance_type, usage), 0) if asked else 0),
        )
        for (instance_type, usage), count in sorted(needed.items())
    )


def _uses(workload: AwsWorkload) -> Iterator[tuple[str, Usage, int]]:
    """Instance type, what for, and how many at once."""
    served, trained, watched = workload.endpoint, workload.training, workload.monitoring
    if served is not None and served.instance_type is not None:
        yield served.instance_type, "endpoint", sum(map(served.most_instances, served.variants))
    if trained is not None:
        at_once = trained.tuning.parallel_runs if trained.tuning is not None else 1
        usage: Usage = "spot training job" if trained.spot else "training job"
        yield trained.instance_type, usage, trained.instance_count * at_once
        if trained.keep_alive_s:
            yield trained.instance_type, "training warm pool", trained.instance_count
    if watched is not None and watched.monitors:
        # They may all start at the same full hour.
        yield watched.instance_type, "processing job", len(watched.monitors)
