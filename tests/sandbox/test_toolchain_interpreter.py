"""Which Python runs a program, and what it has installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlplatform.sandbox.toolchain import interpreter, packages


def environment(folder: Path) -> Path:
    """What looks like a virtual environment."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").touch()
    return folder


@pytest.mark.parametrize("absolute", [False, True])
def test_the_option_is_relative_to_the_project_or_absolute(tmp_path: Path, absolute: bool) -> None:
    made = environment(tmp_path / "env")
    named = str(made) if absolute else "env"
    found = interpreter.python({"virtualenv": named}, tmp_path)
    assert found == str(made / "bin" / "python")


def test_a_missing_environment_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(interpreter.MissingEnvironment, match=f"python3 -m venv {tmp_path}/gone"):
        interpreter.python({"virtualenv": "gone"}, tmp_path)


def test_toolchain_uv_means_dot_venv(tmp_path: Path) -> None:
    assert interpreter.virtualenv({"toolchain": "uv"}, tmp_path) == tmp_path / ".venv"


def test_without_an_option_the_named_command_runs_else_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_PYTHON_CMD", raising=False)
    assert interpreter.python({}, tmp_path) == sys.executable
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "python9")
    assert interpreter.python({}, tmp_path) == "python9"


def test_a_program_finds_the_tools_of_its_own_environment(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    seen = interpreter.activated(
        {"PATH": "/usr/bin", "PYTHONHOME": "/x"}, str(made / "bin" / "python")
    )
    assert seen == {"PATH": f"{made}/bin:/usr/bin", "VIRTUAL_ENV": str(made)}


def test_another_environment_of_the_same_python_is_not_ours(tmp_path: Path) -> None:
    made = environment(tmp_path / "env")
    assert interpreter.is_ours(sys.executable)
    assert not interpreter.is_ours(str(made / "bin" / "python"))


def test_every_provider_of_the_lock_is_found_and_the_policy_sdk_is_none() -> None:
    found = {package["name"] for package in packages.installed()}
    assert {"aws", "gcp", "azure-native"} <= found
    assert "policy" not in found
    assert packages.ask(sys.executable) == packages.installed()


def test_a_provider_without_name_or_version_in_its_file_is_read_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pulumi_some_thing"
    folder.mkdir()
    (folder / "pulumi-plugin.json").write_text('{"resource": true, "version": "v1.2.3"}')
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert packages.installed() == [{"name": "some-thing", "version": "1.2.3"}]
