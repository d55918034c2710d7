"""The only reader of ``pulumi.Config``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime.config

from components.core.labels import LabelValue
from mlplatform import spec


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The plan, and what holds for every cloud."""

    platform: spec.Platform
    protect: bool
    """True keeps keys and stores from being deleted until protection is lifted."""

    @property
    def environment(self) -> str:
        return self.platform.environment

    @property
    def labels(self) -> Mapping[str, LabelValue]:
        return asdict(self.platform.labels)


def read_settings(root: Path) -> Settings:
    """Read the stack's configuration.

    Raises ``mlplatform.spec.SpecError`` with every problem at once; for secrets first, and with
    nothing else, since other problems tell the values that they found.
    """
    _no_secrets(pulumi.get_project())
    given = _everything(pulumi.get_project())
    protect = pulumi.Config().get_bool("protect") or False
    given.pop("protect", None)
    platform = spec.read(given, stack=pulumi.get_stack(), root=root)
    return Settings(platform=platform, protect=protect)


def _no_secrets(namespace: str) -> None:
    """The program reads plain values, so what was encrypted here would stand in the clear in names,
    previews and state.
    """
    found = [
        spec.SpecProblem(
            path=key,
            got="an encrypted value (not shown)",
            message="allowed: no secrets, since the spec ends up in previews and in state; keep it "
            "in the cloud's own store and let the program read it there",
        )
        for key in pulumi.runtime.config.CONFIG.get()
        if key.startswith(f"{namespace}:") and pulumi.runtime.config.is_config_secret(key)
    ]
    if found:
        raise spec.SpecError(found)


def _everything(namespace: str) -> dict[str, Any]:
    """Every key of the project's namespace, so that a misspelt one is seen and refused.

    ``pulumi.Config`` answers only for keys that one already knows.
    """
    prefix = f"{namespace}:"
    return {
        key.removeprefix(prefix): _value(text)
        for key, text in pulumi.runtime.config.CONFIG.get().items()
        if key.startswith(prefix)
    }


def _value(text: str) -> Any:
    """Objects, lists, booleans and numbers arrive as JSON text; all else is a string."""
    try:
        return json.loads(text)
    except ValueError:
        return text
