"""What every local cloud stands on: journal, documents, faults, ports, control API."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.control import Control
from mlplatform.sandbox.clouds.documents import Documents
from mlplatform.sandbox.clouds.faults import Faults
from mlplatform.sandbox.clouds.journal import Journal, JournalDamaged
from mlplatform.sandbox.clouds.request_log import RequestLog


def test_a_journal_gives_back_its_records_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    for number in range(3):
        journal.append({"n": number, "text": "zwölf\n"})
    assert [r["n"] for r in Journal(tmp_path / "journal").records()] == [0, 1, 2]


def test_a_torn_last_line_is_dropped_and_the_next_record_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal(path).append({"n": 1})
    Journal(path).append({"n": 2})
    path.write_bytes(path.read_bytes()[:-4])
    reopened = Journal(path)
    reopened.append({"n": 3})
    assert [r["n"] for r in Journal(path).records()] == [1, 3]


def test_damage_before_the_last_line_is_an_error_and_not_a_state_that_never_was(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal"
    for number in range(3):
        Journal(path).append({"n": number})
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":7'))
    with pytest.raises(JournalDamaged, match="line 2"):
        Journal(path)


def test_documents_survive_reopening_and_hand_out_copies(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents")
    documents["a"] = {"list": [1]}
    documents["b"] = {}
    del documents["b"]
    documents["a"]["list"].append(2)
    assert dict(Documents(tmp_path / "documents")) == {"a": {"list": [1]}}


def test_documents_rewrite_a_long_history(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents")
    for number in range(1200):
        documents["a"] = {"n": number}
    size = (tmp_path / "documents").stat().st_size
    reopened = Documents(tmp_path / "documents")
    reopened["b"] = {}
    assert (tmp_path / "documents").stat().st_size < size / 100
    assert dict(Documents(tmp_path / "documents")) == {"a": {"n": 1199}, "b": {}}


def test_a_fault_counts_down_and_matches_by_name_and_text() -> None:
    faults = Faults(["rollback"])
    fault = {"operation": "update*", "kind": "rollback", "times": 2, "contains": "shop"}
    assert faults.add(fault) == []
    assert faults.take("CreateEndpoint", text="shop") is None
    assert faults.take("UpdateEndpoint", text="bakery") is None
    assert [bool(faults.take("UpdateEndpoint", text="the shop")) for _ in range(3)] == [
        True,
        True,
        False,
    ]


def test_a_fault_with_only_a_delay_lets_the_request_through() -> None:
    faults = Faults()
    faults.add({"operation": "x", "delay_s": 0.1})
    taken = faults.take("x")
    assert taken is not None and taken.kind == "delay"


def test_all_problems_of_a_fault_are_told_at_once() -> None:
    faults = Faults()
    problems = faults.add({"times": 0, "status": 200, "kind": "earthquake", "colour": "red"})
    assert len(problems) == 5
    assert faults.waiting() == []


def test_a_taken_port_is_replaced_by_a_free_one_and_a_free_one_is_kept() -> None:
    first = frame.listen(0)
    port = first.getsockname()[1]
    second = frame.listen(port)
    assert second.getsockname()[1] != port
    first.close()
    third = frame.listen(port)
    assert third.getsockname()[1] == port
    second.close()
    third.close()


@pytest.mark.parametrize("text", ["soon", "-1", "61", "nan"])
def test_a_delay_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MLP_SANDBOX_DELAY_S"):
        frame.delay_s({"MLP_SANDBOX_DELAY_S": text})


def test_a_second_process_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        frame.opened(["--dir", str(tmp_path)], {}),
        pytest.raises(SystemExit, match="holds lock"),
        frame.opened(["--dir", str(tmp_path)], {}),
    ):
        pass


def control() -> Control:
    return Control(faults=Faults(), log=RequestLog(), resources=lambda: ["a"], reset=lambda: None)


def test_the_control_api_is_served_beside_the_cloud_over_http() -> None:
    def cloud(_: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"cloud"]

    server = frame.HttpServer(control().wrap(cloud), frame.listen(0))
    server.start()
    try:
        base = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{base}/_sandbox/resources") as answer:
            assert json.loads(answer.read()) == ["a"]
        with urllib.request.urlopen(f"{base}/anything") as answer:
            assert answer.read() == b"cloud"
    finally:
        server.stop()


def test_a_fault_that_is_no_json_is_refused_with_a_line() -> None:
    assert control().answer("POST", "/_sandbox/faults", b"{") == (
        400,
        {"error": "the body is not JSON"},
    )


def test_an_unknown_control_path_names_the_known_ones() -> None:
    status, value = control().answer("GET", "/_sandbox/weather", b"")
    assert status == 404
    assert "/_sandbox/faults" in value["error"]


def test_reset_empties_faults_and_log() -> None:
    faults, log = Faults(), RequestLog()
    emptied: list[str] = []
    faults.add({"operation": "x"})
    log.note("x", 200)
    api = Control(faults=faults, log=log, resources=list, reset=lambda: emptied.append("yes"))
    assert api.answer("POST", "/_sandbox/reset", b"")[0] == 200
    assert (faults.waiting(), log.entries(), emptied) == ([], [], ["yes"])
