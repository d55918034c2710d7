"""``mlgap:aws:TrainingJob`` and ``mlgap:aws:HyperParameterTuningJob``: one run, waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version


class _Job(pulumi.CustomResource):
    """One run. Every change but that of tags is another run, so it needs another name.

    The import id is the job's name.

    Args:
        request: the members of the create request with camelCase names, without tags.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        request: Mapping[str, Any] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        token = f"mlgap:aws:{self.kind}"
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if request is None and not existing:
            raise TypeError(f"{token} {resource_name!r} needs request")
        properties: dict[str, Any] = {**(request or {}), "tags": tags, "arn": None}
        super().__init__(token, resource_name, properties, with_version(opts))

    @property
    def arn(self) -> pulumi.Output[str]:
        """The job's ARN."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))


class TrainingJob(_Job):
    """One training run. See the arguments of the base class."""

    kind = "TrainingJob"


class HyperParameterTuningJob(_Job):
    """One search for hyperparameters. See the arguments of the base class."""

    kind = "HyperParameterTuningJob"
