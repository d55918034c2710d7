"""BigQuery: ids of datasets and tables, schemas, and why a table's schema only grows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp.rules.grammar import (
    KMS_KEY,
    PROJECT,
    Grammar,
    check_all,
    same_location,
)
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

DATASET_ID = Grammar(
    pattern=r"\w{1,1024}",
    words="1 to 1,024 letters, digits and underscores",
    source="bigquery DatasetReference.datasetId",
)
TABLE_ID = Grammar(
    pattern=r"[\w\-\u0080-\U0010ffff ]{1,1024}",
    words="1 to 1,024 letters, digits, dashes, underscores and spaces",
    source="bigquery TableReference.tableId",
)
COLUMN = Grammar(
    pattern=r"(?!_TABLE_|_FILE_|_PARTITION)[A-Za-z_][A-Za-z0-9_]{0,299}",
    words="1 to 300 letters, digits and underscores, first no digit, no reserved beginning",
    source="bigquery TableFieldSchema.name",
)
TYPES = (
    "STRING",
    "BYTES",
    "INTEGER",
    "INT64",
    "FLOAT",
    "FLOAT64",
    "BOOLEAN",
    "BOOL",
    "TIMESTAMP",
    "DATE",
    "TIME",
    "DATETIME",
    "GEOGRAPHY",
    "NUMERIC",
    "BIGNUMERIC",
    "JSON",
    "RECORD",
    "STRUCT",
    "RANGE",
)
_SPELLINGS = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
_TYPE_SOURCE = "bigquery TableFieldSchema.type"
_KEY = "defaultEncryptionConfiguration.kmsKeyName"


def dataset(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A dataset's id, and its key's place."""
    yield from check_all(inputs, {"datasetId": DATASET_ID, "project": PROJECT})
    config = inputs.get("defaultEncryptionConfiguration")
    key = config.get("kmsKeyName") if isinstance(config, Mapping) else None
    yield from KMS_KEY.check(_KEY, key)
    yield from same_location(_KEY, key, inputs.get("location"))


def table(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A table's ids and columns; a view has a query and no columns of its own to give."""
    yield from check_all(inputs, {"datasetId": DATASET_ID, "tableId": TABLE_ID, "project": PROJECT})
    seen: dict[str, str] = {}
    for index, column in enumerate(columns(inputs.get("schema"))):
        name, kind = column.get("name"), column.get("type")
        if not isinstance(name, str) or not isinstance(kind, str):
            message = "allowed: an object with name and type"
            yield Problem(path="schema", got=column, message=message, source=_TYPE_SOURCE)
            continue
        yield from COLUMN.check(f"schema[{index}].name", name)
        if kind.upper() not in TYPES:
            message = allowed(TYPES, kind, noun="types")
            path = f"schema[{index}].type"
            yield Problem(path=path, got=kind, message=message, source=_TYPE_SOURCE)
        if name.lower() in seen:
            message = f"allowed: a name unlike {seen[name.lower()]}; capitals do not count"
            path = f"schema[{index}].name"
            yield Problem(path=path, got=name, message=message, source=COLUMN.source)
        seen[name.lower()] = name


def columns(schema: Any) -> list[Mapping[str, Any]]:
    """The columns of a schema in JSON; [] for one that is unknown or none."""
    if not isinstance(schema, str) or is_unknown(schema):
        return []
    try:
        found = json.loads(schema)
    except ValueError:
        return []  # the shape says so
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def shrinking(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Why a change of schema would lose data; None when it only grows.

    The provider drops a column in place, with its data, and remakes the table for another type
    (terraform-provider-google, resourceBigQueryTableSchemaCustomizeDiff).
    """
    if is_unknown(new.get("schema")) or is_unknown(old.get("schema")):
        return None
    before, after = _kinds(old), _kinds(new)
    lost = sorted(name for name in before if name not in after)
    if lost:
        return f"column {', '.join(lost)} would be dropped with its data; keep it in the schema"
    changed = [
        f"column {name} is {before[name]} and cannot become {after[name]}; add one of another name"
        for name in sorted(before)
        if before[name] != after[name]
    ]
    return "; ".join(changed) or None


def _kinds(inputs: Mapping[str, Any]) -> dict[str, str]:
    found = {str(c.get("name")): str(c.get("type")).upper() for c in columns(inputs.get("schema"))}
    return {name: _SPELLINGS.get(kind, kind) for name, kind in found.items()}
