"""What Google Cloud is to have for training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlplatform.spec.plan.common import Artifact


@dataclass(frozen=True, kw_only=True)
class GcpRange:
    """One hyperparameter of a search."""

    values: tuple[str, ...] = ()
    """One of these; else a number from ``low`` to ``high``."""
    low: float = 0
    high: float = 0
    integer: bool = False
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class GcpTuning:
    """A search for hyperparameters."""

    metric: str
    maximize: bool
    max_runs: int
    parallel_runs: int
    parameters: Mapping[str, GcpRange]


@dataclass(frozen=True, kw_only=True)
class GcpQuota:
    """How many accelerators of one kind the stack may use at once."""

    service: str
    quota_id: str
    place: str
    """Region, or zone of a TPU."""
    needed: int
    request: bool
    """Ask for them."""


@dataclass(frozen=True, kw_only=True)
class GcpTpu:
    """A TPU machine, or a place in the queue for one."""

    name: str
    accelerator_type: str
    zone: str
    runtime_version: str
    spot: bool
    queued: bool
    topology: str | None = None
    """Of the chips, such as ``4x8x8``; None for the usual one of the type."""


@dataclass(frozen=True, kw_only=True)
class GcpTraining:
    """How a model is trained on Vertex AI."""

    image_uri: str
    machine_type: str
    accelerator_type: str | None
    """Vertex AI's own name."""
    accelerator_count: int
    """In each node."""
    nodes: int
    """Of one run."""
    max_nodes: int
    pool_min_nodes: int | None
    """Machines kept between runs; None: none are."""
    boot_disk_gib: int
    spot: bool
    max_run_s: int
    code: Artifact | None
    entry_point: str | None
    hyperparameters: Mapping[str, str]
    data: Mapping[str, Artifact]
    environment: Mapping[str, str]
    run: bool
    tuning: GcpTuning | None
    serving_image_uri: str | None = None
    """What a run leaves is registered as a model that this image serves; None: it is not."""
    tpus: tuple[GcpTpu, ...] = ()
