"""The training data that monitors compare with: a CSV file of the project, or a URI."""

from __future__ import annotations

import csv
from pathlib import Path

from mlplatform.spec import artifacts
from mlplatform.spec.models.monitoring import MonitoringModel
from mlplatform.spec.plan import Artifact
from mlplatform.spec.scope import Scope

COMPARED = ("data_quality", "skew", "drift")
"""Monitors over columns; a threshold of theirs belongs to one."""


def baseline(scope: Scope, asked: MonitoringModel, at: str) -> Artifact | None:
    """The file, with every column that is named found in it; ``None`` with a problem."""
    if asked.baseline is None:
        scope.findings.missing(f"{at}.baseline", "the training data, as a CSV file")
        return None
    found = artifacts.content(asked.baseline, scope, at=f"{at}.baseline", prefix="baseline")
    if found is None or found.path is None:
        return found  # nobody reads a URI here
    columns = _columns(found.path)
    if not columns:
        words = "allowed: a CSV file with a header"
        scope.findings.problem(f"{at}.baseline", str(asked.baseline), words)
        return None
    if asked.label is not None and asked.label not in columns:
        scope.findings.not_among(f"{at}.label", asked.label, columns, "columns")
    for name in COMPARED:
        monitor = getattr(asked, name)
        for column in monitor.thresholds if monitor is not None else ():
            if column not in columns:
                path = f"{at}.{name}.thresholds.{column}"
                scope.findings.not_among(path, column, columns, "columns")
    return found


def _columns(path: Path) -> list[str]:
    """Of the header; [] when the path is no text file with one."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except (UnicodeDecodeError, csv.Error):
        return []
