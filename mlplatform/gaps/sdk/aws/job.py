"""``mlgap:aws:TrainingJob`` and ``mlgap:aws:HyperParameterTuningJob``: one run, waited for."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Shown


class JobArgs(TypedDict, total=False):
    """Arguments of a run.

    Args:
        request: the members of the create request with camelCase names, without tags.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    request: Required[Mapping[str, Any]]
    tags: Labels | None


class _Job(GapResource):
    """One run. Every change but that of tags is another run, so it needs another name.

    The import id is the job's name.
    """

    ARGS = JobArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[JobArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    @classmethod
    def _properties(cls, args: Mapping[str, Any]) -> dict[str, Any]:
        return {**args.get("request", {}), "tags": args.get("tags")}

    arn = Shown[str]()
    """The job's ARN."""


class TrainingJob(_Job):
    """One training run."""

    TOKEN = "mlgap:aws:TrainingJob"


class HyperParameterTuningJob(_Job):
    """One search for hyperparameters."""

    TOKEN = "mlgap:aws:HyperParameterTuningJob"
