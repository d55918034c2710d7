"""What Azure is to have for training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlplatform.spec.plan.common import Artifact


@dataclass(frozen=True, kw_only=True)
class AzureRange:
    """One hyperparameter of a search."""

    values: tuple[str, ...] = ()
    """One of these; else a number from ``low`` to ``high``."""
    low: float = 0
    high: float = 0
    integer: bool = False
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class AzureSearch:
    """A search for hyperparameters."""

    metric: str
    maximize: bool
    max_runs: int
    parallel_runs: int
    sampling: str
    """``random``, ``bayesian`` or ``grid``."""
    parameters: Mapping[str, AzureRange]
    stop_after_reports: int | None = None
    """A run worse than the median of the others is stopped once it has reported so often."""


@dataclass(frozen=True, kw_only=True)
class AzureJob:
    """What a job of a workload does, each time it runs."""

    image_uri: str
    pip_packages: tuple[str, ...]
    """What the environment installs on top of the image; empty for an own image."""
    code: Artifact
    entry_point: str
    hyperparameters: Mapping[str, str]
    data: Mapping[str, Artifact]
    nodes: int
    """Of one run."""
    processes_per_node: int
    """Above 1 altogether, PyTorch's own launcher ties them together."""
    max_run_s: int
    environment: Mapping[str, str]
    keeps_checkpoints: bool
    """Its nodes may be taken away: the next try goes on from there."""
    search: AzureSearch | None = None
    cron: str | None = None
    """Five fields, in UTC."""
    run: bool = False


@dataclass(frozen=True, kw_only=True)
class AzureTraining:
    """A cluster that goes down to no node, and the job for it if there is one."""

    vm_size: str
    max_nodes: int
    idle_before_scale_down_s: int
    low_priority: bool = False
    public_nodes: bool = False
    job: AzureJob | None = None
