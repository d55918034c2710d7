"""README is a promise: its excerpts are read here; ``test_three_clouds`` runs its commands."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from mlplatform import spec
from tests.engine.conftest import ROOT

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def merged(base: Any, excerpt: Any) -> Any:
    if isinstance(base, dict) and isinstance(excerpt, dict):
        return {k: merged(base.get(k), excerpt.get(k, base.get(k))) for k in {**base, **excerpt}}
    return excerpt


@pytest.mark.parametrize("excerpt", blocks("yaml"))
def test_every_configuration_excerpt_is_accepted(excerpt: str) -> None:
    shipped = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    config = merged(shipped, yaml.safe_load(excerpt))["config"]
    values = {key.removeprefix("mlplatform:"): value for key, value in config.items()}
    spec.read(values, stack="dev", root=ROOT)


def test_every_file_that_is_linked_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"`?\./mlp ([a-z]+)", README))
    helped = subprocess.run(
        [sys.executable, "-m", "mlplatform.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    assert [name for name in sorted(named) if name not in helped] == []
