"""``mlgap:aws:Endpoint``: a SageMaker endpoint whose updates keep what autoscaling reached."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class EndpointArgs(TypedDict, total=False):
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

    endpoint_name: Required[pulumi.Input[str]]
    endpoint_config_name: Required[pulumi.Input[str]]
    deployment_config: Message | None
    tags: Labels | None


class Endpoint(GapResource):
    """A SageMaker endpoint.

    Its updates keep the live instance counts of variants that autoscaling moves, take weights from
    the configuration, carry autoscaling over a change of instance type, and fail when SageMaker
    rolls back. The import id is the endpoint's name.
    """

    TOKEN = "mlgap:aws:Endpoint"
    ARGS = EndpointArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[EndpointArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    arn = Shown[str]()
    """The endpoint's ARN; known at preview."""
    endpoint_name = Shown[str]()
    endpoint_config_name = Shown[str]()
    deployment_config = Shown[Mapping[str, Any] | None]()
    tags = Shown[Mapping[str, str] | None]()
    """Without those that mlgap and AWS keep for themselves."""
