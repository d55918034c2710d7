"""Machine types of Vertex AI prediction, and which accelerators go with which.

Source: "Configure compute resources for inference" in the Vertex AI documentation, as read in
2026: N1 machines take GPUs in the listed counts; accelerator-optimised machines bring theirs.
K80 is gone; P100 reached its end of support on 2026-09-15.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from mlplatform.catalog.machine import Machine

AS_OF = date(2026, 11, 21)
SOURCE = "Vertex AI documentation, Configure compute resources for inference, as read in 2026"

ACCELERATORS = {
    "T4": "NVIDIA_TESLA_T4",
    "V100": "NVIDIA_TESLA_V100",
    "P4": "NVIDIA_TESLA_P4",
    "P100": "NVIDIA_TESLA_P100",
    "K80": "NVIDIA_TESLA_K80",
    "A100": "NVIDIA_TESLA_A100",
    "A100_80GB": "NVIDIA_A100_80GB",
    "L4": "NVIDIA_L4",
    "H100": "NVIDIA_H100_80GB",
    "H100_MEGA": "NVIDIA_H100_MEGA_80GB",
    "H200": "NVIDIA_H200_141GB",
    "B200": "NVIDIA_B200",
    "RTX_PRO_6000": "NVIDIA_RTX_PRO_6000",
}
"""The field's short name -> ``AcceleratorType``."""

RETIRED = {"K80": (date(2024, 5, 1), "T4"), "P100": (date(2026, 9, 15), "T4")}
"""Accelerator -> first day without it, and what to take instead."""

_SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "n1": {"standard": (2, 4, 8, 16, 32, 64, 96), "highmem": (2, 4, 8, 16, 32, 64, 96)},
    "n2": {"standard": (2, 4, 8, 16, 32, 48, 64, 80), "highmem": (2, 4, 8, 16, 32, 48, 64, 80)},
    "n2d": {"standard": (2, 4, 8, 16, 32, 48, 64, 80)},
    "e2": {"standard": (2, 4, 8, 16, 32), "highmem": (2, 4, 8, 16)},
    "c2": {"standard": (4, 8, 16, 30, 60)},
    "c3": {"standard": (4, 8, 22, 44, 88, 176), "highmem": (4, 8, 22, 44, 88, 176)},
}
_HIGHCPU = (2, 4, 8, 16, 32, 64, 96)
_BUILT_IN = {
    **{f"a2-highgpu-{n}g": ("A100", n) for n in (1, 2, 4, 8)},
    "a2-megagpu-16g": ("A100", 16),
    **{f"a2-ultragpu-{n}g": ("A100_80GB", n) for n in (1, 2, 4, 8)},
    **{f"g2-standard-{cores}": ("L4", 1) for cores in (4, 8, 12, 16, 32)},
    **{f"g2-standard-{cores}": ("L4", n) for cores, n in ((24, 2), (48, 4), (96, 8))},
    **{f"a3-highgpu-{n}g": ("H100", n) for n in (1, 2, 4, 8)},
    "a3-megagpu-8g": ("H100_MEGA", 8),
    "a3-ultragpu-8g": ("H200", 8),
    "a4-highgpu-8g": ("B200", 8),
    **{f"g4-standard-{c}": ("RTX_PRO_6000", n) for c, n in ((48, 1), (96, 2), (192, 4), (384, 8))},
}
_N1_COUNTS = {
    "T4": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
    "P4": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
    "P100": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
    "V100": {8: (1, 2, 4, 8), 16: (2, 4, 8), 32: (4, 8)},
}
"""Accelerator -> largest core count of an N1 machine -> counts that it may take."""

DEFAULT = "n1-standard-2"
BY_ACCELERATOR = {
    "T4": ("n1-standard-4", 1),
    "V100": ("n1-standard-8", 1),
    "L4": ("g2-standard-4", 1),
    "A100": ("a2-highgpu-1g", 1),
}
"""The smallest machine for one such accelerator."""


@cache
def machine_types() -> tuple[str, ...]:
    """Every machine type that a deployed model may name."""
    plain = [
        f"{family}-{shape}-{cores}"
        for family, shapes in _SHAPES.items()
        for shape, sizes in shapes.items()
        for cores in sizes
    ]
    return tuple(sorted([*plain, *(f"n1-highcpu-{c}" for c in _HIGHCPU), *_BUILT_IN]))


@cache
def machine(machine_type: str) -> Machine | None:
    """Facts of one type; the accelerator is only what the machine brings with it."""
    if machine_type not in machine_types():
        return None
    accelerator, count = _BUILT_IN.get(machine_type, (None, 0))
    cores = re.search(r"-(\d+)$", machine_type)
    return Machine(
        name=machine_type,
        accelerator=accelerator,
        accelerator_count=count,
        cores=int(cores[1]) if cores else None,
    )


def accelerator_counts(machine_type: str, accelerator: str) -> tuple[int, ...]:
    """How many of ``accelerator`` the machine may have for prediction; empty when none."""
    if machine_type in _BUILT_IN:
        built_in, count = _BUILT_IN[machine_type]
        return (count,) if built_in == accelerator else ()
    found = re.fullmatch(r"n1-\w+-(\d+)", machine_type)
    if found is None:
        return ()
    cores = int(found[1])
    by_cores = _N1_COUNTS.get(accelerator, {})
    return next((counts for most, counts in sorted(by_cores.items()) if cores <= most), ())


_SHARING = re.compile(
    r"[a-z]+-docker\.pkg\.dev/vertex-ai(?:-restricted)?/prediction/(?:pytorch|tf2?)-"
)


def shares(image_uri: str) -> bool:
    """Whether models of this image may share machines in a deployment resource pool.

    Source: "Share resources across deployments", Vertex AI documentation, as read in 2026: Vertex
    AI's own containers for PyTorch and TensorFlow, and no others.
    """
    return _SHARING.match(image_uri) is not None
