"""The immutable plan: what each cloud is to have, everything decided and nothing left to default.

``infra`` turns it into resources; it holds plain values only, so that it can be compared,
printed and tested without a cloud or an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Who pays and who answers for everything in this environment."""

    project: str
    owner: str
    cost_center: str
    data_class: str = "internal"
    auto_shutdown: bool = False
    backup_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A trained model: local files that the stack uploads, or a URI where it already is."""

    uri: str | None = None
    path: Path | None = None
    """A file, or a folder whose files are all uploaded."""
    sha256: str | None = None
    """Of the local content, hexadecimal."""
    object_key: str | None = None
    """Key of a file's upload; prefix of a folder's, without a last ``/``. It contains the content
    hash, so that a new model is a change that a preview shows."""
    files: tuple[tuple[str, Path], ...] = ()
    """Each local file: its key and where it is."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What one cloud cannot do as asked, and the nearest thing that it has."""

    cloud: str
    workload: str
    path: str
    """Where it is written in the stack file."""
    asked: str
    given: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AwsVariant:
    """One production variant, scaled on its own."""

    name: str
    weight: float
    """Percent of the traffic."""
    min_instances: int
    max_instances: int
    artifact: Artifact
    image_uri: str
    container_environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AwsEndpoint:
    """A SageMaker real-time endpoint."""

    instance_type: str
    variants: tuple[AwsVariant, ...]
    invocations_per_instance_per_minute: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int


@dataclass(frozen=True, kw_only=True)
class AwsWorkload:
    name: str
    endpoint: AwsEndpoint | None


@dataclass(frozen=True, kw_only=True)
class AwsPlan:
    account_id: str
    region: str
    workloads: tuple[AwsWorkload, ...]


@dataclass(frozen=True, kw_only=True)
class GcpVariant:
    """One deployed model, scaled on its own."""

    name: str
    weight: int
    """Percent of the traffic; the variants' weights sum to 100."""
    min_replicas: int
    max_replicas: int
    artifact: Artifact
    image_uri: str


@dataclass(frozen=True, kw_only=True)
class GcpEndpoint:
    """A Vertex AI endpoint."""

    machine_type: str
    accelerator_type: str | None
    """Vertex AI's own name, for example ``NVIDIA_TESLA_T4``."""
    accelerator_count: int
    variants: tuple[GcpVariant, ...]
    target_metric: str
    """``cpu_percent``, ``gpu_duty_cycle_percent`` or ``requests_per_replica_per_minute``."""
    target_value: float


@dataclass(frozen=True, kw_only=True)
class GcpWorkload:
    name: str
    endpoint: GcpEndpoint | None


@dataclass(frozen=True, kw_only=True)
class GcpPlan:
    project: str
    project_number: str | None
    """Needed only where a service agent is named; looked up when absent."""
    region: str
    workloads: tuple[GcpWorkload, ...]


@dataclass(frozen=True, kw_only=True)
class AzureVariant:
    """One managed online deployment, scaled on its own."""

    name: str
    weight: int
    """Percent of the traffic; the variants' weights sum to 100."""
    min_instances: int
    max_instances: int
    artifact: Artifact
    image_uri: str
    pip_packages: tuple[str, ...] = ()
    """What the environment installs on top of the image; empty for an own image."""


@dataclass(frozen=True, kw_only=True)
class AzureEndpoint:
    """An Azure ML managed online endpoint."""

    instance_type: str
    variants: tuple[AzureVariant, ...]
    target_metric: str
    """``cpu_percent`` or ``gpu_percent``."""
    target_value: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    """Whole minutes: Azure Monitor counts in them."""


@dataclass(frozen=True, kw_only=True)
class AzureWorkload:
    name: str
    endpoint: AzureEndpoint | None


@dataclass(frozen=True, kw_only=True)
class AzurePlan:
    subscription_id: str
    tenant_id: str
    location: str
    workloads: tuple[AzureWorkload, ...]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Everything one stack is to provision. A cloud that it leaves alone is ``None``."""

    environment: str
    labels: Labels
    aws: AwsPlan | None = None
    gcp: GcpPlan | None = None
    azure: AzurePlan | None = None
    gaps: tuple[Gap, ...] = ()
