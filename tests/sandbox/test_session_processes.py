"""The sandbox's folder, its lock, and the local clouds as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.sandbox import backend, layout, processes
from mlplatform.sandbox.lock import locked
from mlplatform.sandbox.session import Sandbox, SandboxError
from tests.sandbox import small_programs

CLOUD = """
import json, os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--dir") + 1])
if os.environ.get("FAIL"):
    sys.exit("port in use")
about = {"pid": os.getpid(), "public": {"endpoint_url": "http://127.0.0.1:1", "region": "r"},
         "environ": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "r"}}
(folder / "partial").write_text(json.dumps(about))
(folder / "partial").rename(folder / "address.json")
signal.pause()
"""


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A local cloud ``aws`` that says where it is and waits."""
    package = tmp_path / "modules" / "sandbox_test_clouds"
    (package / "aws").mkdir(parents=True)
    for name in ("", "aws"):
        (package / name / "__init__.py").touch()
    (package / "aws" / "__main__.py").write_text(CLOUD)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(processes, "_module", lambda cloud: f"sandbox_test_clouds.{cloud}")
    folder = tmp_path / "clouds"
    yield folder
    processes.stop(folder)


def start(folder: Path, **environ: str) -> dict[str, processes.Address]:
    logs = folder.parent / "logs"
    started = processes.start(folder, ["aws"], logs=logs, environ={**os.environ, **environ})
    return processes.wait(folder, started, logs=logs)


def test_a_cloud_without_a_program_is_not_there_yet(clouds: Path) -> None:
    assert processes.available() == ("aws",)
    assert not clouds.exists()


def test_a_started_cloud_is_found_until_it_is_stopped(clouds: Path) -> None:
    address = start(clouds)["aws"]
    assert processes.running(clouds, "aws") == address
    assert processes.start(clouds, ["aws"], logs=clouds, environ={}) == {}
    assert processes.stop(clouds) == ["aws"]
    assert processes.running(clouds, "aws") is None


def test_a_killed_cloud_is_started_again(clouds: Path) -> None:
    first = start(clouds)["aws"]
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert start(clouds)["aws"].pid != first.pid


def test_a_cloud_that_does_not_start_is_named_with_its_reason_and_log(clouds: Path) -> None:
    with pytest.raises(processes.CloudError, match=r"aws.*port in use \(log: .*cloud-aws.log\)"):
        start(clouds, FAIL="1")


def test_a_process_that_has_the_number_of_a_dead_cloud_is_not_that_cloud(clouds: Path) -> None:
    (clouds / "aws").mkdir(parents=True)
    about = {"pid": os.getpid(), "public": {}, "environ": {}}
    (clouds / "aws" / "address.json").write_text(json.dumps(about))
    assert processes.running(clouds, "aws") is None
    assert processes.stop(clouds) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_address_is_no_address(clouds: Path, text: str) -> None:
    (clouds / "aws").mkdir(parents=True)
    (clouds / "aws" / "address.json").write_text(text)
    assert processes.running(clouds, "aws") is None


def sandbox(tmp_path: Path, config: dict[str, Any] | None = None) -> Sandbox:
    folder = small_programs.write(tmp_path / "project", "", config=config)
    return Sandbox(folder, tmp_path / "sandbox", environ=dict(os.environ), say=lambda _: None)


@pytest.mark.usefixtures("clouds")
def test_addresses_carry_the_account_and_region_of_the_stack(tmp_path: Path) -> None:
    wanted = {"account_id": "210987654321", "region": "eu-west-1"}
    opened = sandbox(tmp_path, {"mlplatform:clouds": {"aws": wanted}})
    try:
        assert opened.public() == {
            "aws": {
                "endpoint_url": "http://127.0.0.1:1",
                "region": "eu-west-1",
                "access_key_id": "MLPSANDBOX210987654321",
            }
        }
        exports = opened.exports()
        assert exports["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
        assert exports["AWS_REGION"] == "eu-west-1"
        assert not [name for name in exports if name.startswith("MLP_")], "wins over later stacks"
        assert opened.status().clouds["aws"]["running"] is True
        assert opened.stop() == ["aws"]
    finally:
        opened.reset()


def test_a_second_run_at_once_is_refused_with_the_process_that_is_at_it(tmp_path: Path) -> None:
    opened = sandbox(tmp_path)
    opened.layout.make()
    with locked(opened.layout.lock):
        with pytest.raises(SandboxError, match=rf"process {os.getpid()}\): wait for it"):
            opened.run(["preview"])
        assert opened.status().in_use_by == str(os.getpid())
    assert opened.status().in_use_by is None


def test_the_lock_of_a_dead_process_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = (
        "import os, pathlib, sys\nfrom mlplatform.sandbox.lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(lock)], check=False)
    assert lock.read_text() != ""
    with locked(lock):
        assert lock.read_text() == str(os.getpid())


def test_a_folder_with_other_things_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "home" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years")
    with pytest.raises(layout.LayoutError, match="holds other things"):
        layout.Layout(root=precious.parent).make()
    with pytest.raises(layout.LayoutError, match="not deleted"):
        layout.Layout(root=precious.parent).delete()
    assert precious.exists()


def test_a_sandbox_is_ignored_by_git_and_deleted_whole(tmp_path: Path) -> None:
    made = layout.Layout(root=tmp_path / "sandbox")
    made.make()
    assert (made.root / ".gitignore").read_text() == "*\n"
    made.delete()
    assert not made.root.exists()


def test_locks_of_dead_engines_are_removed_and_of_living_ones_kept(tmp_path: Path) -> None:
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "tiny" / "dev"
    locks.mkdir(parents=True)
    for name, content in {
        "dead": '{"pid": 999999999}',
        "other-program": json.dumps({"pid": os.getpid()}),
        "damaged": "{",
    }.items():
        (locks / f"{name}.json").write_text(content)
    # A process with the engine's name, as its command line shows it.
    living = subprocess.Popen(
        [sys.executable, "-c", "import signal; print(flush=True); signal.pause()", "pulumi"],
        stdout=subprocess.PIPE,
    )
    assert living.stdout is not None
    living.stdout.readline()
    (locks / "living.json").write_text(json.dumps({"pid": living.pid}))
    try:
        assert backend.release_dead_locks(tmp_path, "tiny", "dev") == [living.pid]
    finally:
        living.kill()
        living.communicate()
    assert [file.stem for file in locks.iterdir()] == ["living"]
