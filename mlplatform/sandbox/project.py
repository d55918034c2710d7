"""A Pulumi project as the sandbox needs to know it: its name, its Python, its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlplatform.sandbox.errors import UserError

_FILES = ("Pulumi.yaml", "Pulumi.yml")


class ProjectError(UserError):
    """The folder holds no Python project that Pulumi could run; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """What ``Pulumi.yaml`` says."""

    root: Path
    name: str
    runtime_options: dict[str, Any]
    """``runtime.options``: virtualenv, toolchain."""
    stack_folder: Path
    """Where the ``Pulumi.<stack>.yaml`` files are: ``stackConfigDir``, or the root."""
    config_types: dict[str, str]
    """Declared type of each configuration key, with its namespace: string, integer, ..."""

    @property
    def policy_pack(self) -> Path | None:
        """The project's own policy pack, when it has one."""
        pack = self.root / "policies"
        return pack if (pack / "PulumiPolicy.yaml").exists() else None


def find(folder: Path) -> Project:
    """The project of ``folder`` or of the nearest folder above it, as ``pulumi`` finds it.

    Raises ``ProjectError`` when there is none, or none in Python.
    """
    start = folder.resolve()
    for place in (start, *start.parents):
        for name in _FILES:
            if (place / name).is_file():
                return _read(place / name)
    raise ProjectError(f"{folder}: no Pulumi.yaml here or in a folder above")


def _read(file: Path) -> Project:
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ProjectError(f"{file}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict) or not isinstance(content.get("name"), str):
        raise ProjectError(f"{file}: no name: allowed: a mapping with `name` and `runtime`")
    runtime = content.get("runtime")
    options = (runtime.get("options") if isinstance(runtime, dict) else None) or {}
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise ProjectError(f"{file}: runtime: got {language!r}, allowed: python")
    folder = content.get("stackConfigDir")
    return Project(
        root=file.parent,
        name=content["name"],
        runtime_options=dict(options),
        stack_folder=file.parent / folder if isinstance(folder, str) else file.parent,
        config_types=_types(content["name"], content.get("config")),
    )


def _types(project: str, declared: Any) -> dict[str, str]:
    if not isinstance(declared, dict):
        return {}
    return {
        key if ":" in key else f"{project}:{key}": str(about["type"])
        for key, about in declared.items()
        if isinstance(about, dict) and "type" in about
    }
