"""Whether the engine can import what a stack has, and reads it as it was declared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.conftest import Project


@dataclass(frozen=True, kw_only=True)
class Imported:
    """One resource, as its program declares it, and as an import finds it."""

    type: str
    declared: dict[str, Any]
    found: dict[str, Any]


def imported(project: Project, prefix: str) -> list[Imported]:
    """Every resource whose type starts so, imported by its id; the state is then as it was."""
    before, after, request = (project.folder / f"{name}.json" for name in ("a", "b", "request"))
    project.pulumi("stack", "export", "--file", str(before))
    there = [one for one in _resources(before) if one["type"].startswith(prefix)]
    wanted = [
        {"name": f"imported-{number}", "type": one["type"], "id": one["id"], "provider": "mlgap"}
        for number, one in enumerate(there)
    ]
    provider = there[0]["provider"].rpartition("::")[0]
    request.write_text(json.dumps({"nameTable": {"mlgap": provider}, "resources": wanted}))
    project.pulumi("import", "--file", str(request), "--generate-code=false", "--yes")
    project.pulumi("stack", "export", "--file", str(after))
    # Each object has one owner again.
    project.pulumi("stack", "import", "--file", str(before))
    found = {one["urn"].rpartition("::")[2]: one.get("inputs", {}) for one in _resources(after)}
    return [
        Imported(type=one["type"], declared=declared["inputs"], found=found[one["name"]])
        for one, declared in zip(wanted, there, strict=True)
    ]


def _resources(exported: Path) -> list[dict[str, Any]]:
    """The resources of a state that was written to a file."""
    found: list[dict[str, Any]] = json.loads(exported.read_text())["deployment"]["resources"]
    return found
