"""``./mlp`` itself: it needs Python and nothing else, and sets up the rest."""

from __future__ import annotations

import ast
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = """#!/bin/sh
# Stands for the environment's Python: pip and uv succeed unless told otherwise, a program is shown.
case "$*" in
*' config list') echo "global.index-url='https://mirror/simple'" ;;
*' pip '*)
    echo "$* index=$UV_DEFAULT_INDEX" >> "$LOG"
    [ -z "$FAIL" ] || { echo "$FAIL"; exit 1; } ;;
-c*) exit 0 ;;
*) echo "runs $*" ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone whose .venv is there and not filled."""
    made = tmp_path / "clone"
    (made / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(REPOSITORY / "mlp", made)
    shutil.copytree(REPOSITORY / "requirements", made / "requirements")
    shutil.copy(REPOSITORY / "pyproject.toml", made)
    python = made / ".venv" / "bin" / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return made


def environ(root: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LOG": str(root / "log"), **more}


def mlp(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "mlp"), *arguments],
        env=environ(root, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_run_fills_the_environment_and_hands_over(root: Path) -> None:
    done = mlp(root, "sandbox", "up", "--", "--diff")
    assert done.stdout == "runs -P -m mlplatform.cli sandbox up -- --diff\n"
    assert [line[:10] for line in done.stderr.splitlines()] == ["mlp: getti", "mlp: insta"]
    pip, uv = (root / "log").read_text().splitlines()
    assert "install --quiet -r requirements/uv.txt" in pip
    assert "-m uv pip install" in uv
    assert "-r requirements/dev.txt -e ." in uv
    assert "index=https://mirror/simple" in uv, "uv is told where pip looks"


def test_the_second_run_does_nothing_but_hand_over(root: Path) -> None:
    mlp(root)
    (root / "log").unlink()
    done = mlp(root, "doctor")
    assert (done.stdout, done.stderr) == ("runs -P -m mlplatform.cli doctor\n", "")
    assert not (root / "log").exists()


@pytest.mark.parametrize("name", ["requirements/dev.txt", "requirements/uv.txt", "pyproject.toml"])
def test_a_changed_pin_fills_it_again(root: Path, name: str) -> None:
    mlp(root)
    (root / "log").unlink()
    with (root / name).open("a") as file:
        file.write("\n# changed\n")
    mlp(root)
    assert (root / "log").exists()


def test_a_moved_clone_is_filled_again(root: Path) -> None:
    mlp(root)
    moved = root.rename(root.with_name("moved"))
    assert "installing" in mlp(moved).stderr


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("error sending request for url", "connect to a network"),
        ("warning: x\ndisk full", "uv could not be installed: disk full"),
    ],
)
def test_a_failure_is_one_line_with_a_log_and_leaves_no_stamp(
    root: Path, output: str, said: str
) -> None:
    done = mlp(root, FAIL=output)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert said in last
    assert str(root / ".venv" / ".mlp-setup.log") in last
    assert "Traceback" not in done.stderr
    assert not (root / ".venv" / ".mlp-stamp").exists()


def test_an_environment_outlives_a_run_without_network(root: Path) -> None:
    mlp(root, FAIL="error sending request for url")
    done = mlp(root)
    assert done.returncode == 0
    assert "making .venv" not in done.stderr


def test_what_a_killed_run_left_is_made_anew(root: Path) -> None:
    (root / ".venv" / ".mlp-unfinished").touch()
    assert mlp(root, PIP_NO_INDEX="1", PIP_FIND_LINKS="").returncode == 1
    assert (root / ".venv" / "pyvenv.cfg").exists(), "a real environment in place of the stub's"


def test_a_second_run_at_once_waits_with_one_line(root: Path) -> None:
    holder = os.open(root, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    waiting = subprocess.Popen(
        [sys.executable, str(root / "mlp"), "doctor"],
        env=environ(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    assert waiting.stderr.readline() == "mlp: another mlp is setting up .venv: waiting for it\n"
    assert waiting.poll() is None
    os.close(holder)
    out, _ = waiting.communicate(timeout=60)
    assert out == "runs -P -m mlplatform.cli doctor\n"


def refusal(root: Path, before: str) -> str:
    """What it says on a machine made by ``before``."""
    code = f"import runpy, shutil, sys\n{before}\nsys.argv = ['mlp']\n" + (
        f"runpy.run_path({str(root / 'mlp')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ(root), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_an_old_python_says_what_is_needed(root: Path) -> None:
    said = refusal(root, "sys.version_info = (3, 9, 1)\nshutil.which = lambda name: None")
    assert "needs Python 3.11 or newer" in said


def test_a_python_without_venv_says_what_to_install(root: Path) -> None:
    (root / ".venv" / "bin" / "python").unlink()
    said = refusal(
        root,
        "import importlib.util\n"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else True",
    )
    assert "apt install python3-venv" in said


def test_an_old_python_can_read_it() -> None:
    source = (REPOSITORY / "mlp").read_text()
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__" not in source
