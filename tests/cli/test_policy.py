"""`mlp policy check`, and the same check inside `mlp sandbox preview`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mlplatform.cli import app, refusals, sandbox
from mlplatform.contracts.unknown import UNKNOWN
from mlplatform.review import events
from mlplatform.review.events import SECRET

DATA = Path(__file__).parents[1] / "review" / "data"
IN_PLACE = DATA / "refused_in_place.jsonl"
BESIDE = DATA / "replaced_side_by_side.jsonl"
VAULT = "azure-native:keyvault:Vault"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
RETENTION = "properties.softDeleteRetentionInDays"


def step(
    token: str,
    old: dict[str, Any],
    new: dict[str, Any],
    *,
    op: str = "update",
    beside: bool = False,
    custom: bool = True,
    changed: tuple[str, ...] = (),
) -> str:
    """One line of a log."""
    metadata = {
        "op": op,
        "urn": f"urn:pulumi:dev::p::{token}::x",
        "type": token,
        "old": {"custom": custom, "id": "i", "inputs": old, "outputs": {}, "delete": beside},
        "new": {"custom": custom, "id": "", "inputs": new, "outputs": {}},
        "detailedDiff": {path: {"diffKind": "update", "inputDiff": True} for path in changed},
    }
    return json.dumps({"sequence": 1, "resourcePreEvent": {"metadata": metadata}})


def end(result: str = "succeeded") -> str:
    return json.dumps({"sequence": 2, "summaryEvent": {"isPreview": True, "result": result}})


def judged(*lines: str) -> refusals.Verdict:
    return refusals.judge(events.read([*lines, end()]))


def vault(retention: Any, **more: Any) -> dict[str, Any]:
    return {"vaultName": "v", "properties": {"softDeleteRetentionInDays": retention}, **more}


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mlp", *arguments])
    return app.main()


def test_a_refused_change_names_resource_property_values_remedy_and_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "policy", "check", "--event-log", str(IN_PLACE)) == 4
    assert capsys.readouterr().out == (
        "MANDATORY  high  accepted-in-place  vault\n"
        f"  what  vault: {RETENTION}: 7 -> 14: the retention of deleted objects is fixed when the "
        "vault is made (learn.microsoft.com: Key Vault soft-delete overview)\n"
        "  why   A change is one that the cloud makes. An update that it refuses stops half-way.\n"
        "  fix   keep the old value, or make a new object under another name.\n"
        "\npolicies: 1 mandatory, 0 advisory\n"
        "the run failed, so there may be more steps\n"
    )


def test_a_replacement_made_beside_an_object_of_the_same_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "policy", "check", "--event-log", str(BESIDE)) == 4
    shown = capsys.readouterr().out
    assert f"{RETENTION}: 7 -> 14: the replacement is made first" in shown
    assert "add delete_before_replace=True" in shown


def test_nothing_refused_is_one_line_and_exit_code_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join([step(VAULT, vault(7), vault(7, tags={"a": "b"})), end()]))
    assert main(monkeypatch, "policy", "check", "--event-log", str(log)) == 0
    assert capsys.readouterr().out == "policies: 0 mandatory, 0 advisory\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("resources:\n", "is not an event log: line 1: not JSON (Expecting value at character 1)"),
        (step(VAULT, vault(7), vault(9)), "ends before the preview does: run it again"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    text: str | None,
    said: str,
) -> None:
    log = tmp_path / "log"
    if text is not None:
        log.write_text(text)
    assert main(monkeypatch, "policy", "check", "--event-log", str(log)) == 2
    assert capsys.readouterr() == ("", f"mlp: {log} {said}\n")


def test_an_update_of_what_needs_a_new_object_is_told() -> None:
    old = {"name": "c", "productionVariants": [{"instanceType": "ml.m5.large"}]}
    new = {"name": "c", "productionVariants": [{"instanceType": "ml.m5.xlarge"}]}
    (refusal,) = judged(step(CONFIGURATION, old, new)).refusals
    assert refusal.path == "productionVariants[0].instanceType"
    assert (refusal.old, refusal.new) == ("ml.m5.large", "ml.m5.xlarge")
    assert "the step updates in place" in refusal.reason
    assert 'replace_on_changes=["productionVariants[0].instanceType"]' in refusal.remedy
    assert judged(step(CONFIGURATION, old, new, op="replace")).refusals == ()


def test_a_locked_retention_that_gets_shorter_is_refused_on_google_cloud() -> None:
    old = {"name": "b", "retentionPolicy": {"isLocked": True, "retentionPeriod": "100"}}
    new = {"name": "b", "retentionPolicy": {"isLocked": True, "retentionPeriod": "50"}}
    verdict = judged(step("gcp:storage/bucket:Bucket", old, new))
    assert [r.path for r in verdict.refusals] == ["retentionPolicy.retentionPeriod"]
    assert verdict.refused


def test_a_replacement_that_deletes_first_or_takes_another_name_is_fine() -> None:
    assert judged(step(VAULT, vault(7), vault(9), op="replace")).refusals == ()
    renamed = {**vault(9), "vaultName": "w"}
    assert judged(step(VAULT, vault(7), renamed, op="replace", beside=True)).refusals == ()


@pytest.mark.parametrize("op", ["same", "create", "delete", "create-replacement", "refresh"])
def test_other_steps_are_not_judged(op: str) -> None:
    assert judged(step(VAULT, vault(7), vault(9), op=op)) == refusals.Verdict(steps=0)


def test_components_and_providers_are_no_steps_of_a_cloud() -> None:
    verdict = judged(
        step("pulumi:providers:aws", {"region": "a"}, {"region": "b"}),
        step("mlplatform:aws:Endpoint", {}, {"a": 1}, custom=False),
    )
    assert verdict == refusals.Verdict(steps=0)


def test_types_without_a_contract_are_counted_and_named() -> None:
    verdict = judged(step("random:index:Id", {"a": 1}, {"a": 2}))
    assert list(refusals.lines(verdict)) == [
        "1 update step, nothing that a cloud would refuse; "
        "not judged, as there is no contract: random:index:Id"
    ]


def test_a_run_that_failed_may_hide_steps_and_says_so() -> None:
    verdict = refusals.judge(events.read([end("failed")]))
    assert list(refusals.lines(verdict)) == [
        "0 update steps, nothing that a cloud would refuse; "
        "the run failed, so there may be more steps"
    ]


def test_a_value_that_is_not_known_yet_is_told_but_refuses_nothing() -> None:
    verdict = judged(step(VAULT, vault(7), vault(UNKNOWN)))
    assert not verdict.refused
    first, second, third = refusals.lines(verdict)
    assert first == "1 update step, nothing that a cloud would refuse"
    assert second == "1 change that a cloud would refuse if the value, not known yet, differs:"
    assert f"{RETENTION}: 7 -> not known yet: " in third
    assert UNKNOWN not in third


def test_a_changed_secret_is_judged_and_never_shown() -> None:
    # The log shows both values as [secret]; only the engine's diff tells that they differ.
    secret = step(VAULT, vault(SECRET), vault(SECRET), changed=(RETENTION,))
    (refusal,) = judged(secret).refusals
    assert f"{RETENTION}: '{SECRET}' -> '{SECRET}': " in str(refusal)
    assert judged(step(VAULT, vault(SECRET), vault(SECRET))).refusals == ()


def test_a_value_that_became_secret_is_hidden_on_both_sides() -> None:
    for old, new in (("hunter2", SECRET), (SECRET, "hunter2"), (["hunter2"], [SECRET])):
        verdict = judged(step(VAULT, vault(old), vault(new)))
        assert verdict.refused
        assert "hunter2" not in "\n".join(refusals.lines(verdict))


class FakeSandbox:
    """An engine that writes a recorded log, or none, and ends with `code`."""

    policy_pack = None

    def __init__(self, root: Path, recorded: Path | None, code: int = 0) -> None:
        self.root = self.logs = root
        self.project = self.layout = self
        self.recorded, self.code = recorded, code
        self.arguments: list[str] = []

    def run(self, arguments: list[str], **_: Any) -> int:
        self.arguments = arguments
        if self.recorded is not None:
            last = max(i for i, word in enumerate(arguments) if word == "--event-log")
            (self.root / arguments[last + 1]).write_text(self.recorded.read_text())
        return self.code


def preview(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSandbox, *flags: str
) -> tuple[int, list[str]]:
    monkeypatch.setattr(sandbox, "_open", lambda _: fake)
    return main(monkeypatch, "sandbox", "preview", "--", *flags), fake.arguments


def test_a_preview_writes_its_log_and_refuses_after_the_engine_agreed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fake = FakeSandbox(tmp_path, BESIDE)
    code, arguments = preview(monkeypatch, fake, "--diff")
    log = str(tmp_path / "preview-events.jsonl")
    assert arguments == ["preview", "--event-log", log, "--diff"]
    assert code == 1
    shown = capsys.readouterr()
    assert shown.out == ""  # stdout is the engine's: with --json it is read by programs
    assert shown.err.startswith(f"1 change that a cloud would refuse:\n  - vault ({VAULT}) ")


def test_a_preview_without_refusals_adds_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert preview(monkeypatch, FakeSandbox(tmp_path, DATA / "policies.jsonl"))[0] == 0
    assert capsys.readouterr() == ("", "")


def test_the_engines_exit_code_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert preview(monkeypatch, FakeSandbox(tmp_path, IN_PLACE, code=4))[0] == 4


def test_a_log_of_an_earlier_run_is_not_judged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "preview-events.jsonl").write_text(IN_PLACE.read_text())
    assert preview(monkeypatch, FakeSandbox(tmp_path, None, code=255))[0] == 255
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        ([], "/p/default"),
        (["--event-log", "mine"], "/p/mine"),
        (["--event-log=a", "--diff", "--event-log", "/b"], "/b"),
        (["--diff", "--event-log"], "/p/default"),
        (["--event-log", "tcp://127.0.0.1:1"], None),
    ],
)
def test_the_users_own_log_is_the_one_that_is_read(flags: list[str], where: str | None) -> None:
    found = refusals.file_written(flags, default=Path("/p/default"), folder=Path("/p"))
    assert found == (None if where is None else Path(where))


def test_the_users_own_log_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert preview(monkeypatch, FakeSandbox(tmp_path, BESIDE), "--event-log", "mine")[0] == 1
    assert not (tmp_path / "preview-events.jsonl").exists()


def test_a_preview_whose_log_cannot_be_read_does_not_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "junk").write_text("junk")
    assert preview(monkeypatch, FakeSandbox(tmp_path, tmp_path / "junk"))[0] == 1
    assert "is not an event log: line 1" in capsys.readouterr().err
    assert preview(monkeypatch, FakeSandbox(tmp_path, tmp_path / "junk", code=3))[0] == 3
