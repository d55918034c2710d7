"""What AWS is to have of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlplatform.spec.plan.common import Artifact


@dataclass(frozen=True, kw_only=True)
class AwsRange:
    """One hyperparameter to search."""

    name: str
    kind: str
    """Integer, Continuous or Categorical."""
    low: str = ""
    high: str = ""
    scale: str = "Linear"
    """Linear or Logarithmic."""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AwsTuning:
    """A search for hyperparameters."""

    metric: str
    goal: str
    """Maximize or Minimize."""
    max_runs: int
    parallel_runs: int
    ranges: tuple[AwsRange, ...]


@dataclass(frozen=True, kw_only=True)
class AwsTraining:
    """A training definition: everything of a run but when."""

    image_uri: str
    instance_type: str
    instance_count: int
    volume_gib: int
    spot: bool
    max_run_s: int
    max_wait_s: int | None
    """With spot."""
    keep_alive_s: int
    """Seconds that instances wait for the next run; 0 for not at all."""
    network_isolation: bool
    sharded: bool
    code: Artifact | None
    entry_point: str | None
    hyperparameters: Mapping[str, str]
    data: Mapping[str, Artifact]
    environment: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    schedule: str | None = None
    """EventBridge Scheduler's cron form."""
    run: bool = False
    tuning: AwsTuning | None = None
