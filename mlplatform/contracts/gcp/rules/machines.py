"""Machines and accelerators of Vertex AI online prediction: which go together, and how many.

Source of the tables: cloud.google.com/vertex-ai/docs/predictions/configure-compute (read 2026).
"""

from __future__ import annotations

import re

from mlplatform.contracts.nearest import allowed

SOURCE = "cloud.google.com/vertex-ai/docs/predictions/configure-compute"
DEFAULT_MACHINE = "n1-standard-2"
"""What Vertex AI takes when a deployed model names none (aiplatform MachineSpec.machineType)."""

_SIZES: dict[str, tuple[int, ...]] = {
    "c2-standard": (4, 8, 16, 30, 60),
    "c2d-highcpu": (2, 4, 8, 16, 32, 56, 112),
    "c2d-highmem": (2, 4, 8, 16, 32, 56, 112),
    "c2d-standard": (2, 4, 8, 16, 32, 56, 112),
    "c3-highcpu": (4, 8, 22, 44, 88, 176),
    "e2-highcpu": (2, 4, 8, 16, 32),
    "e2-highmem": (2, 4, 8, 16),
    "e2-standard": (2, 4, 8, 16, 32),
    "n1-highcpu": (2, 4, 8, 16, 32, 64, 96),
    "n1-highmem": (2, 4, 8, 16, 32, 64, 96),
    "n1-standard": (2, 4, 8, 16, 32, 64, 96),
    "n2-highcpu": (2, 4, 8, 16, 32, 48, 64, 80, 96),
    "n2-highmem": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128),
    "n2-standard": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128),
    "n2d-highcpu": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224),
    "n2d-highmem": (2, 4, 8, 16, 32, 48, 64, 80, 96),
    "n2d-standard": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224),
}
_BUILT_IN: dict[str, tuple[str, int]] = {
    **{f"a2-highgpu-{n}g": ("NVIDIA_TESLA_A100", n) for n in (1, 2, 4, 8)},
    "a2-megagpu-16g": ("NVIDIA_TESLA_A100", 16),
    **{f"a2-ultragpu-{n}g": ("NVIDIA_A100_80GB", n) for n in (1, 2, 4, 8)},
    **{f"a3-highgpu-{n}g": ("NVIDIA_H100_80GB", n) for n in (1, 2, 4, 8)},
    "a3-megagpu-8g": ("NVIDIA_H100_MEGA_80GB", 8),
    "a3-ultragpu-8g": ("NVIDIA_H200_141GB", 8),
    "a4-highgpu-8g": ("NVIDIA_B200", 8),
    "a4x-highgpu-4g": ("NVIDIA_GB200", 4),
    **{f"g2-standard-{n}": ("NVIDIA_L4", 1) for n in (4, 8, 12, 16, 32)},
    "g2-standard-24": ("NVIDIA_L4", 2),
    "g2-standard-48": ("NVIDIA_L4", 4),
    "g2-standard-96": ("NVIDIA_L4", 8),
    **{f"g4-standard-{48 * n}": ("NVIDIA_RTX_PRO_6000", n) for n in (1, 2, 4, 8)},
}
_TPU = (*(f"ct5lp-hightpu-{n}t" for n in (1, 4, 8)), *(f"ct6e-standard-{n}t" for n in (1, 4, 8)))
_ATTACHED_ON_N1: dict[str, dict[int, tuple[int, ...]]] = {
    # accelerator: largest vCPU count -> how many may be attached
    "NVIDIA_TESLA_T4": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
    "NVIDIA_TESLA_P4": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
    "NVIDIA_TESLA_V100": {8: (1, 2, 4, 8), 16: (2, 4, 8), 32: (4, 8)},
    "NVIDIA_TESLA_P100": {8: (1, 2, 4), 16: (1, 2, 4), 32: (2, 4)},
}
_RETIRED = {"NVIDIA_TESLA_K80": "NVIDIA_TESLA_T4"}


def machine_types() -> list[str]:
    """Every machine type of online prediction."""
    plain = [f"{family}-{size}" for family, sizes in _SIZES.items() for size in sizes]
    return sorted([*plain, *_BUILT_IN, *_TPU])


def wrong_machine(machine_type: str) -> str | None:
    """What is wrong with a machine type; None when online prediction has it."""
    known = machine_types()
    if machine_type in known:
        return None
    return allowed(known, machine_type, noun="machine types of online prediction")


def wrong_accelerator(machine_type: str, accelerator: str, count: int) -> tuple[str, str] | None:
    """(field, what is wrong) when the accelerator does not fit the machine; None when it does.

    accelerator: a name of the AcceleratorType enum, empty for none. count: 0 for none.
    """
    if accelerator in _RETIRED:
        return "acceleratorType", f"no longer offered; use {_RETIRED[accelerator]} instead"
    if bool(accelerator) != bool(count):
        field = "acceleratorCount" if accelerator else "acceleratorType"
        return field, "allowed: acceleratorType and acceleratorCount together, or neither"
    if machine_type in _BUILT_IN:
        return _built_in(machine_type, accelerator, count)
    if not accelerator:
        return None
    if accelerator.startswith("TPU"):
        return "acceleratorType", "allowed: none; TPUs are chosen by the machine type"
    if accelerator not in _ATTACHED_ON_N1:
        own = sorted(m for m, (kind, _) in _BUILT_IN.items() if kind == accelerator)
        return "machineType", f"allowed with {accelerator}: {', '.join(own) or 'no machine'}"
    size = re.fullmatch(r"n1-(?:standard|highmem|highcpu)-(\d+)", machine_type)
    if size is None:
        return "machineType", f"allowed with {accelerator}: n1 machines of up to 32 vCPU"
    for largest, counts in _ATTACHED_ON_N1[accelerator].items():
        if int(size[1]) <= largest:
            if count in counts:
                return None
            listed = ", ".join(map(str, counts))
            return "acceleratorCount", f"allowed with {accelerator} on {machine_type}: {listed}"
    return "machineType", f"allowed with {accelerator}: n1 machines of up to 32 vCPU"


def _built_in(machine_type: str, accelerator: str, count: int) -> tuple[str, str] | None:
    kind, most = _BUILT_IN[machine_type]
    if accelerator != kind:
        return "acceleratorType", f"allowed with {machine_type}: {kind}"
    if not 1 <= count <= most:
        return "acceleratorCount", f"allowed with {machine_type}: 1 to {most}"
    return None
