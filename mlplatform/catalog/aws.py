"""SageMaker instance types for endpoints and training: which exist, and what is in them.

Names: botocore's enums ``ProductionVariantInstanceType`` and ``TrainingInstanceType``
(data/aws_*_types.json tell the version). An enum is not availability: retired families stay in it.

Local NVMe: the families that EC2 documents with instance store. Burstable: T families.
Retired P3: AWS notice "migrate to newer G or P by December 20, 2025"; EC2 no longer lists it in
2026. P2 went before it.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

from mlplatform.catalog.machine import Machine

AS_OF = date(2026, 11, 21)
SOURCE = (
    "Names: botocore 1.44.5. Facts: EC2 DescribeInstanceTypes as recorded in moto 5.2.5; EC2's "
    "pages for what it lacks (P2, P3, DL1, P6e). Retirement: AWS notice on P3, 2025-12-20."
)
_DATA = Path(__file__).with_name("data")

_ACCELERATORS = {
    "p2": "K80",
    "p3": "V100",
    "p3dn": "V100",
    "g4dn": "T4",
    "g5": "A10G",
    "g6": "L4",
    "g6e": "L40S",
    "p4d": "A100",
    "p4de": "A100",
    "p5": "H100",
    "p5e": "H200",
    "p5en": "H200",
    "p6-b200": "B200",
    "p6-b300": "B300",
    "p6e-gb200": "GB200",
    "g7": "RTX_PRO_4500",
    "g7e": "RTX_PRO_6000",
    "inf1": "Inferentia",
    "inf2": "Inferentia2",
    "trn1": "Trainium",
    "trn1n": "Trainium",
    "trn2": "Trainium2",
    "dl1": "Gaudi",
}
_COUNTS = {
    "p2": {"xlarge": 1, "8xlarge": 8, "16xlarge": 16},
    "p3": {"2xlarge": 1, "8xlarge": 4, "16xlarge": 8},
    "p3dn": {"24xlarge": 8},
    "g4dn": {"12xlarge": 4},
    "g5": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "g6": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "g6e": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "p4d": {"24xlarge": 8},
    "p4de": {"24xlarge": 8},
    "p5": {"48xlarge": 8},
    "p5e": {"48xlarge": 8},
    "p5en": {"48xlarge": 8},
    "p6-b200": {"48xlarge": 8},
    "p6-b300": {"48xlarge": 8},
    "p6e-gb200": {"36xlarge": 4},
    "g7": {"12xlarge": 2, "24xlarge": 4, "48xlarge": 8},
    "g7e": {"12xlarge": 2, "24xlarge": 4, "48xlarge": 8},
    "inf1": {"6xlarge": 4, "24xlarge": 16},
    "inf2": {"24xlarge": 6, "48xlarge": 12},
    "trn1": {"32xlarge": 16},
    "trn1n": {"32xlarge": 16},
    "trn2": {"48xlarge": 16},
    "dl1": {"24xlarge": 8},
}
"""Accelerators per size where it is not one (EC2 instance type pages)."""

_ODD_CORES = {"c4.8xlarge": 36}
"""vCPUs of sizes that do not follow the rule."""

_NVME_FAMILIES = frozenset(
    {
        *("g4dn", "g5", "g6", "g6e", "g7", "g7e", "p4d", "p4de", "p5", "p5e", "p5en"),
        *("p6-b200", "p6-b300", "p6e-gb200", "trn1", "trn1n", "trn2", "dl1"),
    }
)
_NVME_SUFFIX = re.compile(r"[a-z]\d+[a-z]*d[a-z]*")
"""EC2's naming: a ``d`` among the letters after the generation is instance store."""

_BURSTABLE = re.compile(r"t\d[a-z]*")
"""T2, T3, T3a, T4g; not Trainium's ``trn1``."""

_RETIRED = {
    "ml.p2.xlarge": "ml.g4dn.xlarge",
    "ml.p2.8xlarge": "ml.g4dn.12xlarge",
    "ml.p2.16xlarge": "ml.g5.48xlarge",
    "ml.p3.2xlarge": "ml.g5.2xlarge",
    "ml.p3.8xlarge": "ml.g5.12xlarge",
    "ml.p3.16xlarge": "ml.g5.48xlarge",
    "ml.p3dn.24xlarge": "ml.p4d.24xlarge",
}
_RETIRED_SINCE = date(2025, 12, 20)

DEFAULT = "ml.m5.large"
"""For an endpoint without an accelerator."""
BY_ACCELERATOR = {
    "T4": "ml.g4dn.xlarge",
    "A10G": "ml.g5.xlarge",
    "L4": "ml.g6.xlarge",
    "V100": "ml.p3.2xlarge",
}
"""The smallest machine with one such accelerator."""


@cache
def endpoint_types() -> tuple[str, ...]:
    """Every instance type that an endpoint may name."""
    return _types("aws_endpoint_types.json")


@cache
def training_types() -> tuple[str, ...]:
    """Every instance type that a training job may name."""
    return _types("aws_training_types.json")


def _types(file: str) -> tuple[str, ...]:
    return tuple(json.loads((_DATA / file).read_text())["types"])


def smallest_for_training(accelerator: str, count: int) -> str | None:
    """The training type with so many accelerators, or the next larger one; ``None`` if none."""
    found = [one for one in map(training_machine, training_types()) if one is not None]
    fits = [m for m in found if m.accelerator == accelerator and m.accelerator_count >= count]
    usual = BY_ACCELERATOR.get(accelerator)
    # The smaller of two with as many: fewer processors around them.
    fits.sort(key=lambda m: (m.accelerator_count, m.name != usual, _size(m.name)))
    return fits[0].name if fits else None


def _size(name: str) -> int:
    number = re.match(r"\d+", name.rpartition(".")[2])
    return int(number[0]) if number else 1


def _cores(family: str, size: str) -> int | None:
    """vCPUs follow from the size: 2 for large, 4 for each xlarge (EC2 guide, instance types)."""
    found = re.fullmatch(r"(\d*)xlarge", size)
    if found:
        return _ODD_CORES.get(f"{family}.{size}", 4 * int(found.group(1) or 1))
    return 2 if size == "large" else None


@cache
def machine(instance_type: str) -> Machine | None:
    """Facts of one type, or ``None`` when SageMaker endpoints have no such type."""
    return _machine(instance_type) if instance_type in endpoint_types() else None


@cache
def training_machine(instance_type: str) -> Machine | None:
    """Facts of one type, or ``None`` when SageMaker training has no such type."""
    return _machine(instance_type) if instance_type in training_types() else None


def _machine(instance_type: str) -> Machine:
    _, family, size = instance_type.split(".")
    accelerator = _ACCELERATORS.get(family)
    count = _COUNTS.get(family, {}).get(size, 1) if accelerator else 0
    replacement = _RETIRED.get(instance_type)
    return Machine(
        name=instance_type,
        accelerator=accelerator,
        accelerator_count=count,
        local_nvme=family in _NVME_FAMILIES or _NVME_SUFFIX.fullmatch(family) is not None,
        burstable=_BURSTABLE.fullmatch(family) is not None,
        cores=_cores(family, size),
        retired=_RETIRED_SINCE if replacement else None,
        replacement=replacement,
    )
