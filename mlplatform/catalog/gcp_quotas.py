"""Quotas of Vertex AI and Cloud TPU: which one a machine in use counts against.

Sources: error texts of the service for training on V100 and T4; the map of serving quotas in the
Google Cloud SDK (`command_lib/ai`); Cloud TPU documentation, "Quotas". Training quotas of the other
accelerators are named by analogy and believed. A new project has none of these accelerators.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

AS_OF = date(2026, 11, 21)

Usage = Literal["training", "serving"]

VERTEX = "aiplatform.googleapis.com"
TPU = "tpu.googleapis.com"
_WORDS = {
    "NVIDIA_TESLA_T4": "T4",
    "NVIDIA_TESLA_V100": "V100",
    "NVIDIA_TESLA_P4": "P4",
    "NVIDIA_L4": "L4",
    "NVIDIA_TESLA_A100": "A100",
    "NVIDIA_A100_80GB": "A10080GB",
    "NVIDIA_H100_80GB": "H100",
    "NVIDIA_RTX_PRO_6000": "RTXPRO6000",
}
_TPUS = {
    ("v5litepod", False): "TPUV5sLitepodPerProjectPerZoneForTPUAPI",
    ("v5litepod", True): "TPUV5sPreemptibleLitepodPerProjectPerZoneForTPUAPI",
    ("v6e", False): "TPUV6EPerProjectPerZoneForTPUAPI",
    ("v6e", True): "TPUV6EPreemptiblePerProjectPerZoneForTPUAPI",
}


def gpus(accelerator_type: str, usage: Usage, *, spot: bool = False) -> str | None:
    """The quota of a GPU in a region; ``None`` when its name is not known."""
    word = _WORDS.get(accelerator_type)
    if word is None:
        return None
    what = "Training" if usage == "training" else "Serving"
    return f"CustomModel{what}{'Preemptible' if spot else ''}{word}GPUsPerProjectPerRegion"


def known() -> tuple[str, ...]:
    """Every quota that a machine in use may count against."""
    usages: tuple[Usage, ...] = ("serving", "training")
    found = [
        gpus(one, usage, spot=spot) for one in _WORDS for usage in usages for spot in (False, True)
    ]
    return (*(one for one in found if one is not None), *_TPUS.values())


def tpus(accelerator_type: str, *, spot: bool = False) -> str | None:
    """The quota of a TPU in a zone; ``None`` when its name is not known."""
    return _TPUS.get((accelerator_type.rpartition("-")[0], spot))
