"""The sandbox's own state: Pulumi's file backend, read where asking the engine costs a second."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.sandbox import process

_STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class State:
    """A stack's last checkpoint."""

    resources: tuple[dict[str, Any], ...]
    pending: tuple[str, ...]
    """URNs of operations that a killed run left open."""

    @property
    def outputs(self) -> dict[str, Any]:
        for resource in self.resources:
            if resource.get("type") == _STACK_TYPE:
                found: dict[str, Any] = resource.get("outputs") or {}
                return found
        return {}

    @property
    def protected(self) -> bool:
        return any(resource.get("protect") for resource in self.resources)

    @property
    def count(self) -> int:
        """Resources of the program: neither the stack itself nor providers."""
        return sum(
            resource.get("type") != _STACK_TYPE
            and not str(resource.get("type")).startswith("pulumi:providers:")
            for resource in self.resources
        )


def checkpoint(state: Path, project: str, stack: str) -> Path:
    return state / ".pulumi" / "stacks" / project / f"{stack}.json"


def stacks(state: Path) -> list[tuple[str, str]]:
    """(project, stack) of everything in the backend."""
    folder = state / ".pulumi" / "stacks"
    return sorted((file.parent.name, file.stem) for file in folder.glob("*/*.json"))


def read(state: Path, project: str, stack: str) -> State:
    """The stack's checkpoint; empty when the stack has none yet."""
    try:
        content = json.loads(checkpoint(state, project, stack).read_text())
    except (OSError, ValueError):
        return State(resources=(), pending=())
    latest = (content.get("checkpoint") or {}).get("latest") or {}
    return State(
        resources=tuple(latest.get("resources") or ()),
        pending=tuple(
            operation["resource"]["urn"] for operation in latest.get("pending_operations") or ()
        ),
    )


def release_dead_locks(state: Path, project: str, stack: str) -> list[int]:
    """Remove the engine's locks whose process is gone; the ids of those that still run.

    A killed engine leaves its lock file behind, which would block every later run.
    """
    alive: list[int] = []
    folder = state / ".pulumi" / "locks" / "organization" / project / stack
    for file in folder.glob("*.json"):
        try:
            pid = int(json.loads(file.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            pid = 0
        if process.runs(pid, "pulumi"):
            alive.append(pid)
        else:
            file.unlink(missing_ok=True)
    return alive
