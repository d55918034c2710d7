"""What Azure is to have."""

from __future__ import annotations

from dataclasses import dataclass

from mlplatform.spec.plan.common import Artifact


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
class AzureTrust:
    """Whose tokens the identity of pipelines takes."""

    name: str
    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class AzurePlan:
    subscription_id: str
    tenant_id: str
    location: str
    workloads: tuple[AzureWorkload, ...]
    ci: tuple[AzureTrust, ...] = ()
    """Pipelines that may roll out models; none when empty."""
