"""What Azure ML trains in: base images, and what an environment installs on top."""

from __future__ import annotations

from collections.abc import Sequence

SOURCE = "github.com/Azure/AzureML-Containers: base images and their release notes"

_CPU = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_GPU = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:latest"
_SERVER = "azureml-inference-server-http"
_METRICS = ("mlflow-skinny", "azureml-mlflow")
"""What a program reports, a job and a search see through these ("Log metrics with MLflow")."""


def image(*, gpu: bool) -> str:
    """The base image; it has no framework, the environment adds one."""
    return _GPU if gpu else _CPU


def packages(serving: Sequence[str]) -> tuple[str, ...]:
    """The packages that a model is served with, without the server."""
    return (*(one for one in serving if not one.startswith(_SERVER)), *_METRICS)
