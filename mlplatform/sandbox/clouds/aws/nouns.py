"""Every file of handlers, imported once, so that the registry is full."""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws.registry import REGISTRY
from mlplatform.sandbox.clouds.aws.sagemaker import (
    endpoint_configs,
    endpoint_updates,
    endpoints,
    models,
    runtime,
    tags,
)
from mlplatform.sandbox.clouds.aws.scaling import (
    activities,
    policies,
    scheduled_actions,
    target_tags,
    targets,
)

NOUNS = (
    models,
    endpoint_configs,
    endpoints,
    endpoint_updates,
    tags,
    runtime,
    targets,
    policies,
    scheduled_actions,
    target_tags,
    activities,
)

__all__ = ["NOUNS", "REGISTRY"]
