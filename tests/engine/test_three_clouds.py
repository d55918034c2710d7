"""Stack dev on three clouds with one command, and what one failing cloud does to the others."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import urllib.request

import pytest

from tests.engine.conftest import ROOT, Project

pytestmark = [pytest.mark.engine]


def read_back(project: Project) -> dict[tuple[str, str], list[str]]:
    """What examples/read_back.py prints: cells by cloud, endpoint and variant."""
    env = project.folder / "env.json"
    env.write_text(json.dumps(project.addresses()))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "examples" / "read_back.py"), str(env)],
        capture_output=True,
        text=True,
        check=False,
        cwd=project.folder,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split("  ") for line in done.stdout.splitlines()[1:]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return {(row[0], f"{row[1]}/{row[2]}"): row[3:] for row in cells}


@pytest.fixture(scope="module")
def life(project: Project) -> Project:
    """An ``up`` in which AWS refuses an endpoint, then one in which it does not."""
    project.ship_stack_files()
    url = project.addresses()["aws"]["endpoint_url"] + "/_sandbox/faults"
    fault = {"operation": "CreateEndpoint", "kind": "quota", "times": 2}
    request = urllib.request.Request(
        url, data=json.dumps(fault).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
    broken = project.run("sandbox", "up", expect=None)
    assert broken.code != 0
    assert "ResourceLimitExceeded" in broken.text
    seen = read_back(project)
    assert {cloud for cloud, _ in seen} == {"gcp", "azure"}, "the other clouds were finished"
    assert len(seen) == 6
    whole = project.run("sandbox", "up").text
    for cloud in ("aws", "gcp", "azure"):
        assert f"{cloud}.resnet50" in whole
        assert f"{cloud}.bankchurn" in whole
    return project


def test_the_vendors_sdks_read_back_what_was_declared_on_every_cloud(life: Project) -> None:
    seen = {
        (cloud, name.split("/")[0].split("-")[2], name.split("/")[1].split("-")[0]): cells
        for (cloud, name), cells in read_back(life).items()
    }
    assert seen == {
        ("aws", "resnet50", "v1"): ["ml.g4dn.xlarge", "2..10", "70 invocations", "90"],
        ("aws", "resnet50", "v2"): ["ml.g4dn.xlarge", "2..10", "70 invocations", "10"],
        ("aws", "bankchurn", "primary"): ["ml.m5.large", "1..5", "100 invocations", "100"],
        ("gcp", "resnet50", "v1"): [
            "n1-standard-4 + NVIDIA_TESLA_T4",
            "2..10",
            "70 accelerator/duty_cycle",
            "90",
        ],
        ("gcp", "resnet50", "v2"): [
            "n1-standard-4 + NVIDIA_TESLA_T4",
            "2..10",
            "70 accelerator/duty_cycle",
            "10",
        ],
        ("gcp", "bankchurn", "primary"): ["n1-standard-2", "1..5", "60 cpu/utilization", "100"],
        ("azure", "resnet50", "v1"): [
            "Standard_NC4as_T4_v3",
            "2..10",
            "70 CpuUtilizationPercentage",
            "90",
        ],
        ("azure", "resnet50", "v2"): [
            "Standard_NC4as_T4_v3",
            "2..10",
            "70 CpuUtilizationPercentage",
            "10",
        ],
        ("azure", "bankchurn", "primary"): [
            "Standard_D2as_v4",
            "1..5",
            "70 CpuUtilizationPercentage",
            "100",
        ],
    }


def test_gaps_show_in_the_preview_and_as_a_stack_output(life: Project) -> None:
    preview = life.run("sandbox", "preview", "--", "--expect-no-changes").text
    assert "gap: gcp resnet50" in preview
    assert "Vertex AI's own pace" in preview
    assert "gap: azure resnet50" in preview
    assert "retired since 2025-09-30" in life.pulumi("stack", "output", "gaps")


def test_the_commands_of_readme_run_as_they_stand(life: Project) -> None:
    """Not run: ``./mlp test``, which is this, and what needs accounts (the ``pulumi`` lines)."""
    shell = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in shell for line in block.splitlines()]
    ran = []
    for words in lines:
        if words[:2] == ["./mlp", "sandbox"] and ">" not in words:
            outcome = life.run(*words[1:])
            ran.append(words[2])
            if words[2] == "preview":
                assert "unchanged" in outcome.text
                assert "to create" not in outcome.text
        elif words[0].endswith("python"):
            assert words[-2:] == ["examples/read_back.py", "env.json"]
            assert len(read_back(life)) == 9
    assert ran == ["up", "preview", "destroy"]
    assert read_back(life) == {}, "nothing that costs is left"
