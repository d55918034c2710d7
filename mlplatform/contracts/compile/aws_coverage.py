"""The coverage table: for each type, how each of its properties is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlplatform.contracts.compile.aws_tree import Node
from mlplatform.contracts.compile.aws_type import Compiled

_HEAD = """# Coverage of the AWS contracts

Made by `python -m mlplatform.contracts.compile aws`; do not edit. Sources: {sources}.

Every property of a type's inputs, at any depth, is counted once. *By rule*: the general name rule
found its member in the service model. *By table*: a reviewed line in
`mlplatform/contracts/aws/table/` did. *Provider only*: no AWS call carries it. *Unjudged*: known
and allowed, but not compared with the service model; the table gives the reason. A property that
is none of these stops the compiler, so there is no column for it.

| type | properties | by rule | by table | provider only | unjudged |
|---|---|---|---|---|---|
"""


def coverage(types: list[Compiled], shapes: dict[str, Any], versions: dict[str, str]) -> str:
    """The Markdown page."""
    total: Counter[str] = Counter()
    rows: list[str] = []
    for made in types:
        count = Counter(_column(node) for _, node in _walk(made.nodes, ""))
        total.update(count)
        rows.append(_row(f"`{made.data['token'].removeprefix('aws:')}`", count))
    sources = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [_HEAD.format(sources=sources) + "\n".join(rows), _row("**all**", total), ""]
    lines += ["## Required by the API, optional in the provider, not filled in by it", ""]
    lines += [f"- `{made.data['token']}` `{path}`" for made in types for path in _forced(made)]
    lines += ["", "## Patterns that Python's `re` cannot say (not checked)", ""]
    for service, found in sorted(shapes.items()):
        lines += [
            f"- {service} `{name}`: `{shape['pattern_not_checked']}`"
            for name, shape in sorted(found.items())
            if "pattern_not_checked" in shape
        ]
    return "\n".join(lines) + "\n"


def _forced(made: Compiled) -> Iterator[str]:
    for path, node in _walk(made.nodes, ""):
        if node.forced:
            yield path


def _walk(nodes: dict[str, Node], at: str) -> Iterator[tuple[str, Node]]:
    for name, node in nodes.items():
        yield at + name, node
        inner = node
        while inner.element is not None:
            inner = inner.element
        yield from _walk(inner.properties, f"{at}{name}.")


def _column(node: Node) -> str:
    if node.rule in ("provider", "unjudged"):
        return node.rule
    return "table" if node.rule in ("table", "own call") else "rule"


def _row(name: str, count: Counter[str]) -> str:
    columns = (sum(count.values()), *(count[c] for c in ("rule", "table", "provider", "unjudged")))
    return f"| {name} | " + " | ".join(str(c) for c in columns) + " |"
