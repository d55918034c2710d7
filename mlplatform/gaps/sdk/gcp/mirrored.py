"""Objects of Vertex AI that pulumi-gcp lacks: monitoring, schedules of it, and training runs.

Their arguments are the fields of the API's own message; nested objects are written as the API
writes them, in camelCase, and judged against it at preview. Import ids are resource names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

Message = pulumi.Input[Mapping[str, Any]]
"""An object of the API with camelCase names."""
Messages = pulumi.Input[Sequence[Mapping[str, Any]]]
Labels = pulumi.Input[Mapping[str, pulumi.Input[str]]]


class Mirrored(pulumi.CustomResource):
    """One object; subclasses name their kind and what it needs."""

    kind: ClassVar[str]
    needed: ClassVar[tuple[str, ...]]

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None, properties: dict[str, Any]
    ) -> None:
        missing = [name for name in self.needed if properties[name] is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{self.token()} {resource_name!r} needs {' and '.join(missing)}")
        # camelCase from here on, in and out: the SDK translates names of declared input types only.
        properties |= {"name": None, "state": None}
        super().__init__(self.token(), resource_name, properties, with_version(opts))

    @classmethod
    def token(cls) -> str:
        """The Pulumi type."""
        return f"mlgap:gcp:{cls.kind}"

    @property
    def name(self) -> pulumi.Output[str]:
        """The resource name that Vertex AI knows it by."""
        return cast("pulumi.Output[str]", pulumi.get(self, "name"))

    @property
    def state(self) -> pulumi.Output[str]:
        """Its state at the last update or refresh; empty for kinds that have none."""
        return cast("pulumi.Output[str]", pulumi.get(self, "state"))
