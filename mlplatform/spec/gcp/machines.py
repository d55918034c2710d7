"""Machines of Vertex AI prediction: what is asked, checked against the catalogue."""

from __future__ import annotations

from mlplatform.catalog import gcp as catalog
from mlplatform.catalog import regions
from mlplatform.catalog.machine import Machine
from mlplatform.spec.findings import Findings


def machine(
    name: str | None, count: int, accelerator: str | None, at: str, findings: Findings
) -> Machine | None:
    """The machine; ``None`` with a problem when there is none with so many accelerators.

    Args:
        name: as asked; the smallest with the accelerator otherwise.
        at: where the name stands in the stack file.
    """
    name = name or catalog.BY_ACCELERATOR.get(accelerator or "", (catalog.DEFAULT, 0))[0]
    found = catalog.machine(name)
    if found is None:
        findings.not_among(at, name, catalog.machine_types(), "machine types")
        return None
    if accelerator is None:
        return found
    counts = catalog.accelerator_counts(name, accelerator)
    built_in = found.accelerator is not None
    if not counts or (not built_in and count not in counts):
        listed = f"{accelerator} x {', '.join(map(str, counts))}" if counts else "none of it"
        words = f"allowed for prediction on {name}: {listed}"
        findings.problem(at, f"{name} with {count} x {accelerator}", words)
        return None
    return found


def is_there(accelerator: str, region: str, at: str, findings: Findings) -> None:
    """The region has the accelerator; a problem otherwise."""
    elsewhere = regions.gcp_lacks(region, accelerator)
    if elsewhere is not None and region in regions.GCP:
        words = f"{region} has none; regions that do: {', '.join(elsewhere)}"
        findings.problem(at, accelerator, words)


def target(given: dict[str, float], accelerator: str | None, at: str, findings: Findings) -> bool:
    """Exactly one, and one that the machine has; a problem otherwise."""
    if len(given) != 1:
        findings.problem(at, given, "allowed: exactly one target")
    if accelerator is None and "gpu_duty_cycle_percent" in given:
        findings.problem(
            f"{at}.gpu_duty_cycle_percent",
            given["gpu_duty_cycle_percent"],
            "there is no accelerator; allowed: another target",
        )
    return len(given) == 1
