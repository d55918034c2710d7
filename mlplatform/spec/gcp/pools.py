"""Deployment pools: machines that the endpoints of several workloads share.

Source of what may share them: "Share resources across deployments", Vertex AI documentation: models
in Vertex AI's own containers for PyTorch (and TensorFlow), and one image in each pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlplatform.catalog import gcp as catalog
from mlplatform.spec.findings import Findings
from mlplatform.spec.gcp import machines
from mlplatform.spec.models.gcp import GcpEndpointModel, GcpModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.plan import GcpPool, GcpWorkload
from mlplatform.spec.scope import Scope

AT = "clouds.gcp.deployment_pools"
MOST_WORKLOADS = 13
"""The pool's account reads the artifacts of each, under one condition: IAM, "Quotas and limits",
at most 12 logical operators in one."""
_DEDICATED = ("machine_type", "accelerator_count", "target", "scale_to_zero")


def pools(settings: GcpModel, findings: Findings) -> Mapping[str, GcpPool]:
    """Every pool that can be, by name."""
    found: dict[str, GcpPool] = {}
    for name, asked in settings.deployment_pools.items():
        at = f"{AT}.{name}"
        accelerator = asked.accelerator
        if accelerator is not None and accelerator not in catalog.ACCELERATORS:
            findings.not_among(
                f"{at}.accelerator", accelerator, catalog.ACCELERATORS, "accelerators"
            )
            continue
        if accelerator in catalog.RETIRED:
            since, replacement = catalog.RETIRED[accelerator]
            words = f"retired on Vertex AI since {since}; use {replacement}"
            findings.problem(f"{at}.accelerator", accelerator, words)
            continue
        machine = machines.machine(
            asked.machine_type, asked.accelerator_count, accelerator, f"{at}.machine_type", findings
        )
        if machine is None:
            continue
        accelerator = machine.accelerator or accelerator
        if accelerator is not None:
            machines.is_there(accelerator, settings.region, f"{at}.accelerator", findings)
        if "accelerator_count" in asked.model_fields_set:
            path = f"{at}.accelerator_count"
            machines.count(asked.accelerator_count, machine, accelerator, path, findings)
        if asked.min > asked.max:
            findings.problem(f"{at}.min", asked.min, f"allowed: at most max, which is {asked.max}")
        target = asked.target.model_dump(exclude_none=True)
        if not machines.target(target, accelerator, f"{at}.target", findings):
            continue
        ((metric, value),) = target.items()
        found[name] = GcpPool(
            name=name,
            machine_type=machine.name,
            accelerator_type=catalog.ACCELERATORS[accelerator] if accelerator else None,
            accelerator_count=machine.accelerator_count
            or (asked.accelerator_count if accelerator else 0),
            min_replicas=asked.min,
            max_replicas=asked.max,
            target_metric=metric,
            target_value=value,
        )
    return found


def join(
    scope: Scope, settings: GcpModel, asked: EndpointModel, found: Mapping[str, GcpPool]
) -> GcpPool | None:
    """The pool of an endpoint; ``None`` with a problem. What it cannot have is on the gap list."""
    own = asked.gcp
    assert own is not None, "the caller has seen to it"
    at = f"{scope.endpoint}.gcp"
    if own.pool not in settings.deployment_pools:
        names = settings.deployment_pools
        scope.findings.not_among(f"{at}.pool", str(own.pool), names, "pools")
        return None
    for key in _DEDICATED:
        if key in own.model_fields_set and getattr(own, key) is not None:
            words = "allowed without a pool only: it is the pool's"
            scope.findings.problem(f"{at}.{key}", _shown(own, key), words)
    pool = found.get(own.pool or "")
    if pool is None:
        return None  # told already
    scope.gap(
        f"{scope.endpoint}.scaling.max",
        asked=f"{asked.scaling.min} to {asked.scaling.max} replicas of each variant",
        given=f"{pool.min_replicas} to {pool.max_replicas} replicas, shared",
        reason=f"pool {pool.name} scales as a whole",
    )
    wanted = asked.accelerator if isinstance(asked.accelerator, str) else None
    if wanted is not None and catalog.ACCELERATORS.get(wanted) != pool.accelerator_type:
        scope.gap(
            f"{scope.endpoint}.accelerator",
            asked=wanted,
            given=pool.accelerator_type or "none",
            reason=f"it is that of pool {pool.name}",
        )
    return pool


def used(
    found: Mapping[str, GcpPool], workloads: Sequence[GcpWorkload], findings: Findings
) -> tuple[GcpPool, ...]:
    """The pools that some endpoint is in, each with one image; problems for what cannot share."""
    there: list[GcpPool] = []
    for name, pool in found.items():
        guests = [w for w in workloads if w.endpoint is not None and w.endpoint.pool == name]
        images: dict[str, str] = {}
        for guest in guests:
            assert guest.endpoint is not None, "chosen so"
            for variant in guest.endpoint.variants:
                path = f"workloads.{guest.name}.endpoint.gcp.pool"
                if not catalog.shares(variant.image_uri):
                    words = "allowed for Vertex AI's own images of PyTorch and TensorFlow only; "
                    findings.problem(path, name, f"{words}{variant.name} has {variant.image_uri}")
                images.setdefault(variant.image_uri, guest.name)
        if len(images) > 1:
            listed = ", ".join(f"{uri} ({who})" for uri, who in sorted(images.items()))
            findings.problem(f"{AT}.{name}", listed, "allowed: one image for all models of a pool")
        if len(guests) > MOST_WORKLOADS:
            words = f"allowed: at most {MOST_WORKLOADS} workloads in one pool"
            findings.problem(f"{AT}.{name}", len(guests), words)
        if guests:
            there.append(pool)
        else:
            words = "allowed: a pool that an endpoint names (endpoint.gcp.pool)"
            findings.problem(f"{AT}.{name}", "no endpoint", words)
    return tuple(there)


def _shown(own: GcpEndpointModel, key: str) -> object:
    value = getattr(own, key)
    return value if isinstance(value, str | int) else "given"
