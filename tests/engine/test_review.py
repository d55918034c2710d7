"""The promise of a review: one command, no credentials, and the first screen says what happened.

A repository of its own, with the shipped program: the base has a feature store and an endpoint. The
head changes the scaling of the endpoint, replaces the feature store (on SageMaker only a new name
does) and widens a role.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.conftest import ROOT, SHIPPED, compiled_once
from tests.spec.stacks import serving

pytestmark = [pytest.mark.engine]

PINS = ("pyproject.toml", "requirements.txt", "requirements")
CLOUD = {"account_id": "123456789012", "region": "us-east-1"}
READ = '"Action": ["s3:GetObject", "s3:GetObjectVersion"],'
SECRET = "v1:c2FsdHNhbHQ=:Y2lwaGVydGV4dA=="


def stack_file(*, max_instances: int, group: str) -> dict[str, Any]:
    shipped = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    # Its endpoint only: what trains and watches would be touched by the same verbs.
    workload = serving(shipped["mlplatform:workloads"])["bankchurn"]
    workload["endpoint"]["scaling"]["max"] = max_instances
    workload["features"] = {
        group: {
            "record_id": "customer_id",
            "event_time": "event_time",
            "columns": {"customer_id": "string", "event_time": "timestamp", "Age": "integer"},
            "online": {},
        }
    }
    return {
        "config": {
            "mlplatform:labels": shipped["mlplatform:labels"],
            "mlplatform:clouds": {"aws": CLOUD},
            "mlplatform:workloads": {"bankchurn": workload},
            "other:password": {"secure": SECRET},
        },
        "encryptionsalt": "v1:a-salt-that-nobody-has-the-passphrase-of",
    }


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *named, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in (*SHIPPED, *PINS):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=without)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / ".gitignore").write_text(".venv\n.sandbox\n__pycache__\n")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    file = folder / "Pulumi.dev.yaml"
    file.write_text(yaml.safe_dump(stack_file(max_instances=5, group="customers")))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")
    git(folder, "switch", "-qc", "change")
    file.write_text(yaml.safe_dump(stack_file(max_instances=8, group="clients")))
    roles = folder / "components" / "aws" / "policy.py"
    before = roles.read_text()
    assert before.count(READ) == 1
    roles.write_text(before.replace(READ, READ.replace("]", ', "s3:DeleteObject"]')))
    git(folder, "commit", "-qam", "scaling, feature store, role")
    # What is not committed takes no part.
    roles.write_text("this is no Python")
    return folder


@pytest.fixture(scope="module")
def reviewed(repository: Path) -> tuple[int, str, Path]:
    """Exit code, what was printed, and the folder with the files."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "PULUMI_"))}
    out = repository / "out"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mlplatform.cli", "review", "--base", "main"),
            *("--out", str(out), "--cwd", str(repository)),
        ],
        env={**compiled_once(kept), "PULUMI_CONFIG_PASSPHRASE": ""},
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, out


def test_the_first_screen_says_exactly_the_three_things(reviewed: tuple[int, str, Path]) -> None:
    code, printed, out = reviewed
    assert code == 3, printed
    comment = (out / "comment.md").read_text()
    head, _, rest = comment.partition("\n\n**AWS**")
    assert rest, comment
    listed = [line for line in head.splitlines() if line.startswith("- ")]
    assert len(listed) == 3, head
    gone = r"- \*\*Data goes\*\* \(AWS\): .*feature group .*-customers is replaced by .*-clients;"
    assert re.match(gone, listed[0])
    assert re.match(r"- \*\*May do more\*\* \(AWS\): .*may now s3:DeleteObject on ", listed[1])
    assert re.match(r"- \*\*Scaling and traffic\*\* \(AWS\): .*scaling 1\.\.5 → 1\.\.8$", listed[2])
    assert "**3 things to look at**" in head.splitlines()[0]
    assert len(head.partition("<details>")[0].strip().splitlines()) == 5


def test_names_lead_to_their_lines_in_the_head(reviewed: tuple[int, str, Path]) -> None:
    comment = (reviewed[2] / "comment.md").read_text()
    found = re.search(r"<code>bankchurn</code> <sub>Pulumi\.dev\.yaml:(\d+)</sub> scaling", comment)
    assert found
    text = yaml.safe_dump(stack_file(max_instances=8, group="clients")).splitlines()
    assert text[int(found[1]) - 1].strip() == "scaling:"


def test_encrypted_values_are_placeholders_and_said_so(reviewed: tuple[int, str, Path]) -> None:
    out = reviewed[2]
    assert "1 encrypted configuration value" in (out / "comment.md").read_text()
    for file in out.iterdir():
        assert SECRET not in file.read_text()


def test_a_review_leaves_the_repository_as_it_was(
    repository: Path, reviewed: tuple[int, str, Path]
) -> None:
    assert reviewed[0] == 3
    assert git(repository, "worktree", "list").count("\n") == 1
    assert git(repository, "branch", "--show-current") == "change\n"
    assert git(repository, "status", "--porcelain").split() == [
        "M",
        "components/aws/policy.py",
        "??",
        "out/",
    ]
    assert not (repository / ".sandbox").exists()
