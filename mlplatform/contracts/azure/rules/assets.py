"""Models, code and data: where their content lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: azure-ai-ml, docstrings of model_uri, code_uri and data_uri"
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


def located(name: str) -> Callable[[Mapping[str, Any]], Iterator[Problem]]:
    """A rule that the version's member `name` is an address and no path of this machine."""

    def rule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
        value = at(inputs, "properties", name)
        # One letter before the colon is a drive.
        if isinstance(value, str) and (_URI.fullmatch(value) is None or value[1:2] == ":"):
            message = "allowed: an address such as azureml://... or https://..., uploaded before"
            yield Problem(path=f"properties.{name}", got=value, message=message, source=_SOURCE)

    return rule
