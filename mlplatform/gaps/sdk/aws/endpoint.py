"""``mlgap:aws:Endpoint``: a SageMaker endpoint whose updates keep what autoscaling reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:aws:Endpoint"


@pulumi.input_type
class EndpointArgs:
    """Arguments of an endpoint.

    Args:
        endpoint_name: at most 63 letters, digits and inner hyphens. Another name is another
            endpoint.
        endpoint_config_name: the endpoint configuration to serve; another one is an update in
            place. Let the configuration be named automatically, so that a changed configuration
            has a new name.
        deployment_config: how an update shifts the traffic and what takes it back, in the words of
            UpdateEndpoint's DeploymentConfig with camelCase keys. It holds from the next update
            on, where that keeps the variants' names; at once without baking when left out.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    def __init__(
        self,
        *,
        endpoint_name: pulumi.Input[str],
        endpoint_config_name: pulumi.Input[str],
        deployment_config: pulumi.Input[Mapping[str, Any]] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        pulumi.set(self, "endpoint_name", endpoint_name)
        pulumi.set(self, "endpoint_config_name", endpoint_config_name)
        if deployment_config is not None:
            pulumi.set(self, "deployment_config", deployment_config)
        if tags is not None:
            pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="endpointName")
    def endpoint_name(self) -> pulumi.Input[str]:
        """The endpoint's name."""
        return cast("pulumi.Input[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter(name="endpointConfigName")
    def endpoint_config_name(self) -> pulumi.Input[str]:
        """The endpoint configuration that it serves."""
        return cast("pulumi.Input[str]", pulumi.get(self, "endpoint_config_name"))

    @property
    @pulumi.getter(name="deploymentConfig")
    def deployment_config(self) -> pulumi.Input[Mapping[str, Any]] | None:
        """How an update shifts the traffic."""
        return cast("pulumi.Input[Mapping[str, Any]] | None", pulumi.get(self, "deployment_config"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """The tags that the program declares."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[str]]] | None", pulumi.get(self, "tags")
        )


class Endpoint(pulumi.CustomResource):
    """A SageMaker endpoint.

    Its updates keep the live instance counts of variants that autoscaling moves, take weights from
    the configuration, carry autoscaling over a change of instance type, and fail when SageMaker
    rolls back. The import id is the endpoint's name. See ``EndpointArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        endpoint_name: pulumi.Input[str] | None = None,
        endpoint_config_name: pulumi.Input[str] | None = None,
        deployment_config: pulumi.Input[Mapping[str, Any]] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        given = {"endpoint_name": endpoint_name, "endpoint_config_name": endpoint_config_name}
        missing = [name for name, value in given.items() if value is None]
        if missing and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        properties = EndpointArgs.__new__(EndpointArgs)
        properties.__dict__.update(given, deployment_config=deployment_config, tags=tags, arn=None)
        # The SDK takes an object of an input type too, and from it learns the camelCase names.
        inputs = cast("Mapping[str, Any]", properties)
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> Endpoint:
        """Read the existing endpoint with the name ``id``, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return Endpoint(resource_name, found)

    @property
    @pulumi.getter
    def arn(self) -> pulumi.Output[str]:
        """The endpoint's ARN; known at preview."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    @pulumi.getter(name="endpointName")
    def endpoint_name(self) -> pulumi.Output[str]:
        """The endpoint's name."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint_name"))

    @property
    @pulumi.getter(name="endpointConfigName")
    def endpoint_config_name(self) -> pulumi.Output[str]:
        """The endpoint configuration that it serves."""
        return cast("pulumi.Output[str]", pulumi.get(self, "endpoint_config_name"))

    @property
    @pulumi.getter(name="deploymentConfig")
    def deployment_config(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """How an update shifts the traffic."""
        return cast(
            "pulumi.Output[Mapping[str, Any] | None]", pulumi.get(self, "deployment_config")
        )

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Mapping[str, str] | None]:
        """The tags without those that mlgap and AWS keep for themselves."""
        return cast("pulumi.Output[Mapping[str, str] | None]", pulumi.get(self, "tags"))
