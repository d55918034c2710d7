"""The network of an Azure environment."""

from __future__ import annotations

from mlplatform.spec.models.azure import AzureModel


def is_private(settings: AzureModel) -> bool:
    """Whether the workspace has a private endpoint."""
    del settings
    return False
