"""Batch endpoints and their deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, duration, whole
from mlplatform.contracts.problem import Problem

_AUTH = "rule: learn.microsoft.com, Authorization on batch endpoints: Microsoft Entra tokens only"
_SETTINGS = "rule: learn.microsoft.com, Batch deployment YAML schema"
_LEAST = {
    "miniBatchSize": 1,
    "maxConcurrencyPerInstance": 1,
    "errorThreshold": -1,
    "retrySettings.maxRetries": 0,
    "resources.instanceCount": 1,
}


def endpoint(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """It takes tokens of the directory and nothing else."""
    mode = at(inputs, "properties", "authMode")
    if mode is not None and str(mode).lower() != "aadtoken":
        message = "allowed: AADToken"
        yield Problem(path="properties.authMode", got=mode, message=message, source=_AUTH)


def deployment(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Counts, and how long a batch may take; an error threshold of -1 lets every file fail."""
    for path, least in _LEAST.items():
        value = at(inputs, "properties", *path.split("."))
        count = whole(value)
        if count is not None and count < least:
            message = f"allowed: {least} or more"
            where = f"properties.{path}"
            yield Problem(path=where, got=value, message=message, source=_SETTINGS)
    yield from duration(inputs, "properties.retrySettings.timeout", _SETTINGS)
