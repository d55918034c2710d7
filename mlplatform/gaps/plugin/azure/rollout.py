"""Traffic that moves in steps, and what takes it back. Pure but for the look at the metrics."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METRICS_API = "2018-01-01"
"""Azure Monitor, Metrics - List."""
LATENCY = "RequestLatency"
REQUESTS = "RequestsPerMinute"
"""Of an online endpoint, with the dimensions deployment and statusCodeClass (learn.microsoft.com,
Monitor online endpoints)."""
_SERVER_ERRORS = "5xx"
WHOLE = 100


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How the traffic of an endpoint goes from one division to another.

    strategy: canary is one step and then the rest, linear is equal steps. step_percent: share of
    the traffic that moves in one. wait_s: after each step but the last.
    """

    strategy: str
    step_percent: int
    wait_s: float
    max_error_percent: float | None = None
    max_latency_ms: float | None = None

    @staticmethod
    def read(inputs: Mapping[str, Any]) -> Rollout | None:
        """As it stands in the inputs of a resource."""
        given = inputs.get("rollout")
        if not given:
            return None
        return Rollout(
            strategy=str(given["strategy"]),
            step_percent=int(given["stepPercent"]),
            wait_s=float(given.get("waitS", 0)),
            max_error_percent=given.get("maxErrorPercent"),
            max_latency_ms=given.get("maxLatencyMs"),
        )


def steps(
    old: Mapping[str, int], new: Mapping[str, int], rollout: Rollout | None
) -> list[dict[str, int]]:
    """Each division of the traffic on the way, the last one `new`; every sum is 100.

    At once where nothing served before, or nothing is to serve.
    """
    moved = sum(max(0, share - old.get(name, 0)) for name, share in new.items())
    if rollout is None or sum(old.values()) != WHOLE or sum(new.values()) != WHOLE:
        return [dict(new)]
    stops = (
        [rollout.step_percent]
        if rollout.strategy == "canary"
        else list(range(rollout.step_percent, moved, rollout.step_percent))
    )
    return [*(between(old, new, stop / moved) for stop in stops if stop < moved), dict(new)]


def between(old: Mapping[str, int], new: Mapping[str, int], part: float) -> dict[str, int]:
    """Whole percentages a part of the way from one division to another (largest remainders)."""
    names = sorted({*old, *new})
    exact = {n: old.get(n, 0) + (new.get(n, 0) - old.get(n, 0)) * part for n in names}
    whole = {name: int(value) for name, value in exact.items()}
    rest = WHOLE - sum(whole.values())
    for name in sorted(names, key=lambda n: (whole[n] - exact[n], n))[:rest]:
        whole[name] += 1
    return {name: share for name, share in whole.items() if share}


def query(endpoint_id: str, deployments: list[str], since: str, until: str) -> tuple[str, str]:
    """Path and query of the metrics of these deployments since a time (ISO 8601, UTC)."""
    chosen = " or ".join(f"deployment eq '{name}'" for name in sorted(deployments))
    wanted = {
        "metricnames": f"{LATENCY},{REQUESTS}",
        "aggregation": "average,total",
        "interval": "PT1M",
        "timespan": f"{since}/{until}",
        "$filter": f"({chosen}) and statusCodeClass eq '*'",
    }
    path = f"{endpoint_id}/providers/Microsoft.Insights/metrics"
    return path, urllib.parse.urlencode(wanted)


def breach(answer: Mapping[str, Any], rollout: Rollout) -> str | None:
    """What the metrics say against going on; None when nothing does, or nobody asked yet."""
    latencies: list[float] = []
    answered = failed = 0.0
    for metric in answer.get("value") or ():
        name = (metric.get("name") or {}).get("value")
        for series in metric.get("timeseries") or ():
            labels = {
                str(one["name"]["value"]).lower(): str(one["value"])
                for one in series.get("metadatavalues") or ()
            }
            for point in series.get("data") or ():
                if name == LATENCY and point.get("average") is not None:
                    latencies.append(float(point["average"]))
                if name == REQUESTS and point.get("total") is not None:
                    answered += float(point["total"])
                    if labels.get("statuscodeclass", "").lower() == _SERVER_ERRORS:
                        failed += float(point["total"])
    percent = failed * WHOLE / answered if answered else 0.0
    if rollout.max_error_percent is not None and percent > rollout.max_error_percent:
        return f"{percent:.1f} % of the requests failed, allowed: {rollout.max_error_percent:g} %"
    slowest = max(latencies, default=0.0)
    if rollout.max_latency_ms is not None and slowest > rollout.max_latency_ms:
        return f"an answer took {slowest:.0f} ms, allowed: {rollout.max_latency_ms:g} ms"
    return None
