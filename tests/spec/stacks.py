"""Stack files as the program gets them, and a reader for one that is changed in places."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from mlplatform import spec

ROOT = Path(__file__).resolve().parents[2]
DELETE: Any = object()
"""As a value in ``changed``: take the key out."""


def whole(path: Path) -> dict[str, Any]:
    """The keys of the project's namespace; ``protect`` is the program's, not the spec's."""
    keys = yaml.safe_load(path.read_text())["config"]
    return {k.removeprefix("mlplatform:"): v for k, v in keys.items() if not k.endswith(":protect")}


def config(path: Path) -> dict[str, Any]:
    """The same with its endpoints only, in no network: that is what most tests change."""
    given = whole(path)
    clouds = {
        cloud: {key: value for key, value in settings.items() if key != "network"}
        for cloud, settings in given["clouds"].items()
    }
    return {**given, "clouds": clouds, "workloads": serving(given["workloads"])}


def serving(workloads: dict[str, Any]) -> dict[str, Any]:
    """Workloads without what is not serving, and without what only monitors need."""
    made = copy.deepcopy(workloads)
    for workload in made.values():
        for noun in ("training", "features", "monitoring"):
            workload.pop(noun, None)
        workload["endpoint"].pop("capture", None)
    return made


def aws_only(base: dict[str, Any]) -> dict[str, Any]:
    """The same workloads on one cloud: a wrong value then gives one problem, not one a cloud."""
    made = copy.deepcopy(base)
    made["clouds"] = {"aws": made["clouds"]["aws"]}
    for workload in made["workloads"].values():
        workload["model"]["artifact"] = workload["model"]["artifact"]["aws"]
    return made


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with each dotted path set to its value."""
    made = copy.deepcopy(base)
    for path, value in changes.items():
        *parents, last = path.split(".")
        at = made
        for part in parents:
            at = at.setdefault(part, {})
        if value is DELETE:
            del at[last]
        else:
            at[last] = value
    return made


def problems(given: dict[str, Any], stack: str = "dev") -> dict[str, str]:
    """Path, without the namespace, to the whole line; empty when the configuration is accepted."""
    try:
        spec.read(given, stack=stack, root=ROOT)
    except spec.SpecError as error:
        return {one.path.removeprefix("mlplatform:"): str(one) for one in error.problems}
    return {}
