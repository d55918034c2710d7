"""The only reader of ``pulumi.Config``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi

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

    Raises ``mlplatform.spec.SpecError`` with every problem at once.
    """
    config = pulumi.Config()
    platform = spec.read(
        {
            "labels": config.get_object("labels") or {},
            "clouds": config.get_object("clouds") or {},
            "workloads": config.get_object("workloads") or {},
            "strict": config.get_bool("strict") or False,
        },
        stack=pulumi.get_stack(),
        root=root,
    )
    return Settings(platform=platform, protect=config.get_bool("protect") or False)
