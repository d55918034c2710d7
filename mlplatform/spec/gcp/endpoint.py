"""The Google Cloud plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlplatform.catalog import frameworks
from mlplatform.catalog import gcp as catalog
from mlplatform.spec import serving
from mlplatform.spec.gcp import how, machines, pools
from mlplatform.spec.gcp.accelerators import granted
from mlplatform.spec.hardware import wish
from mlplatform.spec.models.gcp import GcpEndpointModel, GcpModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import GcpEndpoint, GcpPool, GcpVariant
from mlplatform.spec.scope import Scope


def endpoint(
    scope: Scope,
    settings: GcpModel,
    workload: WorkloadModel,
    asked: EndpointModel,
    found: Mapping[str, GcpPool],
) -> GcpEndpoint | None:
    """The endpoint on Vertex AI; ``None`` with a problem when it cannot be.

    ``found``: the pools of the environment, by name.
    """
    if asked.gcp is None:
        scope.findings.missing(
            f"{scope.endpoint}.gcp", "a target for Vertex AI, such as cpu_percent"
        )
        return None
    if asked.gcp.pool is not None:
        shared = pools.join(scope, settings, asked, found)
        on = _in_pool(shared) if shared is not None else None
        gpu = shared is not None and shared.accelerator_type is not None
        if workload.model is not None and workload.model.framework == "scikit-learn":
            gpu = False  # no pool takes its image, as the pool says
    else:
        on = _of_its_own(scope, settings, asked, asked.gcp)
        gpu = on is not None and on.accelerator_type is not None
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.gcp(
            framework, version, region=settings.region, gpu=gpu
        ),
        least=0 if asked.gcp.scale_to_zero is not None else 1,
    )
    how.check(scope, settings, asked)
    if on is None or served is None or not serving.whole_percents(scope, served):
        return None
    return GcpEndpoint(
        machine_type=on.machine_type,
        accelerator_type=on.accelerator_type,
        accelerator_count=on.accelerator_count,
        variants=tuple(
            GcpVariant(
                name=one.name,
                weight=int(one.weight),
                min_replicas=one.min,
                max_replicas=one.max,
                artifact=one.artifact,
                image_uri=one.image.image_uri,
                scale_to_zero=how.scale_to_zero(asked.gcp) if one.min == 0 else None,
            )
            for one in served
        ),
        target_metric=on.target_metric,
        target_value=on.target_value,
        version_aliases=how.version_aliases(scope, asked.gcp),
        private=asked.private,
        capture=how.capture(asked),
        pool=asked.gcp.pool,
        rollout=how.rollout(scope, asked),
    )


@dataclass(frozen=True, kw_only=True)
class _Machines:
    """What replicas run on, whoever owns it."""

    machine_type: str
    accelerator_type: str | None
    accelerator_count: int
    target_metric: str
    target_value: float


def _in_pool(pool: GcpPool) -> _Machines:
    return _Machines(
        machine_type=pool.machine_type,
        accelerator_type=pool.accelerator_type,
        accelerator_count=pool.accelerator_count,
        target_metric=pool.target_metric,
        target_value=pool.target_value,
    )


def _of_its_own(
    scope: Scope, settings: GcpModel, asked: EndpointModel, own: GcpEndpointModel
) -> _Machines | None:
    at, findings = f"{scope.endpoint}.gcp", scope.findings
    wanted = wish(asked, scope.endpoint)
    accelerator = granted(wanted, scope)
    machine = machines.machine(
        own.machine_type, own.accelerator_count, accelerator, f"{at}.machine_type", findings
    )
    if machine is not None and machine.accelerator is not None:
        accelerator = machine.accelerator  # comes with the machine, asked for or not
    if "accelerator_count" in own.model_fields_set:
        path = f"{at}.accelerator_count"
        machines.count(own.accelerator_count, machine, accelerator or wanted.want, path, findings)
    if accelerator is not None:
        machines.is_there(accelerator, settings.region, wanted.path, findings)
    if own.target is None:
        words = "what autoscaling holds, such as {cpu_percent: 60}; or a pool"
        findings.missing(f"{at}.target", words)
        return None
    target = own.target.model_dump(exclude_none=True)
    # One that is not there is on the list already; its target would be one there.
    gpu = accelerator or wanted.want
    if not machines.target(target, gpu, f"{at}.target", findings) or machine is None:
        return None
    ((metric, value),) = target.items()
    return _Machines(
        machine_type=machine.name,
        accelerator_type=catalog.ACCELERATORS[accelerator] if accelerator else None,
        accelerator_count=machine.accelerator_count
        or (own.accelerator_count if accelerator else 0),
        target_metric=metric,
        target_value=value,
    )
