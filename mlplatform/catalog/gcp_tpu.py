"""Cloud TPUs: types, the zones that have them, and the software that runs on each generation.

Sources: "TPU regions and zones", "TPU software versions" and the pages of each generation
("Configurations") in the Cloud TPU documentation, as read in 2026, and zones in which SkyPilot's
catalogue (v8) shows prices.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
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
    api_type: str
    """``AcceleratorConfig.type``."""
    cores: int = 1
    """Of a chip, as the sizes count them."""
    cube: bool = False
    """Chips are arranged in three dimensions, else in two."""
    pod_zones: tuple[str, ...] = ()
    """Zones of what is more than one host of 8 cores; the same as the others when empty."""


SINGLE = 8
"""Cores of a v2 or v3 that is one host; more are a slice of a pod."""

GENERATIONS = {
    "v2": Generation(
        sizes=(8, 32, 128, 256, 512),
        zones=(
            "us-central1-b",
            "us-central1-c",
            "us-central1-f",
            "europe-west4-a",
            "asia-east1-c",
        ),
        runtime="tpu-ubuntu2204-base",
        api_type="V2",
        cores=2,
        pod_zones=("us-central1-a", "europe-west4-a"),
    ),
    "v3": Generation(
        sizes=(8, 32, 64, 128, 256, 512, 1024, 2048),
        zones=("us-central1-a", "us-central1-b", "us-central1-f", "us-east1-d", "europe-west4-a"),
        runtime="tpu-ubuntu2204-base",
        api_type="V3",
        cores=2,
        pod_zones=("us-east1-d", "europe-west4-a"),
    ),
    "v4": Generation(
        sizes=(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        zones=("us-central2-b",),
        runtime="tpu-ubuntu2204-base",
        api_type="V4",
        cores=2,
        cube=True,
    ),
    "v5litepod": Generation(
        sizes=(1, 4, 8, 16, 32, 64, 128, 256),
        zones=("us-central1-a", "us-south1-a", "us-west1-c", "us-west4-a"),
        runtime="v2-alpha-tpuv5-lite",
        api_type="V5LITE_POD",
    ),
    "v5p": Generation(
        sizes=(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        zones=("us-central1-a", "us-east5-a"),
        runtime="v2-alpha-tpuv5",
        api_type="V5P",
        cores=2,
        cube=True,
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
        api_type="V6E",
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


def zones(accelerator_type: str) -> tuple[str, ...]:
    """The zones that have a type; none for one that there is not."""
    found = generation(accelerator_type)
    if found is None:
        return ()
    single = int(accelerator_type.rpartition("-")[2]) <= SINGLE
    return found.zones if single or not found.pod_zones else found.pod_zones


def chips(accelerator_type: str) -> int:
    """How many chips a type of the list has."""
    found = generation(accelerator_type)
    assert found is not None
    return int(accelerator_type.rpartition("-")[2]) // found.cores


def topologies(accelerator_type: str) -> tuple[str, ...]:
    """How the chips of a type can be arranged, such as ``4x8x8``; the usual one first.

    In two dimensions there is one way. In three, sides grow from the first to the last, and are
    all at most 4 or all multiples of 4 ("TPU v4", "TPU v5p", Configurations).
    """
    found = generation(accelerator_type)
    if found is None:
        return ()
    count = chips(accelerator_type)
    shapes = _cubes(count) if found.cube else _sheets(count)
    nearest = sorted(shapes, key=max)  # short wires: as close to a cube as can be
    return tuple("x".join(map(str, shape)) for shape in nearest)


def of_topology(api_type: str, topology: str) -> str | None:
    """The type that an ``AcceleratorConfig`` stands for; ``None`` when there is none."""
    sides = topology.split("x")
    if not all(side.isdigit() for side in sides):
        return None
    for name, one in GENERATIONS.items():
        kind = f"{name}-{math.prod(map(int, sides)) * one.cores}"
        if one.api_type == api_type and topology in topologies(kind):
            return kind
    return None


def wrong_runtime(accelerator_type: str, runtime: str) -> str | None:
    """The base software to take instead, when ``runtime`` is that of another generation."""
    found = generation(accelerator_type)
    bases = {one.runtime for one in GENERATIONS.values()}
    if found is None or runtime == found.runtime or runtime not in bases:
        return None
    return found.runtime


def _sheets(count: int) -> Iterator[tuple[int, ...]]:
    for side in range(1, count + 1):
        if count % side == 0 and side <= count // side <= 2 * side:
            yield side, count // side


def _cubes(count: int) -> Iterator[tuple[int, ...]]:
    if count == 4:
        yield 2, 2, 1  # one host, the smallest slice
        return
    sides = (4, 8, 12, 16) if count > 64 else (2, 4)  # no pod is wider
    for a in sides:
        for b in sides:
            c = count // (a * b)
            if a <= b <= c and c in sides and a * b * c == count:
                yield a, b, c
