"""Cloud TPUs: types, the zones that have them, and the software that runs on each generation.

Sources: "TPU regions and zones" and "TPU software versions" in the Cloud TPU documentation, as read
in 2026, and zones in which SkyPilot's catalogue (v8) shows prices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 21)
SOURCE = "Cloud TPU documentation, TPU regions and zones, as read in 2026"


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One generation of TPUs."""

    sizes: tuple[int, ...]
    """What stands after the dash of a type: cores up to v5p, chips from v5e on."""
    zones: tuple[str, ...]
    runtime: str
    """The newest base software."""


GENERATIONS = {
    "v2": Generation(
        sizes=(8, 32, 128, 256, 512),
        zones=(
            "us-central1-a",
            "us-central1-b",
            "us-central1-c",
            "us-central1-f",
            "europe-west4-a",
            "asia-east1-c",
        ),
        runtime="tpu-ubuntu2204-base",
    ),
    "v3": Generation(
        sizes=(8, 32, 64, 128, 256, 512, 1024, 2048),
        zones=("us-central1-a", "us-central1-b", "us-central1-f", "us-east1-d", "europe-west4-a"),
        runtime="tpu-ubuntu2204-base",
    ),
    "v4": Generation(
        sizes=(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        zones=("us-central2-b",),
        runtime="tpu-ubuntu2204-base",
    ),
    "v5litepod": Generation(
        sizes=(1, 4, 8, 16, 32, 64, 128, 256),
        zones=("us-central1-a", "us-south1-a", "us-west1-c", "us-west4-a"),
        runtime="v2-alpha-tpuv5-lite",
    ),
    "v5p": Generation(
        sizes=(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        zones=("us-central1-a", "us-east5-a"),
        runtime="v2-alpha-tpuv5",
    ),
    "v6e": Generation(
        sizes=(1, 4, 8, 16, 32, 64, 128, 256),
        zones=(
            "us-central1-a",
            "us-central1-b",
            "us-central1-c",
            "us-east1-d",
            "us-east5-a",
            "us-east5-b",
            "us-west1-c",
            "europe-west4-a",
        ),
        runtime="v2-alpha-tpuv6e",
    ),
}


def types() -> tuple[str, ...]:
    """Every accelerator type, such as ``v5litepod-4``."""
    return tuple(f"{name}-{size}" for name, one in GENERATIONS.items() for size in one.sizes)


def generation(accelerator_type: str) -> Generation | None:
    """The generation of a type; ``None`` for a type that there is not."""
    found = re.fullmatch(r"(v\w+)-(\d+)", accelerator_type)
    one = GENERATIONS.get(found[1]) if found is not None else None
    return one if found is not None and one is not None and int(found[2]) in one.sizes else None
