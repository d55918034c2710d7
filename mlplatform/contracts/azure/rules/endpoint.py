"""Online endpoints: traffic, and the steps that move it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.azure.rules.values import whole
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import has_unknown, is_unknown

_TRAFFIC = "rule: azure-ai-ml, docstring of OnlineEndpointProperties.traffic"
_MIRROR = "rule: learn.microsoft.com, Safe rollout for online endpoints: mirrored traffic"
_ROLLOUT = "rule: docs/adr/0009, who owns what on an Azure endpoint"
_MIRROR_MOST = 50


def online(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Traffic and mirrored traffic of the endpoint."""
    properties = inputs.get("properties")
    if isinstance(properties, Mapping):
        yield from traffic(properties.get("traffic"), "properties.traffic")
        yield from mirror(
            properties.get("mirrorTraffic"), properties.get("traffic"), "properties.mirrorTraffic"
        )


def traffic(shares: Any, path: str) -> Iterator[Problem]:
    """Whole percentages whose sum is 100, or 0 while nothing is served."""
    if not isinstance(shares, Mapping):
        return
    yield from _percentages(shares, path, 100, _TRAFFIC)
    known = [whole(share) for name, share in shares.items() if not name.startswith("__")]
    if has_unknown(shares) or any(share is None for share in known):
        return
    total = sum(share for share in known if share is not None)
    if total not in (0, 100):
        message = "allowed: shares whose sum is 100, or 0 while nothing is served"
        yield Problem(path=path, got=f"sum {total}", message=message, source=_TRAFFIC)


def mirror(shares: Any, live: Any, path: str) -> Iterator[Problem]:
    """One deployment at most, at most 50 %, and not one that takes live traffic."""
    if not isinstance(shares, Mapping) or not shares:
        return
    yield from _percentages(shares, path, _MIRROR_MOST, _MIRROR)
    if len(shares) > 1:
        message = "allowed: one deployment"
        yield Problem(path=path, got=sorted(shares), message=message, source=_MIRROR)
    for name in shares:
        if isinstance(live, Mapping) and whole(live.get(name)):
            message = "allowed: a deployment without live traffic"
            yield Problem(path=f"{path}.{name}", got=name, message=message, source=_MIRROR)


def _percentages(shares: Mapping[str, Any], path: str, most: int, source: str) -> Iterator[Problem]:
    for name, share in shares.items():
        if name.startswith("__") or has_unknown(share):
            continue
        percent = whole(share) if not isinstance(share, str) else None
        if percent is None or not 0 <= percent <= most:
            message = f"allowed: a whole percentage, 0 to {most}"
            yield Problem(path=f"{path}.{name}", got=share, message=message, source=source)


def rollout(given: Any, path: str) -> Iterator[Problem]:
    """Steps of the traffic: one to half of it at a time, at most an hour between them."""
    if not isinstance(given, Mapping):
        return
    allowed = ("strategy", "stepPercent", "waitS", "maxErrorPercent", "maxLatencyMs")
    for name, value in given.items():
        if name not in allowed and not name.startswith("__"):
            message = unknown_property(name, allowed)
            yield Problem(path=f"{path}.{name}", got=value, message=message, source=_ROLLOUT)
    strategy = given.get("strategy")
    if not is_unknown(strategy) and strategy not in ("canary", "linear"):
        message = "allowed: canary, linear"
        yield Problem(path=f"{path}.strategy", got=strategy, message=message, source=_ROLLOUT)
    for name, least, most in (("stepPercent", 1, 50), ("waitS", 0, 3600)):
        value = given.get(name)
        count = whole(value)
        if not is_unknown(value) and (count is None or not least <= count <= most):
            message = f"allowed: {least} to {most}"
            yield Problem(path=f"{path}.{name}", got=value, message=message, source=_ROLLOUT)
