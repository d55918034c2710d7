"""Vertex AI models: ids, aliases, the container and the artifact behind a version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts import paths
from mlplatform.contracts.gcp.rules.endpoint import display_name
from mlplatform.contracts.gcp.rules.grammar import (
    GCS_URI,
    IMAGE_URI,
    KMS_KEY,
    Grammar,
    check_all,
)
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

MODEL_ID = Grammar(
    pattern=r"[a-z_][a-z0-9_-]{0,62}",
    words="up to 63 lower-case letters, digits, _ and -, first a letter or _",
    source="aiplatform UploadModelRequest.modelId",
)
ALIAS = Grammar(
    pattern=r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]",
    words="2 to 128 letters, digits and dashes, first a lower-case letter, last no dash",
    source="aiplatform Model.versionAliases",
)
_ROUTE = Grammar(
    pattern=r"/\S*",
    words="an HTTP path, such as /predict",
    source="aiplatform ModelContainerSpec.predictRoute",
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_VARIABLES = 100
_PORTS = (1, 65535)
OWN_LABEL = "mlgap-owner"
"""The label by which mlgap knows its own models."""


def model(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A registered model and its newest version."""
    grammars = {
        "modelId": MODEL_ID,
        "imageUri": IMAGE_URI,
        "artifactUri": GCS_URI,
        "predictRoute": _ROUTE,
        "healthRoute": _ROUTE,
        "kmsKeyName": KMS_KEY,
    }
    yield from check_all(inputs, grammars)
    yield from display_name(inputs.get("displayName"))
    yield from _aliases(inputs.get("versionAliases"))
    yield from _environment(inputs.get("environment"))
    port = inputs.get("port")
    if isinstance(port, int) and not _PORTS[0] <= port <= _PORTS[1]:
        yield Problem(
            path="port", got=port, message="allowed: 1 to 65535", source="aiplatform Port"
        )
    given = inputs.get("labels")
    if isinstance(given, Mapping) and OWN_LABEL in given:
        path, message = paths.join("labels", OWN_LABEL), "allowed: any other key; mlgap keeps it"
        yield Problem(path=path, got=OWN_LABEL, message=message, source="mlgap")


def _aliases(aliases: Any) -> Iterator[Problem]:
    if not isinstance(aliases, list):
        return
    for index, alias in enumerate(aliases):
        path = paths.join("versionAliases", index)
        yield from ALIAS.check(path, alias)
        if alias == "default":
            message = "allowed: any other alias; the newest version is the default by itself"
            yield Problem(path=path, got=alias, message=message, source="mlgap")
    known = [alias for alias in aliases if not is_unknown(alias)]
    if len(set(known)) < len(known):
        message = "allowed: each alias once"
        yield Problem(
            path="versionAliases", got=known, message=message, source="aiplatform versionAliases"
        )


def _environment(variables: Any) -> Iterator[Problem]:
    if not isinstance(variables, Mapping):
        return
    source = "aiplatform ModelContainerSpec.env"
    if len(variables) > _MOST_VARIABLES:
        message = f"allowed: at most {_MOST_VARIABLES} variables"
        yield Problem(path="environment", got=len(variables), message=message, source=source)
    for name in variables:
        if not _VARIABLE.fullmatch(str(name)) or str(name).startswith("AIP_"):
            message = "allowed: letters, digits and _, not AIP_..., which Vertex AI sets"
            yield Problem(
                path=paths.join("environment", str(name)), got=name, message=message, source=source
            )
