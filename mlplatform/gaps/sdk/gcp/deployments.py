"""``mlgap:gcp:EndpointDeployments``: every deployed model of an endpoint, and its traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:gcp:EndpointDeployments"


class ScaleToZeroArgs:
    """When a deployed model without requests gives its last replica back.

    Args:
        idle_s: seconds without a request before the last replica goes, 300 to 28800.
        min_up_s: seconds that a replica stays at least once it is up, 300 to 28800.
    """

    def __init__(self, *, idle_s: pulumi.Input[int], min_up_s: pulumi.Input[int]) -> None:
        self._properties = {"idleS": idle_s, "minUpS": min_up_s}

    def properties(self) -> dict[str, Any]:
        """What goes to the engine."""
        return dict(self._properties)


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

    def __init__(
        self,
        *,
        model: pulumi.Input[str],
        traffic: pulumi.Input[int],
        pool: pulumi.Input[str] | None = None,
        machine_type: pulumi.Input[str] | None = None,
        min_replicas: pulumi.Input[int] | None = None,
        max_replicas: pulumi.Input[int] | None = None,
        accelerator_type: pulumi.Input[str] | None = None,
        accelerator_count: pulumi.Input[int] | None = None,
        targets: pulumi.Input[Mapping[str, pulumi.Input[int]]] | None = None,
        service_account: pulumi.Input[str] | None = None,
        scale_to_zero: ScaleToZeroArgs | None = None,
    ) -> None:
        self._properties: dict[str, Any] = {
            "model": model,
            "pool": pool,
            "machineType": machine_type,
            "minReplicas": min_replicas,
            "maxReplicas": max_replicas,
            "traffic": traffic,
            "acceleratorType": accelerator_type,
            "acceleratorCount": accelerator_count,
            "targets": targets,
            "serviceAccount": service_account,
            "scaleToZero": scale_to_zero.properties() if scale_to_zero is not None else None,
        }

    def properties(self) -> dict[str, Any]:
        """What goes to the engine; None is left out."""
        return {key: value for key, value in self._properties.items() if value is not None}


class RolloutArgs:
    """How a new deployed model takes over the traffic of the one that it replaces.

    Args:
        strategy: ``canary`` moves one step and then the rest; ``linear`` moves in equal steps.
        step_percent: share of the traffic that moves in one step, 1 to 50.
        wait_s: seconds between one step and the next, 0 to 3600. A cancel ends the wait; the next
            update goes on from the split that it finds.
    """

    def __init__(
        self,
        *,
        strategy: pulumi.Input[str],
        step_percent: pulumi.Input[int],
        wait_s: pulumi.Input[int],
    ) -> None:
        self._properties = {"strategy": strategy, "stepPercent": step_percent, "waitS": wait_s}

    def properties(self) -> dict[str, Any]:
        """What goes to the engine."""
        return dict(self._properties)


class EndpointDeployments(pulumi.CustomResource):
    """All deployed models of one endpoint with the traffic split: it owns them all.

    Bounds, targets and traffic change in place. Any other change deploys a new model beside the
    old one, moves the traffic when it is up, and removes the old one. The split adds up to 100 at
    every moment. The import id is the endpoint's name.

    Args:
        endpoint: ``projects/P/locations/L/endpoints/E``; another one replaces the resource.
        deployments: by name, which becomes the display name.
        rollout: the steps in which traffic moves to a model that replaces another; at once when
            left out. New weights of models that stay are always written at once.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        endpoint: pulumi.Input[str] | None = None,
        deployments: Mapping[str, DeploymentArgs] | None = None,
        rollout: RolloutArgs | None = None,
    ) -> None:
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if (endpoint is None or deployments is None) and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs endpoint and deployments")
        properties: dict[str, Any] = {
            "endpoint": endpoint,
            "deployments": {k: v.properties() for k, v in deployments.items()}
            if deployments is not None
            else None,
            "rollout": rollout.properties() if rollout is not None else None,
            "deployedModelIds": None,
        }
        super().__init__(TOKEN, resource_name, properties, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> EndpointDeployments:
        """Read what is deployed to the endpoint with the name ``id``, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return EndpointDeployments(resource_name, found)

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """The endpoint's name."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint"))

    @property
    def deployed_model_ids(self) -> pulumi.Output[Mapping[str, str]]:
        """Deployment name -> Vertex AI's id of the deployed model."""
        return cast("pulumi.Output[Mapping[str, str]]", pulumi.get(self, "deployedModelIds"))

    @property
    def deployments(self) -> pulumi.Output[Mapping[str, Mapping[str, Any]]]:
        """What is deployed, by name, in the words of DeploymentArgs (camelCase)."""
        return cast(
            "pulumi.Output[Mapping[str, Mapping[str, Any]]]", pulumi.get(self, "deployments")
        )
