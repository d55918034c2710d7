"""The training data that monitors compare with: a CSV file of the project, or a URI."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlplatform.spec import artifacts
from mlplatform.spec.models.monitoring import MonitoringModel, MonitorModel
from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.scope import Scope

MOST_CLASSES = 20
"""A label with more different whole numbers than this is a quantity, not a class."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What is known of the training data before an update."""

    artifact: Artifact
    columns: Mapping[str, tuple[str, ...]] | None
    """Column to its values, in the order of the file; None for a URI, which nobody reads here."""


def baseline(scope: Scope, asked: MonitoringModel, at: str, *, why: str) -> Baseline | None:
    """The training data; ``None`` with a problem when there is none. ``why``: who needs it."""
    if asked.baseline is None:
        scope.findings.missing(f"{at}.baseline", f"the training data, {why}")
        return None
    found = artifacts.content(asked.baseline, scope, at=f"{at}.baseline", prefix="monitoring")
    if found is None:
        return None
    if found.path is None:
        return Baseline(artifact=found, columns=None)
    if not found.path.is_file():
        words = "allowed: a CSV file with a header"
        scope.findings.problem(f"{at}.baseline", str(asked.baseline), words)
        return None
    columns = _read(found.path)
    if asked.label is not None and asked.label not in columns:
        scope.findings.not_among(f"{at}.label", asked.label, columns, "columns")
    return Baseline(artifact=found, columns=columns)


def check_thresholds(
    scope: Scope, at: str, monitors: Mapping[str, MonitorModel | None], names: Iterable[str]
) -> None:
    """Every column with a threshold of its own is one of ``names``."""
    known = list(names)
    for name, monitor in monitors.items():
        for column in monitor.thresholds if monitor is not None else ():
            if column not in known:
                path = f"{at}.{name}.thresholds.{column}"
                scope.findings.not_among(path, column, known, "columns")


def check_distances(scope: Scope, at: str, monitors: Mapping[str, MonitorModel | None]) -> None:
    """Every threshold can be passed: Vertex AI's distances lie between 0 and 1.

    "Introduction to Vertex AI Model Monitoring": L-infinity distance for categories, Jensen-Shannon
    divergence for numbers.
    """
    for name, monitor in monitors.items():
        if monitor is None:
            continue
        given = {f"{name}.thresholds.{key}": value for key, value in monitor.thresholds.items()}
        if monitor.default_threshold is not None:
            given[f"{name}.default_threshold"] = monitor.default_threshold
        for path, value in given.items():
            if not 0 < value < 1:
                words = "allowed on gcp: above 0 and below 1, as the distances that it computes are"
                scope.findings.problem(f"{at}.{path}", value, words)


def data_type(values: Iterable[str], *, label: bool = False) -> str:
    """Model monitoring's own word for a column (ModelMonitoringSchema.FieldSchema.dataType)."""
    given = {value for value in values if value}
    if given and given <= {"true", "false", "True", "False"}:
        return "boolean"
    if given and all(value.lstrip("-").isdigit() for value in given):
        return "categorical" if label and len(given) <= MOST_CLASSES else "integer"
    return "float" if given and all(map(_is_number, given)) else "categorical"


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        body = [row for row in rows if len(row) == len(header)]
    return {name: tuple(row[index] for row in body) for index, name in enumerate(header)}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
