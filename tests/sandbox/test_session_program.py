"""The Python environment of a program: made when it is missing, never touched when it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlplatform.sandbox import program, project
from mlplatform.sandbox.toolchain.interpreter import MissingEnvironment
from tests.sandbox import small_programs


def named(folder: Path, virtualenv: str) -> project.Project:
    return project.find(small_programs.write(folder, "", virtualenv=virtualenv))


def test_an_environment_that_is_there_is_used_as_it_is(tmp_path: Path) -> None:
    said: list[str] = []
    python = program.python_for(named(tmp_path, sys.prefix), said.append)
    assert Path(python).parent == Path(sys.prefix) / "bin"
    assert said == []


def test_a_broken_environment_of_somebody_elses_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "precious").touch()
    # What another program leaves while it fills its own environment.
    (tmp_path / "own" / ".mlp-unfinished").touch()
    with pytest.raises(MissingEnvironment, match="make it"):
        program.python_for(named(tmp_path, "own"), lambda _: None)
    assert (tmp_path / "own" / "precious").exists()


def test_what_a_killed_run_left_is_made_anew_and_a_failure_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_NO_INDEX", "UV_NO_INDEX", "UV_OFFLINE"):
        monkeypatch.setenv(name, "1")
    said: list[str] = []
    (tmp_path / "own").mkdir()
    for left in ("half-made", ".mlp-sandbox-unfinished"):
        (tmp_path / "own" / left).touch()
    (tmp_path / "requirements.txt").write_text("surely-no-such-package==1\n")
    with pytest.raises(program.ProgramError, match=r"make it by hand, in .*requirements\.txt"):
        program.python_for(named(tmp_path, "own"), said.append)
    assert said == [f"making {tmp_path / 'own'}, the Python environment that Pulumi.yaml names"]
    assert (tmp_path / "own" / "bin" / "python").exists()
    assert not (tmp_path / "own" / "half-made").exists()
    assert (tmp_path / "own" / ".mlp-sandbox-unfinished").exists(), "it is still not finished"


def test_stand_ins_are_named_for_our_own_providers_and_the_programs() -> None:
    found = dict(program.provider_packages(sys.executable))
    assert {"aws", "gcp", "azure-native"} <= set(found)
