"""``mlgap:gcp:DeploymentResourcePool``: machines that deployed models share."""

from __future__ import annotations

from typing import Any

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Message, Mirrored


class DeploymentResourcePool(Mirrored):
    """Machines for several deployed models. Bounds and targets change in place.

    The ordinary provider has no update of one, and neither its key nor its account.

    Args:
        pool_id: up to 63 lower-case letters, digits and dashes, first a letter.
        dedicated_resources: ``machineSpec``, ``minReplicaCount``, ``maxReplicaCount``,
            ``autoscalingMetricSpecs``; another machine is another pool.
        encryption_spec: ``kmsKeyName``, the same as that of the endpoints; another is another pool.
        service_account: what the containers run as, which tells whose the pool is, too.
    """

    kind = "DeploymentResourcePool"
    needed = ("deploymentResourcePoolId", "dedicatedResources", "encryptionSpec", "serviceAccount")

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        pool_id: pulumi.Input[str] | None = None,
        dedicated_resources: Message | None = None,
        encryption_spec: Message | None = None,
        service_account: pulumi.Input[str] | None = None,
        disable_container_logging: pulumi.Input[bool] | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "deploymentResourcePoolId": pool_id,
            "dedicatedResources": dedicated_resources,
            "encryptionSpec": encryption_spec,
            "serviceAccount": service_account,
            "disableContainerLogging": disable_container_logging,
        }
        super().__init__(resource_name, opts, properties)
