"""What the endpoints of every cloud have in common: bounds, weights, images, names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mlplatform.catalog import frameworks
from mlplatform.catalog.frameworks import ServingImage
from mlplatform.spec import artifacts, schedules
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.artifact import ModelModel
from mlplatform.spec.models.serving import BoundsModel, EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import Artifact
from mlplatform.spec.scope import Scope

WEIGHT_SUM = 100
_TOLERANCE = 1e-6

NAME_MAX = 63
_RANDOM_SUFFIX = 8
"""Names that a provider makes are the logical name, a dash and seven characters."""


@dataclass(frozen=True, kw_only=True)
class Serving:
    """One variant, portable: the cloud adds its own words."""

    name: str
    weight: float
    min: int
    max: int
    artifact: Artifact
    image: ServingImage


Prebuilt = Callable[[str, str], ServingImage | None]
"""Framework and version to the vendor's image."""

Resolve = Callable[[ModelModel, str], Artifact | None]
"""Model and its path in the stack file to its artifact; None with a problem."""


def check(workload: str, environment: str, endpoint: EndpointModel, findings: Findings) -> None:
    """What must hold on every cloud, said once."""
    at = f"workloads.{workload}.endpoint"
    _bounds(endpoint.scaling, f"{at}.scaling", findings)
    total = math.fsum(v.weight for v in endpoint.variants.values())
    if abs(total - WEIGHT_SUM) > _TOLERANCE:
        weights = {name: v.weight for name, v in endpoint.variants.items()}
        findings.problem(
            f"{at}.variants", weights, f"weights sum to {total:g}, allowed: {WEIGHT_SUM}"
        )
    for name, scheduled in endpoint.scaling.schedules.items():
        there = f"{at}.scaling.schedules.{name}"
        _bounds(scheduled, there, findings)
        schedules.read(scheduled.cron, f"{there}.cron", findings)
    for name, variant in endpoint.variants.items():
        if variant.scaling is not None:
            _bounds(variant.scaling, f"{at}.variants.{name}.scaling", findings)
        if variant.shadow_percent is not None and variant.weight:
            findings.problem(
                f"{at}.variants.{name}.weight",
                variant.weight,
                "allowed: 0, as a variant with shadow_percent gets copies of requests only",
            )
        longest = f"ml-{environment}-{workload}-{name}-model"
        if len(longest) + _RANDOM_SUFFIX > NAME_MAX:
            findings.problem(
                f"{at}.variants.{name}",
                name,
                f"{longest} and a suffix of {_RANDOM_SUFFIX} has over {NAME_MAX} characters; "
                "shorten the workload's or the variant's name",
            )


def variants(
    scope: Scope,
    workload: WorkloadModel,
    endpoint: EndpointModel,
    prebuilt: Prebuilt,
    *,
    least: int = 1,
    resolve: Resolve | None = None,
) -> tuple[Serving, ...] | None:
    """Every variant with its artifact and image; ``None`` with a problem when one has none.

    ``resolve``: finds an artifact that is not one model.

    ``least``: fewest instances that this cloud allows in the endpoint's mode, 0 or 1.
    """
    found: list[Serving] = []
    _floors(scope, endpoint, least)
    for name, variant in endpoint.variants.items():
        own = variant.model is not None
        model = variant.model if own else workload.model
        at = (
            f"{scope.endpoint}.variants.{name}.model"
            if own
            else f"workloads.{scope.workload}.model"
        )
        if model is None:
            scope.findings.missing(at, "what the endpoint serves")
            return None
        artifact = resolve(model, at) if resolve else _resolved(scope, model, at)
        image_of = image(scope, model, at, prebuilt)
        if artifact is None or image_of is None:
            continue
        bounds = variant.scaling or endpoint.scaling
        found.append(
            Serving(
                name=name,
                weight=variant.weight,
                min=bounds.min,
                max=bounds.max,
                artifact=artifact,
                image=image_of,
            )
        )
    return tuple(found) if len(found) == len(endpoint.variants) else None


def _resolved(scope: Scope, model: ModelModel, at: str) -> Artifact | None:
    return artifacts.resolve(
        model,
        cloud=scope.cloud,
        workload=scope.workload,
        root=scope.root,
        at=at,
        findings=scope.findings,
    )


def whole_percents(scope: Scope, served: tuple[Serving, ...]) -> bool:
    """Whether all weights are whole: Vertex AI and Azure ML take integers only."""
    broken = [s for s in served if s.weight != int(s.weight)]
    for one in broken:
        scope.findings.problem(
            f"{scope.endpoint}.variants.{one.name}.weight",
            one.weight,
            f"allowed on {scope.cloud}: a whole percent",
        )
    return not broken


def _bounds(bounds: BoundsModel, at: str, findings: Findings) -> None:
    if bounds.min > bounds.max:
        findings.problem(f"{at}.min", bounds.min, f"allowed: at most max, which is {bounds.max}")


def _floors(scope: Scope, endpoint: EndpointModel, least: int) -> None:
    """Every ``min`` is at least what the cloud allows."""
    places = {
        f"{scope.endpoint}.scaling": endpoint.scaling,
        **{
            f"{scope.endpoint}.scaling.schedules.{name}": bounds
            for name, bounds in endpoint.scaling.schedules.items()
        },
        **{
            f"{scope.endpoint}.variants.{name}.scaling": variant.scaling
            for name, variant in endpoint.variants.items()
            if variant.scaling is not None
        },
    }
    for path, bounds in places.items():
        if bounds.min < least:
            scope.findings.problem(
                f"{path}.min",
                bounds.min,
                f"allowed on {scope.cloud} with mode {endpoint.mode}: {least} or more",
            )


def image(scope: Scope, model: ModelModel, at: str, prebuilt: Prebuilt) -> ServingImage | None:
    """What serves the model: its own image, or the vendor's; ``None`` with a problem."""
    own = getattr(model.image, scope.cloud) if model.image is not None else None
    if own is not None:
        return ServingImage(image_uri=own)
    if model.framework is None or model.version is None:
        lacking = "framework" if model.framework is None else "version"
        scope.findings.missing(f"{at}.{lacking}", f"it, or image.{scope.cloud}")
        return None
    found = prebuilt(model.framework, model.version)
    if found is None:
        known = frameworks.versions(model.framework, scope.cloud)
        if model.version in known:
            scope.findings.problem(
                f"{at}.framework",
                model.framework,
                f"{scope.cloud} has no prebuilt {model.framework} image for this region and "
                f"machine; give image.{scope.cloud}",
            )
        else:
            scope.findings.not_among(f"{at}.version", model.version, known, "versions")
    return found
