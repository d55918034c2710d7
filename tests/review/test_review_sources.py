"""Where a review's logs come from: a pulumi of one's own, and environments of two commits."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlplatform.cli import review_refs
from mlplatform.cli.app import app
from mlplatform.sandbox import project
from tests.review import logs

BUCKET = "aws:s3/bucket:Bucket"
PULUMI = """#!{python}
import json, os, sys
asked = sys.argv[1:]
with open(os.environ["ASKED"], "w") as file:
    json.dump([asked, os.environ.get("PULUMI_DEBUG_COMMANDS")], file)
with open(asked[asked.index("--event-log") + 1], "w") as file:
    file.write({log!r})
"""


def program(folder: Path, *, pins: str = "a==1\n") -> project.Project:
    folder.mkdir()
    about = {"name": "p", "runtime": {"name": "python", "options": {"virtualenv": ".venv"}}}
    (folder / "Pulumi.yaml").write_text(json.dumps(about))
    (folder / "requirements.txt").write_text(pins)
    return project.find(folder)


@pytest.mark.parametrize(
    ("flags", "words"),
    [([], ["preview"]), (["--drift"], ["refresh", "--preview-only"])],
)
def test_live_asks_the_users_own_pulumi_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], words: list[str]
) -> None:
    log = logs.text([logs.step("delete", BUCKET, "gone", old={"bucket": "gone"})])
    program(tmp_path / "p")
    own = tmp_path / "bin" / "pulumi"
    own.parent.mkdir()
    own.write_text(PULUMI.format(python=sys.executable, log=log))
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{own.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    out = tmp_path / "out"
    run = ["review", "--live", "--cwd", str(tmp_path / "p"), "--stack", "prod", "--out", str(out)]
    done = CliRunner().invoke(app, [*run, *flags])
    assert done.exit_code == 3, done.output
    asked, debug = json.loads((tmp_path / "asked").read_text())
    assert asked[: len(words)] == words
    assert asked[asked.index("--stack") + 1] == "prod"
    assert debug == "true", "the engine takes --event-log only so"
    assert "stack <code>prod</code>" in (out / "comment.md").read_text()


def test_live_without_a_pulumi_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "p")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(
        app, ["review", "--live", "--cwd", str(tmp_path / "p"), "--out", str(tmp_path / "o")]
    )
    assert "there is none on PATH" in str(done.exception)


def test_equal_pins_share_the_environment_and_other_pins_do_not(tmp_path: Path) -> None:
    here = program(tmp_path / "here")
    (here.root / ".venv" / "bin").mkdir(parents=True)
    (here.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    same, other = program(tmp_path / "same"), program(tmp_path / "other", pins="a==2\n")
    for tree in (same, other):
        review_refs.lend_environment(here, tree.root)
    assert (same.root / ".venv").resolve() == (here.root / ".venv").resolve()
    assert not (other.root / ".venv").exists()
    assert review_refs.pins(same.root) == review_refs.pins(here.root)
    assert review_refs.pins(other.root) != review_refs.pins(here.root)
