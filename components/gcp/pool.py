"""A deployment pool: machines that the deployed models of several endpoints share.

Creates, for a component named ``NAME``:

====================  ===================================  ======
child                 type                                 when
====================  ===================================  ======
``NAME``              mlgap:gcp:DeploymentResourcePool     always
====================  ===================================  ======

Bounds and target change in place. Another machine is a pool of another name, so that it is there
first and traffic moves to it before the old one goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.core.base import MlComponent
from components.gcp.endpoint import METRICS
from components.gcp.place import Place
from mlplatform.catalog import gcp as catalog
from mlplatform.gaps.sdk import gcp as mlgap

_HASH_LENGTH = 6
NAME_MAX = 63 - _HASH_LENGTH - 1
"""aiplatform CreateDeploymentResourcePoolRequest.deploymentResourcePoolId, without the hash."""


@dataclass(frozen=True, kw_only=True)
class PoolArgs:
    """What a caller decides."""

    place: Place
    pool_name: str
    """Up to 56 lower-case letters, digits and dashes, first a letter."""
    machine_type: str
    accelerator_type: str | None
    accelerator_count: int
    min_replicas: int
    """1 or more."""
    max_replicas: int
    target_metric: str
    """A key of METRICS."""
    target_value: int
    service_account: str
    key_name: pulumi.Input[str]
    """The key of the endpoints too. Required: there is no unencrypted mode."""

    def __post_init__(self) -> None:
        if len(self.pool_name) > NAME_MAX:
            raise ValueError(f"pool_name: got {self.pool_name!r}, allowed: up to {NAME_MAX}")
        if not 1 <= self.min_replicas <= self.max_replicas:
            raise ValueError(
                f"pool {self.pool_name}: need 1 <= min_replicas <= max_replicas, got "
                f"{self.min_replicas}..{self.max_replicas}"
            )
        if self.target_metric not in METRICS:
            raise ValueError(
                f"target_metric: got {self.target_metric!r}, allowed: {', '.join(METRICS)}"
            )
        if catalog.machine(self.machine_type) is None:
            raise ValueError(f"machine_type: Vertex AI prediction has no {self.machine_type}")


class Pool(MlComponent):
    """Machines to share."""

    kind = "gcp:Pool"

    resource_name: str
    """``projects/P/locations/L/deploymentResourcePools/R``; known at preview."""
    account: str
    """What the containers run as."""

    def __init__(
        self,
        name: str,
        args: PoolArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: account and key, where they are named by plain strings."""
        super().__init__(name, opts)
        place, self.account = args.place, args.service_account
        machine: dict[str, str | int] = {"machineType": args.machine_type}
        if args.accelerator_type is not None:
            machine |= {
                "acceleratorType": args.accelerator_type,
                "acceleratorCount": args.accelerator_count,
            }
        said = "|".join([*map(str, machine.values()), args.service_account])
        pool_id = f"{args.pool_name}-{hashlib.sha256(said.encode()).hexdigest()[:_HASH_LENGTH]}"
        self.resource_name = (
            f"projects/{place.project}/locations/{place.region}/deploymentResourcePools/{pool_id}"
        )
        mlgap.DeploymentResourcePool(
            name,
            pool_id=pool_id,
            dedicated_resources={
                "machineSpec": machine,
                "minReplicaCount": args.min_replicas,
                "maxReplicaCount": args.max_replicas,
                "autoscalingMetricSpecs": [
                    {"metricName": METRICS[args.target_metric], "target": args.target_value}
                ],
            },
            encryption_spec={"kmsKeyName": args.key_name},
            service_account=args.service_account,
            opts=self._opts(depends_on=after),
        )
        self.register_outputs({"resource_name": self.resource_name})
