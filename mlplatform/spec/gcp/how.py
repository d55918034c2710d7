"""How an endpoint on Vertex AI is reached, watched and changed; what it cannot do as asked."""

from __future__ import annotations

from mlplatform.spec.models.gcp import GcpEndpointModel, GcpModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.plan import GcpCapture, GcpRollout, GcpScaleToZero
from mlplatform.spec.scope import Scope

_INSTEAD = {
    "serverless": "its endpoints keep min replicas running",
    "asynchronous": "it has no queue before an endpoint; a batch prediction job takes many at once",
    "batch": "a batch prediction job is a run of a model, no endpoint",
}


def check(scope: Scope, settings: GcpModel, asked: EndpointModel) -> None:
    """What must hold, and the gaps."""
    at = scope.endpoint
    if asked.mode != "real_time":
        words = f"allowed on gcp: real_time; {_INSTEAD[asked.mode]}"
        scope.findings.problem(f"{at}.mode", asked.mode, words)
    if asked.private and settings.network is None:
        scope.findings.problem(
            f"{at}.private",
            True,
            "allowed on gcp with clouds.gcp.network, the network that it is reached from",
        )
    _cooldowns(scope, asked)
    lows = [(one.scaling or asked.scaling).min for one in asked.variants.values()]
    if asked.gcp is not None and asked.gcp.scale_to_zero is not None and all(lows):
        words = f"min is {min(lows)}; allowed where a variant has min: 0"
        scope.findings.problem(f"{at}.gcp.scale_to_zero", "given", words)
    for name in asked.scaling.schedules:
        scope.gap(
            f"{at}.scaling.schedules.{name}",
            asked="other bounds at other times",
            given=f"bounds of {asked.scaling.min} to {asked.scaling.max} at all times",
            reason="Vertex AI changes replica bounds by a call only, never by a clock",
        )
    for name, variant in asked.variants.items():
        if variant.shadow_percent is not None:
            scope.gap(
                f"{at}.variants.{name}.shadow_percent",
                asked=f"a copy of {variant.shadow_percent:g} percent of the requests",
                given="a deployed model without traffic",
                reason="an endpoint of Vertex AI splits requests, it does not copy them",
            )


def scale_to_zero(asked: GcpEndpointModel) -> GcpScaleToZero | None:
    """When the last replica goes; None where one always stays."""
    zero = asked.scale_to_zero
    return GcpScaleToZero(idle_s=zero.idle_s, min_up_s=zero.min_up_s) if zero else None


def version_aliases(scope: Scope, asked: GcpEndpointModel) -> tuple[str, ...]:
    """Names of the served version; ``default`` is Vertex AI's own."""
    given = asked.version_aliases
    wrong = sorted({one for one in given if given.count(one) > 1 or one == "default"})
    if wrong:
        words = "allowed: each name once, and never default, which always points there"
        scope.findings.problem(f"{scope.endpoint}.gcp.version_aliases", wrong, words)
    return tuple(given)


def capture(asked: EndpointModel) -> GcpCapture | None:
    """Requests and answers in BigQuery."""
    if asked.capture is None:
        return None
    return GcpCapture(
        sampling_percent=asked.capture.sampling_percent,
        retention_days=asked.capture.retention_days,
    )


def rollout(scope: Scope, asked: EndpointModel) -> GcpRollout | None:
    """The steps of the traffic; None where it moves at once."""
    wanted = asked.rollout
    if wanted is None:
        return None
    if wanted.alarms is not None:
        scope.gap(
            f"{scope.endpoint}.rollout.alarms",
            asked="a rollout that alarms take back",
            given="a rollout in steps that someone watches and may cancel",
            reason="Vertex AI moves no traffic by itself",
        )
    if wanted.strategy == "all_at_once":
        return None
    return GcpRollout(
        strategy=wanted.strategy, step_percent=wanted.step_percent, wait_s=wanted.wait_s
    )


def _cooldowns(scope: Scope, asked: EndpointModel) -> None:
    scaling = asked.scaling
    if not {"scale_in_cooldown_s", "scale_out_cooldown_s"} & scaling.model_fields_set:
        return  # nothing was asked
    scope.gap(
        f"{scope.endpoint}.scaling",
        asked=f"cooldowns of {scaling.scale_in_cooldown_s} s in, "
        f"{scaling.scale_out_cooldown_s} s out",
        given="Vertex AI's own pace",
        reason="AutoscalingMetricSpec has a metric and a target, no cooldown",
    )
