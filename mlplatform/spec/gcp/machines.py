"""Machines of Vertex AI prediction: what is asked, checked against the catalogue."""

from __future__ import annotations

from mlplatform.catalog import gcp as catalog
from mlplatform.catalog import regions
from mlplatform.catalog.machine import Machine
from mlplatform.spec.findings import Findings

TARGET_MAX = 2**31 - 1
"""aiplatform AutoscalingMetricSpec.target is a whole number of 32 bits."""


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


def count(
    asked: int, found: Machine | None, accelerator: str | None, at: str, findings: Findings
) -> None:
    """A count that somebody typed is that of the machine; a problem otherwise."""
    if accelerator is None:
        findings.problem(at, asked, "allowed with an accelerator only")
    elif found is not None and found.accelerator is not None and asked != found.accelerator_count:
        words = f"allowed: {found.accelerator_count}, which come with {found.name}"
        findings.problem(at, asked, words)


def target(given: dict[str, float], accelerator: str | None, at: str, findings: Findings) -> bool:
    """Exactly one, a whole number, and one that the machine has; a problem otherwise."""
    if len(given) != 1:
        findings.problem(at, given, "allowed: exactly one target")
    for name, value in given.items():
        if value != int(value) or not 1 <= value <= TARGET_MAX:
            most = 100 if name.endswith("_percent") else TARGET_MAX
            words = f"allowed on gcp: a whole number, 1 to {most}"
            findings.problem(f"{at}.{name}", value, words)
    if accelerator is None and "gpu_duty_cycle_percent" in given:
        findings.problem(
            f"{at}.gpu_duty_cycle_percent",
            given["gpu_duty_cycle_percent"],
            "there is no accelerator; allowed: another target",
        )
    return len(given) == 1
