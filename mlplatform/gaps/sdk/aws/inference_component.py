"""``mlgap:aws:InferenceComponent``: a model in copies that share an endpoint's instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:aws:InferenceComponent"


class InferenceComponent(pulumi.CustomResource):
    """An inference component.

    Its specification changes in place, and an update that SageMaker takes back is a failure. How
    many copies run is autoscaling's; the declared number is what it starts with. The import id is
    its name.

    Args:
        inference_component_name: at most 63 letters, digits and inner hyphens. Another name is
            another component.
        endpoint_name: an endpoint whose variants have no models of their own.
        variant_name: where on the endpoint.
        specification: in the words of CreateInferenceComponent with camelCase keys.
        copy_count: 0 or more.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        inference_component_name: pulumi.Input[str] | None = None,
        endpoint_name: pulumi.Input[str] | None = None,
        variant_name: pulumi.Input[str] | None = None,
        specification: pulumi.Input[Mapping[str, Any]] | None = None,
        copy_count: pulumi.Input[int] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        needed = {
            "inference_component_name": inference_component_name,
            "endpoint_name": endpoint_name,
            "variant_name": variant_name,
            "specification": specification,
            "copy_count": copy_count,
        }
        missing = [name for name, value in needed.items() if value is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        properties: dict[str, Any] = {
            "inferenceComponentName": inference_component_name,
            "endpointName": endpoint_name,
            "variantName": variant_name,
            "specification": specification,
            "runtimeConfig": None if copy_count is None else {"copyCount": copy_count},
            "tags": tags,
            "arn": None,
        }
        # camelCase from here on, in and out: the SDK translates names of declared input types only.
        super().__init__(TOKEN, resource_name, properties, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> InferenceComponent:
        """Read the existing component with the name ``id``, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return InferenceComponent(resource_name, found)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The component's ARN; known at preview when the name is in lower case."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    def inference_component_name(self) -> pulumi.Output[str]:
        """The component's name, by which requests choose it."""
        return cast("pulumi.Output[str]", pulumi.get(self, "inferenceComponentName"))
