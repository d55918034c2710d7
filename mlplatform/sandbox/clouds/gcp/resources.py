"""Dedicated resources: machine, accelerator, replicas and targets of a deployed model or a pool."""

from __future__ import annotations

from typing import Any

from mlplatform.contracts.gcp.rules import deployments, machines
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document


def check_dedicated(resources: dict[str, Any]) -> None:
    """What must hold; fills what the service would fill."""
    spec = resources.setdefault("machineSpec", {})
    machine = spec.setdefault("machineType", machines.DEFAULT_MACHINE)
    wrong = machines.wrong_machine(machine)
    if wrong is not None:
        raise Refusal("INVALID_ARGUMENT", f'Machine type "{machine}" is not supported.')
    accelerator = spec.get("acceleratorType", "")
    if accelerator == "ACCELERATOR_TYPE_UNSPECIFIED":
        accelerator = ""
    count = int(spec.get("acceleratorCount", 0))
    unfit = machines.wrong_accelerator(machine, accelerator, count)
    if unfit is not None:
        message = f'{count} x "{accelerator}" on "{machine}" is not supported: {unfit[1]}.'
        raise Refusal("INVALID_ARGUMENT", message)
    low = int(resources.get("minReplicaCount", 0))
    _check_zero(resources.get("scaleToZeroSpec"), low)
    high = int(resources.setdefault("maxReplicaCount", low))
    if high < low:
        message = f"max_replica_count {high} is below min_replica_count {low}."
        raise Refusal("INVALID_ARGUMENT", message)
    _check_targets(resources.get("autoscalingMetricSpecs", []), count)


def _check_zero(spec: Document | None, low: int) -> None:
    """No replica at all only with a specification of when, and that only with none."""
    if spec is None:
        if low < 1:
            raise Refusal("INVALID_ARGUMENT", "min_replica_count must be at least 1.")
        return
    if low:
        message = "scale_to_zero_spec needs a min_replica_count of 0."
        raise Refusal("INVALID_ARGUMENT", message)
    for name, text in spec.items():
        if not 300 <= float(str(text).rstrip("s")) <= 28800:
            raise Refusal("INVALID_ARGUMENT", f"{name} must be 300s to 28800s, got {text}.")


def _check_targets(specs: list[Document], accelerators: int) -> None:
    names = [str(spec.get("metricName", "")) for spec in specs]
    for name, spec in zip(names, specs, strict=True):
        if name not in deployments.METRICS:
            raise Refusal("INVALID_ARGUMENT", f'Unsupported autoscaling metric: "{name}".')
        if name == deployments.DUTY_CYCLE and not accelerators:
            raise Refusal("INVALID_ARGUMENT", f'"{name}" needs a machine with accelerators.')
        target = int(spec.setdefault("target", 60))
        percent = name.endswith(("duty_cycle", "utilization"))
        if target < 1 or (percent and target > 100):
            raise Refusal("INVALID_ARGUMENT", f"Invalid autoscaling target {target}.")
    if len(set(names)) < len(names):
        raise Refusal("INVALID_ARGUMENT", "At most one entry is allowed per metric.")
