"""What a caller decides about an endpoint; refused early where SageMaker would refuse it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.aws.place import Place
from components.aws.scaling import ScalingArgs
from mlplatform.catalog import aws as catalog

MOST_VARIANTS = 10
"""botocore sagemaker ProductionVariantList."""


@dataclass(frozen=True, kw_only=True)
class ServerlessArgs:
    """Containers by the request."""

    memory_mib: int
    """1024 to 6144 in steps of 1024; processor power grows with it."""
    max_concurrency: int
    """1 to 200 requests at a time."""
    provisioned_concurrency: int = 0
    """So many are kept warm and paid for."""

    def __post_init__(self) -> None:
        if self.memory_mib not in range(1024, 6145, 1024):
            raise ValueError(
                f"memory_mib: got {self.memory_mib}, allowed: 1024 to 6144 in steps of 1024"
            )
        if not 0 <= self.provisioned_concurrency <= self.max_concurrency <= 200:
            raise ValueError(
                f"max_concurrency: got {self.max_concurrency} with {self.provisioned_concurrency} "
                "provisioned, allowed: 1 to 200, and at least what is provisioned"
            )


@dataclass(frozen=True, kw_only=True)
class VariantArgs:
    """One production variant. Its name is part of the autoscaling resource id."""

    name: str
    weight: float
    """Share of the traffic is weight / sum of weights; 0 takes no traffic. Of a shadow: the share
    of requests that it gets a copy of, in percent."""
    min_instances: int
    max_instances: int
    model_data_url: pulumi.Input[str]
    image_uri: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the container."""
    shadow: bool = False
    """Gets copies of requests; its answers are dropped."""
    multi_model: bool = False
    """``model_data_url`` is a prefix with many artifacts; a request names the one that answers."""

    def __post_init__(self) -> None:
        if not 0 <= self.min_instances <= self.max_instances:
            raise ValueError(
                f"variant {self.name}: need 0 <= min_instances <= max_instances, got "
                f"{self.min_instances}..{self.max_instances}"
            )

    @property
    def initial_instances(self) -> int:
        """A variant starts with one at least (botocore, InitialInstanceCount)."""
        return max(1, self.min_instances)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Subnets and groups of one VPC: at most 16 and 5 (botocore sagemaker VpcConfig)."""

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class CaptureArgs:
    """Requests and answers that are kept."""

    uri: str
    """``s3://bucket/prefix``."""
    key_arn: pulumi.Input[str]
    sampling_percent: float
    """Above 0, at most 100; SageMaker takes whole percents."""


@dataclass(frozen=True, kw_only=True)
class AsynchronousArgs:
    """Requests wait in a queue; answers are objects."""

    answers_uri: str
    failures_uri: str
    key_arn: pulumi.Input[str]
    max_concurrent_per_instance: int | None = None
    """1 to 1000; SageMaker chooses when left out."""
    notify: bool = False
    """Makes two SNS topics that are told of each answer and each failure."""


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """How an update shifts the traffic, and what takes it back."""

    strategy: Literal["all_at_once", "canary", "linear"]
    step_percent: int
    """Of the capacity: canary 1 to 50, linear 10 to 50 (SageMaker, TrafficRoutingConfig)."""
    wait_s: int
    """0 to 3600 after each step."""
    error_percent: float | None = None
    """Share of requests answered with a 5xx that takes it back."""
    latency_ms: float | None = None
    """Average time that the containers take, above which it is taken back."""

    def __post_init__(self) -> None:
        least = {"all_at_once": 1, "canary": 1, "linear": 10}[self.strategy]
        if not least <= self.step_percent <= 50:
            raise ValueError(
                f"step_percent: got {self.step_percent}, allowed with {self.strategy}: "
                f"{least} to 50"
            )
        if not 0 <= self.wait_s <= 3600:
            raise ValueError(f"wait_s: got {self.wait_s}, allowed: 0 to 3600")


@dataclass(frozen=True, kw_only=True)
class CopiesArgs:
    """The model as an inference component: copies that share the endpoint's instances."""

    name: str
    """By which requests choose it; at most 63 letters, digits and inner hyphens."""
    min: int
    max: int
    memory_mib: int
    """Of each copy, 128 or more; so ``cpu_cores`` and ``accelerators``."""
    scaling: ScalingArgs
    cpu_cores: float | None = None
    accelerators: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max:
            raise ValueError(f"copies: need 0 <= min <= max, got {self.min}..{self.max}")


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """What a caller decides. Plain values shape the graph; ``Input`` values flow through it."""

    place: Place
    endpoint_name: str
    role_arn: str
    instance_type: str | None
    """None for a serverless endpoint."""
    volume_key_arn: pulumi.Input[str]
    """Encrypts the storage volumes. Required: there is no unencrypted mode. Local NVMe disks,
    where a type has them, are encrypted by the hardware (botocore, CreateEndpointConfig)."""
    variants: Sequence[VariantArgs]
    scaling: ScalingArgs | None
    """The same for every variant; None keeps the counts where they are."""
    serverless: ServerlessArgs | None = None
    network: NetworkArgs | None = None
    """Where the containers stand; outside any network of the account when left out."""
    capture: CaptureArgs | None = None
    asynchronous: AsynchronousArgs | None = None
    copies: CopiesArgs | None = None
    """Serves the one variant's model as an inference component."""
    rollout: RolloutArgs | None = None
    """At once and without a rollback when left out."""
    log_retention_days: int | None = None
    """Makes the log group; SageMaker makes one that keeps for ever when left out."""
    log_key_arn: pulumi.Input[str] | None = None
    """Encrypts the log group."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        served = [variant for variant in self.variants if not variant.shadow]
        if not served or len(names) != len(set(names)) or len(names) > MOST_VARIANTS:
            raise ValueError(
                f"variants: got {names}, allowed: 1 to {MOST_VARIANTS}, each name once, one of "
                "them not a shadow"
            )
        if (self.instance_type is None) != (self.serverless is not None):
            raise ValueError("instance_type: allowed: it or serverless, and not both")
        if len(served) < len(names) and len(names) != 2:
            raise ValueError(
                f"variants: got {names}, allowed: one shadow beside one other variant (SageMaker, "
                "ShadowProductionVariants)"
            )
        if self.serverless is not None:
            self._check_serverless()
        if len(names) > 1 and any(variant.multi_model for variant in self.variants):
            raise ValueError("variants: allowed with multi_model: one")
        to_zero = any(variant.min_instances < 1 for variant in self.variants)
        waits = (self.asynchronous, self.serverless, self.copies)
        if to_zero and all(one is None for one in waits):
            raise ValueError(
                "min_instances: got 0, allowed: only on asynchronous endpoints and with copies"
            )
        if self.copies is not None:
            self._check_copies()
        machine = catalog.machine(self.instance_type) if self.instance_type else None
        if machine is not None and machine.burstable and self.scaling is not None:
            raise ValueError(
                f"instance_type: burstable {self.instance_type} cannot be autoscaled; "
                "use a fixed-performance type such as ml.m5.large"
            )

    def _check_copies(self) -> None:
        """SageMaker guide, "Inference components" and "Deployment guardrails"."""
        given = {
            "network": self.network,
            "asynchronous": self.asynchronous,
            "serverless": self.serverless,
            "rollout": self.rollout,
            "scaling of instances": self.scaling,
        }
        excluded = [name for name, value in given.items() if value is not None]
        if len(self.variants) > 1:
            excluded.append("several variants")
        if any(variant.multi_model for variant in self.variants):
            excluded.append("multi_model")
        if excluded:
            raise ValueError(f"copies: not possible together with {', '.join(excluded)}")

    def _check_serverless(self) -> None:
        """SageMaker guide, "Serverless Inference", feature exclusions."""
        given = {
            "network": self.network,
            "capture": self.capture,
            "asynchronous": self.asynchronous,
            "rollout": self.rollout,
        }
        excluded = [name for name, value in given.items() if value is not None]
        if any(variant.multi_model for variant in self.variants):
            excluded.append("multi_model")
        if len(self.variants) > 1:
            excluded.append("several variants")
        if excluded:
            raise ValueError(f"serverless: not possible together with {', '.join(excluded)}")
