"""What a CSV file of training data says about each column, as Model Monitor's constraints; pure.

A baseline job of SageMaker suggests the same and more (distributions). These constraints need no
job: they are made of the file, so that a change of it shows in a preview. Form: SageMaker guide,
"Schema for Constraints (constraints.json file)".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlplatform.spec.models.monitoring import MonitorModel

USUAL_DISTANCE = 0.1
"""Where the guide's own constraints begin to tell of drift."""
MOST_DOMAINS = 10
"""A text column with more different values than this is free text: its values are no domain."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the file."""

    name: str
    type: str
    """Integral, Fractional or String."""
    completeness: float
    """Share of rows that have a value."""
    non_negative: bool
    domains: tuple[str, ...] = ()
    """Every value of a text column that has few of them, in order."""


def columns(text: str) -> tuple[Column, ...]:
    """The columns of a CSV file with a header.

    Raises ``ValueError`` when it has no header, no rows, or rows of another length.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) < 2 or not rows[0]:
        raise ValueError("needs a header and at least one row")
    header, body = rows[0], [row for row in rows[1:] if row]
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise ValueError(f"line {number} has {len(row)} values, the header {len(header)}")
    return tuple(_column(name, [row[i] for row in body]) for i, name in enumerate(header))


def constraints(found: Sequence[Column], *, compared: MonitorModel | None = None) -> dict[str, Any]:
    """The constraints document: types, completeness, signs and known values of each column.

    ``compared``: compare distributions too, which needs the statistics of a baseline job.
    """
    distance = (compared.default_threshold if compared is not None else None) or USUAL_DISTANCE
    return {
        "version": 0,
        "features": [_feature(column) for column in found],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 1.0,
            "domain_content_threshold": 1.0,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": distance,
                "comparison_method": "Robust",
            }
            if compared is not None
            else {"perform_comparison": "Disabled"},
        },
    }


def _feature(column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": column.name,
        "inferred_type": column.type,
        "completeness": round(column.completeness, 6),
    }
    if column.type != "String":
        made["num_constraints"] = {"is_non_negative": column.non_negative}
    elif column.domains:
        made["string_constraints"] = {"domains": list(column.domains)}
    return made


def _column(name: str, values: list[str]) -> Column:
    present = [value for value in values if value.strip()]
    numbers = [_number(value) for value in present]
    known = [number for number in numbers if number is not None]
    if not present or len(known) < len(present):
        kinds = sorted(set(present))
        return Column(
            name=name,
            type="String",
            completeness=len(present) / len(values),
            non_negative=False,
            domains=tuple(kinds) if len(kinds) <= MOST_DOMAINS else (),
        )
    whole = all("." not in value and "e" not in value.lower() for value in present)
    return Column(
        name=name,
        type="Integral" if whole else "Fractional",
        completeness=len(present) / len(values),
        non_negative=min(known) >= 0,
    )


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
