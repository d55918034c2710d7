"""``mlgap:gcp:DeploymentResourcePool``: machines that deployed models share."""

from collections.abc import Mapping
from typing import ClassVar, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Mirrored
from mlplatform.gaps.sdk.resource import Message


class DeploymentResourcePoolArgs(TypedDict, total=False):
    """Arguments of ``DeploymentResourcePool``.

    Args:
        pool_id: up to 63 lower-case letters, digits and dashes, first a letter.
        dedicated_resources: ``machineSpec``, ``minReplicaCount``, ``maxReplicaCount``,
            ``autoscalingMetricSpecs``; another machine is another pool.
        encryption_spec: ``kmsKeyName``, the same as that of the endpoints; another is another pool.
        service_account: what the containers run as, which tells whose the pool is, too.
        disable_container_logging: True keeps what the containers print out of Cloud Logging.
    """

    pool_id: Required[pulumi.Input[str]]
    dedicated_resources: Required[Message]
    encryption_spec: Required[Message]
    service_account: Required[pulumi.Input[str]]
    disable_container_logging: pulumi.Input[bool] | None


class DeploymentResourcePool(Mirrored):
    """Machines for several deployed models. Bounds and targets change in place.

    The ordinary provider has no update of one, and neither its key nor its account.
    """

    TOKEN = "mlgap:gcp:DeploymentResourcePool"
    ARGS = DeploymentResourcePoolArgs
    NAMES: ClassVar[Mapping[str, str]] = {
        "pool_id": "deploymentResourcePoolId",
    }

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[DeploymentResourcePoolArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)
