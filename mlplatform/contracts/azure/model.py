"""The compiled models, loaded once: types, nodes and enums of `data/models.json`.

Nothing here knows a single property by name; the data is made by
`mlplatform.contracts.compile.azure` from Microsoft's packages.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input property and its place in the request.

    type: `str`, `int`, `num`, `bool`, `any`, `E:<enum>`, `=<constant>`, `@<node>`, with a prefix
    `[` for lists and `{` for maps; `{` alone is a string set. inside: under `properties`.
    """

    name: str
    wire: str
    type: str
    inside: bool
    required: bool
    create_only: bool
    read_only: bool
    limits: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Node:
    """One object: its fields, and the read-only names that Azure ignores in a request."""

    vendor: str
    args: str
    fields: dict[str, Field]
    ignored: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Union:
    """Objects of several kinds; the property `by` says which. Several properties may lead here."""

    vendor: str
    by: str
    options: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ArmType:
    """One Pulumi type: its ARM path template, API version and root node."""

    token: str
    path: str
    api_version: str
    query: tuple[str, ...]
    root: str
    flat: bool
    outputs: tuple[str, ...]
    source: str

    @property
    def in_path(self) -> tuple[str, ...]:
        """Inputs that are part of the resource id, in their order; the last one is its name."""
        return tuple(p for p in re.findall(r"{(\w+)}", self.path) if p != "subscriptionId")


@functools.cache
def types() -> dict[str, ArmType]:
    """Every type that the contract covers, by Pulumi token."""
    return {
        token: ArmType(
            token=token,
            path=row["path"],
            api_version=row["api"],
            query=tuple(row["query"]),
            root=row["root"],
            flat=row["flat"],
            outputs=tuple(row["outputs"]),
            source=row["source"],
        )
        for token, row in _data()["types"].items()
    }


@functools.cache
def node(key: str) -> Node | Union:
    """The node with this key; KeyError for a key that the data does not have."""
    row = _data()["nodes"][key]
    if "options" in row:
        return Union(vendor=row["vendor"], by=row["by"], options=row["options"])
    fields = {
        name: Field(
            name=name,
            wire=said.get("wire", name),
            type=said["type"],
            inside=said.get("inside", False),
            required=said.get("required", False),
            create_only=said.get("create_only", False),
            read_only=said.get("read_only", False),
            limits=said.get("limits", {}),
        )
        for name, said in row["fields"].items()
    }
    args = key.partition(".")[2].partition("/")[0]
    ignored = frozenset(row.get("ignored", ()))
    return Node(vendor=row["vendor"], args=args, fields=fields, ignored=ignored)


def choose(union: Union, value: Any) -> Node | None:
    """The kind that a discriminator's value selects; case does not count."""
    wanted = str(value).lower()
    for option, key in union.options.items():
        if option.lower() == wanted:
            found = node(key)
            assert isinstance(found, Node)
            return found
    return None


def enum(name: str) -> list[str]:
    """The values of an enum, from the vendor's package and the Pulumi package together."""
    values: list[str] = _data()["enums"][name]
    return values


@functools.cache
def lifecycle_table() -> dict[str, dict[str, dict[str, str]]]:
    """Reviewed exceptions of the life cycle: token without package -> kind -> path -> reason."""
    table: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        (_FOLDER / "table.toml").read_text()
    )["lifecycle"]
    return table


@functools.cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = json.loads((_FOLDER / "data" / "models.json").read_text())
    return data
