"""Catalogue models without machines of one's own: subscriptions and serverless endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, Deploy models as serverless API deployments"
_MODEL = re.compile(r"azureml://registries/[\w.-]+/models/[\w.-]+(/versions/[\w.-]+)?")


def subscription(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """To a model of a registry, whatever its version."""
    model = at(inputs, "properties", "modelId")
    if isinstance(model, str) and (_MODEL.fullmatch(model) is None or "/versions/" in model):
        yield Problem(
            path="properties.modelId",
            got=model,
            message="allowed: azureml://registries/<registry>/models/<model>, without a version",
            source=_SOURCE,
        )


def endpoint(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Of a model of a registry."""
    model = at(inputs, "properties", "modelSettings", "modelId")
    if isinstance(model, str) and _MODEL.fullmatch(model) is None:
        yield Problem(
            path="properties.modelSettings.modelId",
            got=model,
            message="allowed: azureml://registries/<registry>/models/<model>",
            source=_SOURCE,
        )
