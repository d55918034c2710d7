"""Images of one's own: a registry's name, a repository in lower case, a tag or digest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlplatform.spec.models.artifact import PerCloudModel
from mlplatform.spec.scope import Asked

_IMAGE = re.compile(
    r"([A-Za-z0-9.-]+(:\d+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
"""The grammar of references (OCI distribution specification, "Pulling manifests")."""
_WORDS = "allowed on azure: <registry>/<repository>:<tag>, such as acme.azurecr.io/serve:1"


def check(asked: Asked) -> None:
    """Tell of every image of the workload that is none."""
    for path, image in _images(asked):
        if _IMAGE.fullmatch(image) is None:
            asked.scope.findings.problem(path, image, _WORDS)


def _images(asked: Asked) -> Iterator[tuple[str, str]]:
    workload, at = asked.workload, asked.scope.at
    if workload.training is not None:
        yield from _own(workload.training.image, f"{at}.training")
    if workload.model is not None:
        yield from _own(workload.model.image, f"{at}.model")
    if workload.endpoint is not None:
        for name, variant in workload.endpoint.variants.items():
            if variant.model is not None:
                yield from _own(variant.model.image, f"{at}.endpoint.variants.{name}.model")


def _own(image: PerCloudModel | None, at: str) -> Iterator[tuple[str, str]]:
    if image is not None and image.azure is not None:
        yield f"{at}.image.azure", image.azure
