"""Event logs that the engine wrote, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlplatform.review import events
from mlplatform.review.events import SECRET, EventLogError, PropertyDiff, Summary

DATA = Path(__file__).parent / "data"
SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def pre(**metadata: Any) -> str:
    about = {"op": "update", "urn": "urn:pulumi:dev::p::a:b:C::x", "type": "a:b:C", **metadata}
    return json.dumps({"sequence": 1, "resourcePreEvent": {"metadata": about}})


def test_the_steps_of_a_preview_are_read_in_order() -> None:
    log = events.load(DATA / "replaced_side_by_side.jsonl")
    assert [(step.op, step.name) for step in log.steps] == [
        ("delete-replaced", "role"),
        ("replace", "role"),
        ("create-replacement", "role"),
        ("update", "logs"),
        ("same", "group"),
        ("create-replacement", "vault"),
        ("replace", "vault"),
        ("delete-replaced", "vault"),
    ]


def test_a_step_holds_both_sides_and_what_differs() -> None:
    log = events.load(DATA / "refused_in_place.jsonl")
    step = next(step for step in log.steps if step.name == "vault")
    assert step.op == "update"
    assert step.type == "azure-native:keyvault:Vault"
    assert step.old is not None and step.new is not None
    assert step.old.id.endswith("/vaults/kv-scratch-1")
    assert step.new.id == ""
    assert step.old.inputs["properties"]["softDeleteRetentionInDays"] == 7
    assert step.new.inputs["properties"]["softDeleteRetentionInDays"] == 14
    retention = "properties.softDeleteRetentionInDays"
    assert step.diffs == (
        PropertyDiff(path=retention, kind="update", replaces=False, of_input=True),
        PropertyDiff(path="tags.hint", kind="update", replaces=False, of_input=True),
    )


def test_a_replacement_tells_why_and_what_exists_meanwhile() -> None:
    log = events.load(DATA / "replaced_side_by_side.jsonl")
    by_name = {step.name: step for step in log.steps if step.op == "replace"}
    assert by_name["role"].replaced_for == ("name",)
    assert by_name["role"].diffs[0].replaces
    role, vault = by_name["role"].old, by_name["vault"].old
    assert role is not None and not role.pending_deletion
    assert vault is not None and vault.pending_deletion


def test_protection_is_read() -> None:
    log = events.load(DATA / "refused_in_place.jsonl")
    logs = next(step for step in log.steps if step.name == "logs")
    assert logs.old is not None and logs.old.protect


def test_secrets_are_blanked_even_when_the_log_shows_them() -> None:
    inputs = {
        "bare": SECRET,
        "signed": {**SIGNED, "ciphertext": SECRET},
        "shown": [{**SIGNED, "plaintext": '"hunter2"'}],
    }
    log = events.read([pre(old={"inputs": inputs, "outputs": inputs})])
    state = log.steps[0].old
    assert state is not None
    assert state.inputs == state.outputs == {"bare": SECRET, "signed": SECRET, "shown": [SECRET]}


def test_violations_tell_policy_level_and_resource() -> None:
    (found,) = events.load(DATA / "policies.jsonl").violations
    assert found.urn.endswith("::role")
    assert (found.policy, found.pack, found.pack_version) == (
        "required-tags",
        "ml-platform",
        "0.0.1",
    )
    assert (found.level, found.severity) == ("mandatory", "low")
    assert found.message.endswith("got ['environment', 'owner', 'project']")


def test_diagnostics_are_read_without_the_debug_messages() -> None:
    log = events.load(DATA / "refused_in_place.jsonl")
    assert [(d.severity, d.urn.rpartition("::")[2]) for d in log.diagnostics] == [
        ("error", "vault"),
        ("error", ""),
    ]
    debug = {"severity": "debug", "message": "x"}
    assert events.read([json.dumps({"sequence": 0, "diagnosticEvent": debug})]).diagnostics == []


def test_the_summary_tells_how_the_run_ended() -> None:
    failed = events.load(DATA / "refused_in_place.jsonl").summary
    assert failed is not None and not failed.succeeded
    counts = {"replace": 2, "same": 2, "update": 1}
    log = events.load(DATA / "replaced_side_by_side.jsonl")
    assert log.summary is not None
    assert log.summary == Summary(
        preview=True, succeeded=True, duration_s=log.summary.duration_s, changes=counts
    )


def test_events_of_an_unknown_kind_are_skipped() -> None:
    log = events.read(['{"sequence": 0, "novelEvent": {"a": 1}}', "", pre()])
    assert len(log.steps) == 1
    assert log.summary is None


def test_a_name_may_hold_colons() -> None:
    assert events.name_in("urn:pulumi:dev::p::a:b:C$d:e:F::x::y") == "x::y"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("config:\n", r"line 1: not JSON \(Expecting value at character 1\)"),
        ('{"sequence": 0}\n{"seq', "line 2: not JSON"),
        ('{"steps": []}', "line 1: no 'sequence'"),
        ("[1]", "line 1: not an engine event"),
        ("7", "line 1: not an engine event"),
        ('{"sequence": 0, "resourcePreEvent": {}}', "line 1: no 'metadata'"),
        ('{"sequence": 0, "resourcePreEvent": []}x', "line 1: not JSON"),
        ('{"sequence": 0, "resourcePreEvent": "x"}', "line 1: not an engine event"),
        (pre(old="x"), "line 1: not an engine event"),
        (pre(detailedDiff={"a": {}}), "line 1: no 'diffKind'"),
    ],
)
def test_what_is_no_event_log_is_refused_with_the_place(
    tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "log"
    file.write_text(text)
    with pytest.raises(EventLogError, match=f"log is not an event log: {reason}"):
        events.load(file)


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EventLogError, match="it is not text"):
        events.load(binary)
    with pytest.raises(EventLogError, match="cannot be read: No such file"):
        events.load(tmp_path / "none")
    with pytest.raises(EventLogError, match="cannot be read: Is a directory"):
        events.load(tmp_path)
