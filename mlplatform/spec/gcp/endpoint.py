"""The Google Cloud plan."""

from __future__ import annotations

from mlplatform.catalog import frameworks, regions
from mlplatform.catalog import gcp as catalog
from mlplatform.catalog.machine import Machine
from mlplatform.spec import serving
from mlplatform.spec.gcp import how
from mlplatform.spec.gcp.accelerators import granted
from mlplatform.spec.hardware import wish
from mlplatform.spec.models.gcp import GcpEndpointModel, GcpModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import GcpEndpoint, GcpVariant
from mlplatform.spec.scope import Scope


def endpoint(
    scope: Scope, settings: GcpModel, workload: WorkloadModel, asked: EndpointModel
) -> GcpEndpoint | None:
    """The endpoint on Vertex AI; ``None`` with a problem when it cannot be."""
    if asked.gcp is None:
        scope.findings.missing(
            f"{scope.endpoint}.gcp", "a target for Vertex AI, such as cpu_percent"
        )
        return None
    wanted = wish(asked, scope.endpoint)
    accelerator = granted(wanted, scope)
    machine = _machine(asked.gcp, accelerator, scope)
    if machine is not None and machine.accelerator is not None:
        accelerator = machine.accelerator  # comes with the machine, asked for or not
    if accelerator is not None:
        _is_there(accelerator, settings.region, wanted.path, scope)
    target = asked.gcp.target.model_dump(exclude_none=True)
    if len(target) != 1:
        scope.findings.problem(
            f"{scope.endpoint}.gcp.target", target, "allowed: exactly one target"
        )
    if machine is not None and accelerator is None and "gpu_duty_cycle_percent" in target:
        scope.findings.problem(
            f"{scope.endpoint}.gcp.target.gpu_duty_cycle_percent",
            target["gpu_duty_cycle_percent"],
            "the endpoint has no accelerator; allowed: another target",
        )
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.gcp(
            framework, version, region=settings.region, gpu=accelerator is not None
        ),
        least=0 if asked.gcp.scale_to_zero is not None else 1,
    )
    how.check(scope, settings, asked)
    if machine is None or served is None or len(target) != 1:
        return None
    if not serving.whole_percents(scope, served):
        return None
    ((metric, value),) = target.items()
    count = machine.accelerator_count or (asked.gcp.accelerator_count if accelerator else 0)
    return GcpEndpoint(
        machine_type=machine.name,
        accelerator_type=catalog.ACCELERATORS[accelerator] if accelerator else None,
        accelerator_count=count,
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
        target_metric=metric,
        target_value=value,
        version_aliases=how.version_aliases(scope, asked.gcp),
        private=asked.private,
        capture=how.capture(asked),
        rollout=how.rollout(scope, asked),
    )


def _is_there(accelerator: str, region: str, path: str, scope: Scope) -> None:
    elsewhere = regions.gcp_lacks(region, accelerator)
    if elsewhere is not None and region in regions.GCP:
        scope.findings.problem(
            path, accelerator, f"{region} has none; regions that do: {', '.join(elsewhere)}"
        )


def _machine(asked: GcpEndpointModel, accelerator: str | None, scope: Scope) -> Machine | None:
    at = f"{scope.endpoint}.gcp.machine_type"
    default = catalog.BY_ACCELERATOR.get(accelerator or "", (catalog.DEFAULT, 0))[0]
    name = asked.machine_type or default
    machine = catalog.machine(name)
    if machine is None:
        scope.findings.not_among(at, name, catalog.machine_types(), "machine types")
        return None
    if accelerator is None:
        return machine
    counts = catalog.accelerator_counts(name, accelerator)
    built_in = machine.accelerator is not None
    if not counts or (not built_in and asked.accelerator_count not in counts):
        listed = f"{accelerator} x {', '.join(map(str, counts))}" if counts else "none of it"
        scope.findings.problem(
            at,
            f"{name} with {asked.accelerator_count} x {accelerator}",
            f"allowed for prediction on {name}: {listed}",
        )
        return None
    return machine
