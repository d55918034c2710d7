"""The deployed models of an endpoint: machines, replicas, targets, and the traffic split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts import paths
from mlplatform.contracts.gcp.rules import machines
from mlplatform.contracts.gcp.rules.endpoint import display_name
from mlplatform.contracts.gcp.rules.grammar import SERVICE_ACCOUNT_EMAIL, Grammar
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import has_unknown, is_unknown

ENDPOINT = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/endpoints/[^/]+",
    words="projects/P/locations/L/endpoints/E",
    source="aiplatform Endpoint.name",
)
MODEL = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/models/[^/@]+(?:@[a-zA-Z0-9-]+)?",
    words="projects/P/locations/L/models/M@VERSION",
    source="aiplatform DeployedModel.model",
)
POOL = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/deploymentResourcePools/[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="projects/P/locations/L/deploymentResourcePools/R",
    source="aiplatform DeployedModel.sharedResources",
)
_DEDICATED = ("machineType", "minReplicas", "maxReplicas")
DUTY_CYCLE = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"
CPU = "aiplatform.googleapis.com/prediction/online/cpu/utilization"
REQUESTS = "aiplatform.googleapis.com/prediction/online/request_count"
METRICS = (
    DUTY_CYCLE,
    CPU,
    REQUESTS,
    "pubsub.googleapis.com/subscription/num_undelivered_messages",
    "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
    "prometheus.googleapis.com/vertex_vllm_gpu_cache_usage_perc",
    "prometheus.googleapis.com/vertex_vllm_num_requests_waiting",
)
"""Source: aiplatform AutoscalingMetricSpec.metricName."""

STRATEGIES = ("canary", "linear")
_ROLLOUT_BOUNDS = {"stepPercent": (1, 50), "waitS": (0, 3600)}
"""Percent of the traffic; seconds. Half of the traffic in two steps is the coarsest rollout."""
_KIND_SOURCE = "aiplatform DeployedModel: one of dedicatedResources and sharedResources"
_ZERO_S = (300, 28800)
_ZERO_SOURCE = "aiplatform v1beta1 DedicatedResources.ScaleToZeroSpec"
_PERCENT = (DUTY_CYCLE, CPU)
_TARGET_SOURCE = "aiplatform AutoscalingMetricSpec.target"


def deployments(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """All deployed models of one endpoint."""
    yield from ENDPOINT.check("endpoint", inputs.get("endpoint"))
    yield from _rollout(inputs.get("rollout"))
    given = inputs.get("deployments")
    if not isinstance(given, Mapping):
        return
    if not given:
        message = "allowed: one deployment or more"
        yield Problem(path="deployments", got="none", message=message, source="mlgap")
    for name, deployment in given.items():
        at = paths.join("deployments", str(name))
        yield from display_name(str(name), at)
        if isinstance(deployment, Mapping):
            yield from _deployment(deployment, at)
    yield from _traffic(given)


def _rollout(given: Any) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        return
    strategy = given.get("strategy")
    if isinstance(strategy, str) and not is_unknown(strategy) and strategy not in STRATEGIES:
        message = allowed(STRATEGIES, strategy)
        yield Problem(path="rollout.strategy", got=strategy, message=message, source="mlgap")
    for name, (low, high) in _ROLLOUT_BOUNDS.items():
        value = given.get(name)
        if isinstance(value, int) and not low <= value <= high:
            message = f"allowed: {low} to {high}"
            yield Problem(path=f"rollout.{name}", got=value, message=message, source="mlgap")


def _deployment(given: Mapping[str, Any], at: str) -> Iterator[Problem]:
    yield from MODEL.check(f"{at}.model", given.get("model"))
    yield from SERVICE_ACCOUNT_EMAIL.check(f"{at}.serviceAccount", given.get("serviceAccount"))
    yield from POOL.check(f"{at}.pool", given.get("pool"))
    if given.get("pool"):
        yield from _shared(given, at)
        return
    for name in _DEDICATED:
        if given.get(name) is None:
            message = "required, or a pool"
            yield Problem(path=f"{at}.{name}", got=None, message=message, source=_KIND_SOURCE)
    yield from machine(given, at)
    low, high = given.get("minReplicas"), given.get("maxReplicas")
    yield from _zero(given, low, at)
    if isinstance(low, int) and low < 1 and not given.get("scaleToZero"):
        message = "allowed: 1 or more, or 0 with scaleToZero"
        source = "aiplatform DedicatedResources.minReplicaCount"
        yield Problem(path=f"{at}.minReplicas", got=low, message=message, source=source)
    if isinstance(low, int) and isinstance(high, int) and high < low:
        message = f"allowed: at least minReplicas, {low}"
        source = "aiplatform DedicatedResources.maxReplicaCount"
        yield Problem(path=f"{at}.maxReplicas", got=high, message=message, source=source)
    yield from _targets(given, at)


def _shared(given: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """In a pool, machines, bounds, targets and account are the pool's."""
    for name in given:
        if name not in ("model", "pool", "traffic") and given[name] not in (None, "", {}):
            message = "allowed without a pool only: it is the pool's"
            path = f"{at}.{name}"
            yield Problem(path=path, got=given[name], message=message, source=_KIND_SOURCE)


def _zero(given: Mapping[str, Any], low: Any, at: str) -> Iterator[Problem]:
    zero = given.get("scaleToZero")
    if not isinstance(zero, Mapping):
        return
    if isinstance(low, int) and low != 0:
        message = "allowed with scaleToZero: 0"
        yield Problem(path=f"{at}.minReplicas", got=low, message=message, source=_ZERO_SOURCE)
    for name in ("idleS", "minUpS"):
        value = zero.get(name)
        if isinstance(value, int) and not _ZERO_S[0] <= value <= _ZERO_S[1]:
            path = f"{at}.scaleToZero.{name}"
            message = f"allowed: {_ZERO_S[0]} to {_ZERO_S[1]} (seconds)"
            yield Problem(path=path, got=value, message=message, source=_ZERO_SOURCE)


def machine(given: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """A machine with its accelerators, by the tables of prediction."""
    name = given.get("machineType")
    accelerator, count = given.get("acceleratorType") or "", given.get("acceleratorCount") or 0
    if not isinstance(name, str) or is_unknown(name) or has_unknown([accelerator, count]):
        return
    wrong = machines.wrong_machine(name)
    if wrong is not None:
        path = f"{at}.machineType"
        yield Problem(path=path, got=name, message=wrong, source=machines.SOURCE)
        return
    if not isinstance(accelerator, str) or not isinstance(count, int):
        return
    unfit = machines.wrong_accelerator(name, accelerator, count)
    if unfit is not None:
        field, message = unfit
        got = {"machineType": name, "acceleratorType": accelerator, "acceleratorCount": count}
        yield Problem(path=f"{at}.{field}", got=got[field], message=message, source=machines.SOURCE)


def _targets(given: Mapping[str, Any], at: str) -> Iterator[Problem]:
    targets = given.get("targets")
    if not isinstance(targets, Mapping):
        return
    for metric, value in targets.items():
        path = paths.join(f"{at}.targets", str(metric))
        yield from target(metric, value, accelerator=given.get("acceleratorType"), at=path)


def target(metric: Any, value: Any, *, accelerator: Any, at: str) -> Iterator[Problem]:
    """One metric of autoscaling and what it holds."""
    if not isinstance(metric, str) or is_unknown(metric):
        return
    if metric not in METRICS:
        message = allowed(METRICS, metric)
        source = "aiplatform AutoscalingMetricSpec.metricName"
        yield Problem(path=at, got=metric, message=message, source=source)
    elif metric == DUTY_CYCLE and not accelerator:
        message = "allowed: only with an accelerator"
        yield Problem(path=at, got=value, message=message, source=_TARGET_SOURCE)
    if isinstance(value, int) and (value < 1 or (metric in _PERCENT and value > 100)):
        message = f"allowed: 1 {'to 100 (percent)' if metric in _PERCENT else 'or more'}"
        yield Problem(path=at, got=value, message=message, source=_TARGET_SOURCE)


def _traffic(given: Mapping[str, Any]) -> Iterator[Problem]:
    shares: dict[str, int] = {}
    for name, deployment in given.items():
        share = deployment.get("traffic") if isinstance(deployment, Mapping) else None
        if not isinstance(share, int) or isinstance(share, bool):
            return  # missing, unknown or of a wrong form: told elsewhere
        shares[str(name)] = share
    source = "aiplatform Endpoint.trafficSplit"
    for name, share in shares.items():
        if not 0 <= share <= 100:
            path = f"{paths.join('deployments', name)}.traffic"
            yield Problem(path=path, got=share, message="allowed: 0 to 100", source=source)
    if shares and sum(shares.values()) != 100:
        listed = " + ".join(str(share) for share in shares.values())
        message = f"allowed: shares that add up to 100; {listed} = {sum(shares.values())}"
        yield Problem(path="deployments", got=shares, message=message, source=source)
