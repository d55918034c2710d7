"""Compute of the whole environment on Azure, and what quotas everything together needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class AzureInstance:
    """One person's compute instance."""

    name: str
    user_object_id: str
    vm_size: str
    idle_before_shutdown_minutes: int
    start_cron: str | None = None
    stop_cron: str | None = None


@dataclass(frozen=True, kw_only=True)
class AzureKubernetesType:
    """What one pod gets, in the words of Kubernetes."""

    name: str
    cpu: str
    memory: str
    gpus: int = 0
    node_selector: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AzureKubernetes:
    """An attached cluster."""

    name: str
    cluster_id: str
    namespace: str = "default"
    instance_types: tuple[AzureKubernetesType, ...] = ()
    default_instance_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class AzureServerlessCompute:
    """Network of jobs that name no compute."""

    subnet_id: str | None = None
    public_addresses: bool = False


@dataclass(frozen=True, kw_only=True)
class AzureCompute:
    """Everything that workloads share."""

    instances: tuple[AzureInstance, ...] = ()
    kubernetes: tuple[AzureKubernetes, ...] = ()
    serverless: AzureServerlessCompute | None = None


@dataclass(frozen=True, kw_only=True)
class AzureQuota:
    """vCPUs of one family that the whole stack may use at once."""

    name: str
    needed_vcpus: int
