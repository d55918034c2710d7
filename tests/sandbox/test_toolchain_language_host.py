"""The language host as the engine sees it: a process that prints a port and answers gRPC."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from mlplatform.sandbox.toolchain import placement, versions
from mlplatform.sandbox.toolchain.engine import Engine

MODULE = "mlplatform.sandbox.toolchain.language_host"


@dataclass
class Host:
    process: subprocess.Popen[str]
    stub: Any

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Exit code and all that it printed after the port."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out + err


@pytest.fixture
def engine_address() -> Iterator[str]:
    """Somebody listens there, as the engine does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def host(tmp_path: Path, engine_address: str) -> Iterator[Host]:
    log = str(tmp_path / "log")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE, "--log", log, "-v=3", engine_address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        yield Host(process, language_pb2_grpc.LanguageRuntimeStub(channel))
    process.kill()
    process.communicate()


def about(folder: Path, **options: str) -> Any:
    info = language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point="."
    )
    info.options.update(options)
    return info


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_quietly_on_a_signal(host: Host, number: signal.Signals) -> None:
    assert host.stub.GetPluginInfo(empty_pb2.Empty()).version == versions.ENGINE
    assert host.end(number) == (0, "")


def test_it_ends_when_the_engine_cancels(host: Host) -> None:
    host.stub.Cancel(empty_pb2.Empty())
    assert host.process.wait(10) == 0


def test_it_ends_when_the_engine_is_gone(engine_address: str) -> None:
    engine = (
        "import subprocess, sys\n"
        "host = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)\n"
        "print(int(host.stdout.readline()))\n"
    )
    command = [sys.executable, "-P", "-m", MODULE, engine_address]
    # The host holds the end of stderr: this returns when the host has ended, too.
    done = subprocess.run(
        [sys.executable, "-c", engine, *command], capture_output=True, timeout=30, check=True
    )
    assert int(done.stdout) > 0
    assert done.stderr == b""


def test_it_does_not_start_for_an_engine_that_is_gone_already() -> None:
    with socket.create_server(("127.0.0.1", 0)) as former:
        address = f"127.0.0.1:{former.getsockname()[1]}"
    command = [sys.executable, "-P", "-m", MODULE, address]
    done = subprocess.run(command, capture_output=True, timeout=30, check=True)
    assert done.stdout + done.stderr == b""


def test_a_plugin_is_run_with_its_arguments_and_streamed_with_its_exit_code(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, sys\nprint(*sys.argv[1:], os.environ['GIVEN'])\n"
        "print('said', file=sys.stderr)\nsys.exit(3)\n"
    )
    answers = list(
        host.stub.RunPlugin(
            language_pb2.RunPluginRequest(
                info=about(tmp_path, virtualenv=sys.prefix),
                kind="resource",
                args=["127.0.0.1:9"],
                env=["GIVEN=x=y"],
            )
        )
    )
    assert b"".join(a.stdout for a in answers) == b"127.0.0.1:9 x=y\n"
    assert b"".join(a.stderr for a in answers) == b"said\n"
    assert answers[-1].exitcode == 3


def test_a_plugin_ends_with_the_host_and_says_nothing(host: Host, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    )
    stream = host.stub.RunPlugin(
        language_pb2.RunPluginRequest(info=about(tmp_path), kind="resource", args=["x"])
    )
    pid = int(next(stream).stdout)
    os.kill(pid, signal.SIGINT)  # the engine interrupts the whole process group
    assert host.end(signal.SIGTERM) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_missing_virtual_environment_is_refused_with_what_to_do(
    host: Host, tmp_path: Path
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        host.stub.GetRequiredPackages(
            language_pb2.GetRequiredPackagesRequest(info=about(tmp_path, virtualenv="gone"))
        )
    assert "make it: python3 -m venv" in str(refused.value)


def test_required_packages_are_those_of_the_programs_environment(
    host: Host, tmp_path: Path
) -> None:
    answer = host.stub.GetRequiredPackages(
        language_pb2.GetRequiredPackagesRequest(info=about(tmp_path, virtualenv=sys.prefix))
    )
    assert {"aws", "gcp", "azure-native"} <= {p.name for p in answer.packages}
    assert all(p.version.startswith("v") and p.kind == "resource" for p in answer.packages)


def test_nothing_is_installed_where_the_project_names_no_environment(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi\n")
    answers = list(
        host.stub.InstallDependencies(
            language_pb2.InstallDependenciesRequest(directory=str(tmp_path), info=about(tmp_path))
        )
    )
    assert b"nothing to install into" in b"".join(a.stderr for a in answers)


def test_an_installation_that_fails_is_an_error_with_its_output(host: Host, tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    python = tmp_path / "env" / "bin" / "python"
    python.write_text("#!/bin/sh\necho no pip here >&2\nexit 7\n")
    python.chmod(0o755)
    (tmp_path / "requirements.txt").touch()
    told = b""
    with pytest.raises(grpc.RpcError, match="ended with 7"):
        for answer in host.stub.InstallDependencies(
            language_pb2.InstallDependenciesRequest(
                directory=str(tmp_path), info=about(tmp_path, virtualenv="env")
            )
        ):
            told += answer.stderr
    assert told == b"no pip here\n"


def test_everything_that_the_engine_looks_for_stands_in_one_folder(tmp_path: Path) -> None:
    built = tmp_path / "cache" / "pulumi"
    built.parent.mkdir()
    built.write_text("engine")
    placed = placement.place(
        Engine(executable=built, version="v1", official_host=False), tmp_path / "bin", tmp_path
    )
    assert placed == tmp_path / "bin" / "pulumi"
    assert placed.samefile(built)
    assert not placed.is_symlink(), "the engine would look beside the link's target"
    for name in ("pulumi-language-python", "pulumi-resource-pulumi-python"):
        assert os.access(tmp_path / "bin" / name, os.X_OK)


def test_an_official_engine_is_called_where_it_is(tmp_path: Path) -> None:
    official = Engine(executable=tmp_path / "pulumi", version="v3.300.0", official_host=True)
    assert placement.place(official, tmp_path / "bin", tmp_path) == tmp_path / "pulumi"
    assert not (tmp_path / "bin").exists()
