"""README is a promise: its commands, scripts and configuration excerpts are run here.

What is not run, and why: ``./mlp test`` (this is it), ``pulumi install`` (makes the environment
that this runs in) and commands that need an account.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import yaml

from mlplatform import spec
from tests.engine.conftest import ROOT, Project

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[list[str]]:
    """Every ``./mlp sandbox ...`` line of the shell blocks, without its comment, in order."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [
        shlex.split(line, comments=True)[1:]
        for line in lines
        if line.startswith("./mlp sandbox") and "env" not in line
    ]


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


@pytest.mark.engine
@pytest.mark.xdist_group("readme")
def test_the_commands_and_scripts_do_what_the_text_says(project: Project) -> None:
    ran = [project.run(*command) for command in commands() if "destroy" not in command]
    assert ran, "README shows no sandbox command"
    environ = dict(
        line.removeprefix("export ").split("=", 1)
        for line in project.run("sandbox", "env").text.splitlines()
        if line.startswith("export ")
    )
    environ = {name: shlex.split(value)[0] if value else "" for name, value in environ.items()}
    for script in blocks("python"):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            env={**project.environment(), **environ},
            capture_output=True,
            text=True,
            check=False,
            cwd=project.folder,
        )
        assert done.returncode == 0, done.stderr
        assert "ml-dev-resnet50" in done.stdout
        assert "ml-dev-bankchurn" in done.stdout
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "destroy")
