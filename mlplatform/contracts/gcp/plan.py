"""The compiled plans: what the run time knows about each type, read once on first use."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"

Node = Mapping[str, Any]
"""One property: `kind` and `wire` types, `place` (body when absent), `to`, `enum`, `replace`."""

Plan = Mapping[str, Any]
"""One type: `calls`, `name` and `parent` templates, `properties`, `outputs`; see table.toml."""


def find(token: str) -> Plan | None:
    """The plan of a type such as `gcp:storage/bucket:Bucket`, or None when no plan covers it."""
    parts = token.split(":")
    return _module(parts[1].partition("/")[0]).get(token) if len(parts) == 3 else None


def get(token: str) -> Plan:
    """The plan of a type; LookupError when no plan covers it."""
    plan = find(token)
    if plan is None:
        raise LookupError(f"no Google contract covers {token}")
    return plan


def tokens() -> Iterator[str]:
    """Every type with a plan."""
    for path in sorted(_DATA.glob("*.json")):
        yield from _module(path.stem)


def node_at(plan: Plan, names: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """The nodes on the way to a property, outermost first; ends early where nothing is known."""
    properties: Mapping[str, Node] = plan["properties"]
    for name in names:
        node = properties.get(name)
        if node is None:
            return
        yield name, node
        while "element" in node:
            node = node["element"]
        properties = node.get("properties", {})


@functools.cache
def _module(name: str) -> dict[str, Plan]:
    path = _DATA / f"{name}.json"
    if not name.isidentifier() or not path.exists():
        return {}
    plans: dict[str, Plan] = json.loads(path.read_text(encoding="utf-8"))
    return plans
