"""The real engine through the sandbox: programs, policy packs, signals and kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mlplatform.sandbox import backend
from mlplatform.sandbox.layout import Layout
from tests.sandbox import small_programs
from tests.sandbox.small_programs import run

pytestmark = [pytest.mark.engine]

PROGRAM = """
import sys
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        import time
        time.sleep(props["wait_s"])
        return CreateResult(id_="made", outs=props)

class Thing(Resource):
    def __init__(self, name, wait_s, **options):
        super().__init__(Provider(), name, {"wait_s": wait_s}, pulumi.ResourceOptions(**options))

config = pulumi.Config()
print("a word on stderr", file=sys.stderr)
first = Thing("first", 0, protect=True)
Thing("second", config.require_int("wait_s"), depends_on=[first])
pulumi.export("token", config.require("token"))
pulumi.export("aws", {"m": {"endpoint_name": "ml-dev-m", "endpoint_url": "https://runtime/m"}})
"""
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def no_bad(args, report):
    if args.name == "bad":
        report("bad is a bad name")

PolicyPack("tiny", [ResourceValidationPolicy(
    name="names", description="names", validate=no_bad,
    enforcement_level=EnforcementLevel.MANDATORY)])
"""
SLOW_S = 120
"""Longer than any test runs: such a creation ends by being killed, or not at all."""


def project(folder: Path, body: str = PROGRAM, wait_s: int = 0) -> Path:
    """A project with a secret of a real stack in its stack file."""
    secret = {"secure": "v1:AAAA:BBBB"}
    made = small_programs.write(folder, body, config={"tiny:token": secret, "tiny:wait_s": wait_s})
    stack = made / "Pulumi.dev.yaml"
    stack.write_text(f"encryptionsalt: v1:realreal=:v1:real:real\n{stack.read_text()}")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "a project's folder"
    run(tmp_path / "a project's folder", "reset")


def layout(folder: Path) -> Layout:
    return Layout(root=folder / ".sandbox")


def until_creating(folder: Path, running: subprocess.Popen[bytes], name: str) -> None:
    """Wait until the engine has begun to create the resource."""
    deadline = time.monotonic() + 60
    while not any(
        urn.endswith(f"::{name}")
        for urn in backend.read(layout(folder).state, "tiny", "dev").pending
    ):
        assert running.poll() is None, "the run ended before it could be interrupted"
        assert time.monotonic() < deadline, f"{name} was never begun"
        time.sleep(0.05)


def start_up(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        small_programs.command(folder, "up"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def test_a_life_of_a_program(folder: Path) -> None:
    project(folder)
    (folder / "policies").mkdir()
    (folder / "policies" / "__main__.py").write_text(PACK)
    pack = {"runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (folder / "policies" / "PulumiPolicy.yaml").write_text(yaml.safe_dump(pack))
    committed = (folder / "Pulumi.dev.yaml").read_bytes()

    ambient = folder / "ambient"
    ambient.mkdir()
    for name in ("pulumi-language-python", "pulumi-resource-pulumi-python"):
        (ambient / name).write_text("#!/bin/sh\nexit 1\n")
        (ambient / name).chmod(0o755)
    path = os.pathsep.join([str(ambient), os.environ["PATH"]])

    up = run(folder, "up", environ={"PATH": path})
    assert up.code == 0, f"a plugin on PATH won over the sandbox's: {up.text}"
    assert "a word on stderr" in up.text
    assert "tiny@v0.0.1" in up.text, "the project's own policy pack ran"
    assert "from $PATH" not in up.text
    assert "warning" not in up.text
    assert "ml-dev-m  https://runtime/m" in up.text[-700:]
    outputs = backend.read(layout(folder).state, "tiny", "dev").outputs
    assert outputs["token"] == "sandbox-placeholder"

    again = run(folder, "preview", "--", "--expect-no-changes")
    assert again.code == 0, again.text
    assert json.loads(run(folder, "status", "--json").text)["stacks"] == {"tiny/dev": 2}

    gone = run(folder, "destroy")
    assert gone.code == 0, gone.text
    assert json.loads(run(folder, "status", "--json").text)["stacks"] == {"tiny/dev": 0}
    assert (folder / "Pulumi.dev.yaml").read_bytes() == committed

    body = (folder / "__main__.py").read_text().replace('Thing("second"', 'Thing("bad"')
    (folder / "__main__.py").write_text(body)
    refused = run(folder, "preview")
    assert refused.code != 0
    assert "bad is a bad name" in refused.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import pulumi\nraise pulumi.RunError('one\\n  list')\n", "error: one\n      list"),
        ("def f():\n    raise KeyError('x')\nf()\n", "in f\n"),
        ("import nonsense_module\n", "No module named 'nonsense_module'"),
        ("x = = 1\n", "SyntaxError"),
        ("import sys\nsys.exit(5)\n", "exit code: 5"),
    ],
)
def test_a_program_that_fails_is_told_once_and_without_our_frames(
    folder: Path, body: str, said: str
) -> None:
    project(folder, body)
    failed = run(folder, "preview")
    assert failed.code != 0
    assert said in failed.text
    assert failed.text.count("Traceback") <= 1
    assert "executor.py" not in failed.text
    assert "runpy" not in failed.text


def test_a_program_runs_in_the_environment_that_its_project_names(folder: Path) -> None:
    body = "import sys, pulumi\npulumi.export('prefix', sys.prefix)\n"
    small_programs.write(folder, body, virtualenv="own")
    venv.create(folder / "own", with_pip=False, symlinks=True)
    (packages,) = (folder / "own").glob("lib/python*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "ours.pth").write_text(ours)
    preview = run(folder, "preview")
    assert preview.code == 0, preview.text
    assert f'prefix: "{folder / "own"}"' in preview.text


def test_a_killed_up_converges_at_the_next(folder: Path) -> None:
    project(folder, wait_s=SLOW_S)
    running = start_up(folder)
    until_creating(folder, running, "second")
    second = run(folder, "preview")
    assert second.code == 1
    assert f"another run uses this sandbox (process {running.pid})" in second.text
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()

    project(folder)
    up = run(folder, "up")
    assert up.code == 0, up.text
    assert "the last run was cut short at second" in up.text
    assert "pending operations" not in up.text
    again = run(folder, "preview", "--", "--expect-no-changes")
    assert again.code == 0, again.text


def test_an_interrupt_ends_a_run_in_good_order_and_quietly(folder: Path) -> None:
    project(folder, wait_s=3)
    running = start_up(folder)
    until_creating(folder, running, "second")
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=60)
    text = output.decode()
    assert running.returncode != 0
    assert "cancelling" in text
    assert "Traceback" not in text
    assert "KeyboardInterrupt" not in text
    assert backend.read(layout(folder).state, "tiny", "dev").pending == ()
