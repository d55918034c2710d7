"""``mlgap:aws:InferenceComponent``: a model in copies that share an endpoint's instances."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class InferenceComponentArgs(TypedDict, total=False):
    """Arguments of an inference component.

    Args:
        inference_component_name: at most 63 letters, digits and inner hyphens. Another name is
            another component.
        endpoint_name: an endpoint whose variants have no models of their own.
        variant_name: where on the endpoint.
        specification: in the words of CreateInferenceComponent with camelCase keys.
        copy_count: 0 or more.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    inference_component_name: Required[pulumi.Input[str]]
    endpoint_name: Required[pulumi.Input[str]]
    variant_name: Required[pulumi.Input[str]]
    specification: Required[Message]
    copy_count: Required[pulumi.Input[int]]
    tags: Labels | None


class InferenceComponent(GapResource):
    """An inference component.

    Its specification changes in place, and an update that SageMaker takes back is a failure. How
    many copies run is autoscaling's; the declared number is what it starts with. The import id is
    its name.
    """

    TOKEN = "mlgap:aws:InferenceComponent"
    ARGS = InferenceComponentArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[InferenceComponentArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    @classmethod
    def _properties(cls, args: Mapping[str, Any]) -> dict[str, Any]:
        properties = super()._properties(args)
        copies = properties.pop("copyCount", None)
        return properties | ({} if copies is None else {"runtimeConfig": {"copyCount": copies}})

    arn = Shown[str]()
    """The component's ARN; known at preview when the name is in lower case."""
    inference_component_name = Shown[str]()
    """By which requests choose it."""
