"""What one deployment of an endpoint is told: its share, its probes, how it takes requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

REQUEST_TIMEOUT_MOST_S = 180
"""learn.microsoft.com, Manage and increase quotas: online endpoints."""
SHADOW_PERCENT_MOST = 50
"""learn.microsoft.com, Safe rollout for online endpoints: mirrored traffic."""


@dataclass(frozen=True, kw_only=True)
class ProbeArgs:
    """How Azure ML finds out that a container lives, or takes requests. Times in seconds."""

    initial_delay_s: int
    period_s: int
    timeout_s: int
    success_threshold: int
    failure_threshold: int

    def wire(self) -> dict[str, Any]:
        """In Azure's own words: ISO 8601 durations."""
        return {
            "initialDelay": f"PT{self.initial_delay_s}S",
            "period": f"PT{self.period_s}S",
            "timeout": f"PT{self.timeout_s}S",
            "successThreshold": self.success_threshold,
            "failureThreshold": self.failure_threshold,
        }


@dataclass(frozen=True, kw_only=True)
class RequestArgs:
    """How one instance takes requests."""

    timeout_s: int = 90
    """Azure ML's own default of 5 s is short for a first request."""
    max_concurrent_per_instance: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.timeout_s <= REQUEST_TIMEOUT_MOST_S:
            raise ValueError(
                f"timeout_s: got {self.timeout_s}, allowed: 1 to {REQUEST_TIMEOUT_MOST_S}"
            )
        if self.max_concurrent_per_instance < 1:
            raise ValueError(
                f"max_concurrent_per_instance: got {self.max_concurrent_per_instance}, "
                "allowed: 1 or more"
            )


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """How a new version takes over: a new deployment beside the old one, traffic in steps."""

    strategy: Literal["canary", "linear"]
    step_percent: int
    wait_s: int
    max_error_percent: float | None = None
    max_latency_ms: float | None = None
    """What takes the traffic back, where one is exceeded after a step."""

    def __post_init__(self) -> None:
        if not 1 <= self.step_percent <= 50:
            raise ValueError(f"step_percent: got {self.step_percent}, allowed: 1 to 50")
        if not 0 <= self.wait_s <= 3600:
            raise ValueError(f"wait_s: got {self.wait_s}, allowed: 0 to 3600")

    @property
    def longest_s(self) -> int:
        """How long the traffic may be on its way, with a minute for each write."""
        steps = 2 if self.strategy == "canary" else -(-100 // self.step_percent)
        return steps * (self.wait_s + 60) + 600

    def wire(self) -> dict[str, Any]:
        """As ``mlgap:azure:EndpointTraffic`` takes it."""
        limits = {"maxErrorPercent": self.max_error_percent, "maxLatencyMs": self.max_latency_ms}
        return {
            "strategy": self.strategy,
            "stepPercent": self.step_percent,
            "waitS": self.wait_s,
            **{name: value for name, value in limits.items() if value is not None},
        }


@dataclass(frozen=True, kw_only=True)
class VariantArgs:
    """One deployment. Its name is stable; the deployment's own adds what cannot change in place."""

    name: str
    weight: int
    """Whole percent of the traffic; all variants together 100."""
    min_instances: int
    max_instances: int
    model_uri: str
    model_hash: str
    """Of the content, or of the URI where the content is elsewhere: another hash, another model."""
    image_uri: str
    pip_packages: Sequence[str] = ()
    """What the environment installs on top; empty for a complete image of one's own."""
    shadow_percent: int = 0
    """Share of the requests that it gets a copy of; its weight is 0 then."""

    def __post_init__(self) -> None:
        if not 0 <= self.shadow_percent <= SHADOW_PERCENT_MOST or (
            self.shadow_percent and self.weight
        ):
            raise ValueError(
                f"variant {self.name}: shadow_percent: got {self.shadow_percent} with weight "
                f"{self.weight}, allowed: 0 to {SHADOW_PERCENT_MOST}, with weight 0"
            )
        if not 1 <= self.min_instances <= self.max_instances:
            raise ValueError(
                f"variant {self.name}: need 1 <= min_instances <= max_instances, got "
                f"{self.min_instances}..{self.max_instances}"
            )
