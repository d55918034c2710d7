"""``mlgap:gcp:EndpointDeployments``: every deployed model of an endpoint, and its traffic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Shown, message


@dataclass(frozen=True, kw_only=True)
class ScaleToZeroArgs:
    """When a deployed model without requests gives its last replica back.

    Args:
        idle_s: seconds without a request before the last replica goes, 300 to 28800.
        min_up_s: seconds that a replica stays at least once it is up, 300 to 28800.
    """

    idle_s: pulumi.Input[int]
    min_up_s: pulumi.Input[int]


@dataclass(frozen=True, kw_only=True)
class DeploymentArgs:
    """One deployed model.

    Args:
        model: the model's name with its version, ``projects/P/locations/L/models/M@V``.
        pool: ``projects/P/locations/L/deploymentResourcePools/R`` to share machines with others,
            instead of everything from machine_type to targets, and service_account.
        machine_type: such as ``n1-standard-4``.
        accelerator_type: a name of Vertex AI's AcceleratorType, such as ``NVIDIA_TESLA_T4``; None
            for none. Goes with accelerator_count.
        min_replicas, max_replicas: autoscaling's bounds; at least 1, but min_replicas is 0 with
            scale_to_zero.
        targets: metric name -> target; percent for utilisation. None: Vertex AI's 60 percent.
        traffic: percent of the endpoint's traffic; all deployments together have 100.
        service_account: address of the account that the container runs as.
        scale_to_zero: gives the last replica back when nobody asks (v1beta1 of the API).
    """

    model: pulumi.Input[str]
    traffic: pulumi.Input[int]
    pool: pulumi.Input[str] | None = None
    machine_type: pulumi.Input[str] | None = None
    min_replicas: pulumi.Input[int] | None = None
    max_replicas: pulumi.Input[int] | None = None
    accelerator_type: pulumi.Input[str] | None = None
    accelerator_count: pulumi.Input[int] | None = None
    targets: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None = None
    service_account: pulumi.Input[str] | None = None
    scale_to_zero: ScaleToZeroArgs | None = None


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """How a new deployed model takes over the traffic of the one that it replaces.

    Args:
        strategy: ``canary`` moves one step and then the rest; ``linear`` moves in equal steps.
        step_percent: share of the traffic that moves in one step, 1 to 50.
        wait_s: seconds between one step and the next, 0 to 3600. A cancel ends the wait; the next
            update goes on from the split that it finds.
    """

    strategy: pulumi.Input[str]
    step_percent: pulumi.Input[int]
    wait_s: pulumi.Input[int]


class EndpointDeploymentsArgs(TypedDict, total=False):
    """Arguments of what is deployed to an endpoint.

    Args:
        endpoint: ``projects/P/locations/L/endpoints/E``; another one replaces the resource.
        deployments: by name, which becomes the display name.
        rollout: the steps in which traffic moves to a model that replaces another; at once when
            left out. New weights of models that stay are always written at once.
    """

    endpoint: Required[pulumi.Input[str]]
    deployments: Required[Mapping[str, DeploymentArgs]]
    rollout: RolloutArgs | None


class EndpointDeployments(GapResource):
    """All deployed models of one endpoint with the traffic split: it owns them all.

    Bounds, targets and traffic change in place. Any other change deploys a new model beside the
    old one, moves the traffic when it is up, and removes the old one. The split adds up to 100 at
    every moment. The import id is the endpoint's name.
    """

    TOKEN = "mlgap:gcp:EndpointDeployments"
    ARGS = EndpointDeploymentsArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[EndpointDeploymentsArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    @classmethod
    def _properties(cls, args: Mapping[str, Any]) -> dict[str, Any]:
        properties = dict(args)
        if (deployments := args.get("deployments")) is not None:
            properties["deployments"] = {name: message(one) for name, one in deployments.items()}
        if (rollout := args.get("rollout")) is not None:
            properties["rollout"] = message(rollout)
        return properties

    endpoint = Shown[str]()
    deployed_model_ids = Shown[Mapping[str, str]]()
    """Deployment name -> Vertex AI's id of the deployed model."""
    deployments = Shown[Mapping[str, Mapping[str, Any]]]()
    """What is deployed, by name, in the words of DeploymentArgs (camelCase)."""
