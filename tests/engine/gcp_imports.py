"""``pulumi import`` of everything that mlgap made on Google Cloud, by the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.engine.conftest import Project


def resources(state: Path) -> list[dict[str, Any]]:
    """What an exported state holds."""
    found: list[dict[str, Any]] = json.loads(state.read_text())["deployment"]["resources"]
    return found


def imported(project: Project, stack: str) -> set[str]:
    """Import each object once more and hold it against what was declared; the kinds that were.

    Then the state gets what the import found in the place of what an update left there, and a
    preview must show no change. At the end the state is as it was.
    """
    names = ("before", "after", "request", "mended")
    before, after, request, mended = (project.folder / f"{name}.json" for name in names)
    project.pulumi("stack", "export", "--file", str(before), stack=stack)
    there = [one for one in resources(before) if one["type"].startswith("mlgap:gcp:")]
    wanted = [
        {"name": f"imported-{number}", "type": one["type"], "id": one["id"], "provider": "mlgap"}
        for number, one in enumerate(there)
    ]
    provider = there[0]["provider"].rpartition("::")[0]
    request.write_text(json.dumps({"nameTable": {"mlgap": provider}, "resources": wanted}))
    config = str(project.folder / "Pulumi.dev.yaml")  # of a stack for one cloud too
    options = ("--generate-code=false", "--yes", "--config-file", config)
    project.pulumi("import", "--file", str(request), *options, stack=stack)
    project.pulumi("stack", "export", "--file", str(after), stack=stack)
    found = {one["urn"].rpartition("::")[2]: one for one in resources(after)}
    owned = json.loads(before.read_text())
    for number, declared in enumerate(there):
        seen, asked = found[f"imported-{number}"], dict(declared["inputs"])
        # Cloud Quotas never shows the address; a rollout is mlgap's own and no part of the object.
        hidden = {name: asked.pop(name) for name in ("contactEmail", "rollout") if name in asked}
        assert {name: seen["inputs"].get(name) for name in asked} == asked, declared["type"]
        (own,) = [r for r in owned["deployment"]["resources"] if r["urn"] == declared["urn"]]
        own["inputs"] = {**seen["inputs"], **hidden}
        own["outputs"] = {**seen["outputs"], **hidden}
    mended.write_text(json.dumps(owned))
    project.pulumi("stack", "import", "--file", str(mended), stack=stack)
    project.run("sandbox", "preview", "--stack", stack, "--", "--expect-no-changes")
    project.pulumi("stack", "import", "--file", str(before), stack=stack)
    return {one["type"].rpartition(":")[2] for one in there}
