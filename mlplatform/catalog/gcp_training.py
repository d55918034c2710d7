"""What Vertex AI training runs on: accelerators by machine, images, quotas that it needs.

Sources: "Configure compute resources for custom training" and "Prebuilt containers for custom
training" in the Vertex AI documentation, as read in 2026. Which training images exist beside these
is believed; a version without one takes the prediction image, which that documentation allows.
"""

from __future__ import annotations

import re

from mlplatform.catalog import gcp, regions

SOURCE = "Vertex AI documentation, Configure compute resources for custom training, as read in 2026"

CUSTOM_TASK = "gs://google-cloud-aiplatform/schema/trainingjob/definition/custom_task_1.0.0.yaml"
"""A training pipeline of one's own program: its inputs are the spec of a custom job.

Source: google-cloud-aiplatform, schema.training_job.definition.custom_task.
"""
DEFAULT = "n1-standard-4"
"""For training without an accelerator."""
_N1 = {
    "T4": ((15, (1, 2, 4)), (16, (1, 2, 4)), (32, (2, 4)), (96, (4,))),
    "V100": ((15, (1, 2, 4, 8)), (16, (2, 4, 8)), (32, (4, 8)), (96, (8,))),
    "P4": ((15, (1, 2, 4)), (16, (1, 2, 4)), (32, (2, 4)), (96, (4,))),
}
"""Accelerator -> (largest core count of an N1 machine, counts that it may take)."""
_LEAST_CORES = {"standard": 4, "highmem": 2, "highcpu": 16}
"""The smallest N1 machines of training; prediction has smaller ones."""
_PYTORCH = frozenset({"1.11", "1.12", "1.13", "2.0", "2.1", "2.2", "2.3", "2.4"})
_SKLEARN = frozenset({"0.23", "1.0", "1.6"})


def accelerator_counts(machine_type: str, accelerator: str) -> tuple[int, ...]:
    """How many of ``accelerator`` the machine may have for training; empty when none."""
    machine = gcp.machine(machine_type)
    if machine is None:
        return ()
    if machine.accelerator is not None:
        return (machine.accelerator_count,) if machine.accelerator == accelerator else ()
    found = re.fullmatch(r"n1-(\w+)-(\d+)", machine_type)
    if found is None or int(found[2]) < _LEAST_CORES[found[1]]:
        return ()
    cores = int(found[2])
    return next((counts for most, counts in _N1.get(accelerator, ()) if cores <= most), ())


def smallest(accelerator: str, count: int) -> str | None:
    """The smallest machine with so many accelerators; ``None`` when there is none."""
    usual = gcp.BY_ACCELERATOR.get(accelerator, ("", 0))[0]
    if count in accelerator_counts(usual, accelerator):
        return usual
    fitting = [m for m in gcp.machine_types() if count in accelerator_counts(m, accelerator)]
    standard = [m for m in fitting if "-standard-" in m] or fitting
    return min(standard, key=lambda m: int((re.findall(r"\d+", m) or ["0"])[-1]), default=None)


def image(framework: str, version: str, *, region: str, gpu: bool) -> str | None:
    """Vertex AI's image for a training program, in the multi-region nearest to ``region``."""
    dashed, place = version.replace(".", "-"), regions.gcp_multi_region(region)
    registry = f"{place}-docker.pkg.dev/vertex-ai"
    if framework == "pytorch" and version in _PYTORCH:
        return f"{registry}/training/pytorch-{'gpu' if gpu else 'cpu'}.{dashed}.py310:latest"
    if framework == "scikit-learn" and version in _SKLEARN:
        return f"{registry}/training/sklearn-cpu.{dashed}:latest"
    return None
