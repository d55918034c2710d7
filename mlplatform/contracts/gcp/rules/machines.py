"""Machines and accelerators of Vertex AI online prediction, judged by the catalogue's tables.

Source: cloud.google.com/vertex-ai/docs/predictions/configure-compute (see `catalog.gcp`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mlplatform.catalog import gcp as catalog
from mlplatform.catalog.nearest import allowed

SOURCE = "cloud.google.com/vertex-ai/docs/predictions/configure-compute"
DEFAULT_MACHINE = catalog.DEFAULT
"""What Vertex AI takes when a deployed model names none (aiplatform MachineSpec.machineType)."""

_SHORT = {name: short for short, name in catalog.ACCELERATORS.items()}


def accelerators() -> list[str]:
    """Every accelerator that can still be had, by the names of the AcceleratorType enum."""
    return sorted(name for name, short in _SHORT.items() if not _retired(short))


def wrong_machine(machine_type: str) -> str | None:
    """What is wrong with a machine type; None when online prediction has it."""
    known = catalog.machine_types()
    if machine_type in known:
        return None
    return allowed(known, machine_type, noun="machine types of online prediction")


def wrong_accelerator(machine_type: str, accelerator: str, count: int) -> tuple[str, str] | None:
    """(field, what is wrong) when the accelerator does not fit the machine; None when it does.

    accelerator: a name of the AcceleratorType enum, empty for none. count: 0 for none.
    """
    short = _SHORT.get(accelerator, accelerator)
    if accelerator and short == accelerator and accelerator not in catalog.ACCELERATORS:
        return "acceleratorType", allowed(accelerators(), accelerator)
    if _retired(short):
        since, replacement = catalog.RETIRED[short]
        better = catalog.ACCELERATORS[replacement]
        return "acceleratorType", f"retired since {since}; use {better} instead"
    if bool(accelerator) != bool(count):
        field = "acceleratorCount" if accelerator else "acceleratorType"
        return field, "allowed: acceleratorType and acceleratorCount together, or neither"
    machine = catalog.machine(machine_type)
    if machine is not None and machine.accelerator is not None:
        own = catalog.ACCELERATORS[machine.accelerator]
        if accelerator != own:
            return "acceleratorType", f"allowed with {machine_type}: {own}"
        if not 1 <= count <= machine.accelerator_count:
            # Fewer than all are allowed: Vertex AI then shares the machine among replicas.
            return (
                "acceleratorCount",
                f"allowed on {machine_type}: 1 to {machine.accelerator_count}",
            )
        return None
    if not accelerator:
        return None
    counts = catalog.accelerator_counts(machine_type, short)
    if not counts:
        fitting = [m for m in catalog.machine_types() if catalog.accelerator_counts(m, short)]
        noun = f"machine types with {accelerator}"
        return "machineType", allowed(fitting, machine_type, noun=noun)
    if count not in counts:
        listed = ", ".join(map(str, counts))
        return "acceleratorCount", f"allowed with {accelerator} on {machine_type}: {listed}"
    return None


def _retired(short: str) -> bool:
    return short in catalog.RETIRED and catalog.RETIRED[short][0] <= datetime.now(UTC).date()
