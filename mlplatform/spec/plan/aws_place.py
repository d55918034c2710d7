"""What AWS is to have for the environment as a whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AwsSubnet:
    """One isolated subnet."""

    availability_zone: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class AwsNetwork:
    """A network to make, without a way to the internet."""

    cidr: str
    subnets: tuple[AwsSubnet, ...]


@dataclass(frozen=True, kw_only=True)
class AwsExistingNetwork:
    """A network that is there."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AwsFoundation:
    """What the workloads share, beside artifacts."""

    network: AwsNetwork | AwsExistingNetwork | None = None
    models_key: str | None = None
    """``alias/...`` or ARN of an existing key; one is made when absent. So for ``data_key``."""
    data_key: str | None = None
    log_retention_days: int | None = None
    """Log groups are made with it; SageMaker makes its own when absent."""
    image_repositories: tuple[str, ...] = ()
