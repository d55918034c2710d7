"""Images of one's own: SageMaker pulls from ECR."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlplatform.spec.models.artifact import ModelModel, PerCloudModel
from mlplatform.spec.scope import Asked

_IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9][a-z0-9._/:@-]*")
_WORDS = (
    "allowed on aws: <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>, such as one of "
    "clouds.aws.image_repositories"
)


def check(asked: Asked) -> None:
    """Tell of every image of the workload that SageMaker cannot pull."""
    for path, image in _images(asked):
        if not _IMAGE.fullmatch(image):
            asked.scope.findings.problem(path, image, _WORDS)


def _images(asked: Asked) -> Iterator[tuple[str, str]]:
    workload, at = asked.workload, asked.scope.at
    if workload.training is not None:
        yield from _own(workload.training.image, f"{at}.training")
    yield from _of(workload.model, f"{at}.model")
    if workload.endpoint is not None:
        for name, variant in workload.endpoint.variants.items():
            yield from _of(variant.model, f"{at}.endpoint.variants.{name}.model")


def _of(model: ModelModel | None, at: str) -> Iterator[tuple[str, str]]:
    if model is not None:
        yield from _own(model.image, at)


def _own(image: PerCloudModel | None, at: str) -> Iterator[tuple[str, str]]:
    if image is not None and image.aws is not None:
        yield f"{at}.image.aws", image.aws
