"""The process around the protocol: its port, its log, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import IO, Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
)

from mlplatform.provider.log import EngineLog
from mlplatform.provider.server import engine_address
from tests.provider.stub import URN, struct

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.provider.process"]


class Engine(engine_pb2_grpc.EngineServicer):
    """The part of an engine that takes log messages."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, str, str, bool]] = []

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        del context
        self.messages.append((request.severity, request.message, request.urn, request.ephemeral))
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    servicer = Engine()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None).wait()


def started(*arguments: str) -> tuple[subprocess.Popen[str], Any]:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}")
    return process, provider_pb2_grpc.ResourceProviderStub(channel)


def create(client: Any, *, preview: bool = False) -> Any:
    request = provider_pb2.CreateRequest(urn=URN, properties=struct(a=1), preview=preview)
    return client.Create.future(request, timeout=20)


def test_cancel_ends_waits_and_process_and_prints_do_not_reach_stdout(
    engine: tuple[Engine, str],
) -> None:
    servicer, address = engine
    process, client = started("--logtostderr", "-v=9", address)
    create(client, preview=True).result()
    waiting = create(client)
    client.Cancel(empty_pb2.Empty())
    assert "cancelled" in str(waiting.exception())
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert set(err.splitlines()) <= {"a stray print"}
    assert servicer.messages == [(engine_pb2.WARNING, "careful", URN, False)]


def test_sigterm_ends_it_quietly_in_the_middle_of_a_call() -> None:
    process, client = started()
    create(client, preview=True).result()
    waiting = create(client)
    process.send_signal(signal.SIGINT)  # not its business
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert waiting.exception() is not None


def read_to_the_end(pipe: IO[str], ended: threading.Event) -> None:
    pipe.read()
    ended.set()


def test_it_ends_when_its_engine_was_killed() -> None:
    # A shell plays the engine: it starts the provider, tells its pid, and is killed.
    script = '"$@" & echo "pid $!"; wait'
    shell = subprocess.Popen(
        ["sh", "-c", script, "sh", *COMMAND], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert shell.stdout is not None
    lines = sorted(shell.stdout.readline() for _ in range(2))
    port, pid = int(lines[0]), int(lines[1].removeprefix("pid "))
    os.kill(shell.pid, signal.SIGKILL)
    shell.wait()
    ended = threading.Event()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    # The pipe's end is held by the provider alone now: end of file means that it is gone.
    reader = threading.Thread(target=read_to_the_end, args=(shell.stdout, ended))
    reader.start()
    try:
        assert ended.wait(10), f"process {pid} still runs"
    finally:
        channel.close()
        if not ended.is_set():
            os.kill(pid, signal.SIGKILL)
        reader.join()


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["127.0.0.1:5000"], "127.0.0.1:5000"),
        (["--logtostderr", "-v=9", "--tracing", "tcp://10.0.0.1:9", "[::1]:80"], "[::1]:80"),
        ([], ""),
    ],
)
def test_the_engine_is_found_behind_flags(arguments: list[str], address: str) -> None:
    assert engine_address(arguments) == address


def test_an_engine_that_does_not_answer_breaks_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    log = EngineLog("127.0.0.1:1")
    log.for_resource(URN)("warning", "careful")
    log.for_resource(URN)("status", "working")
    err = capfd.readouterr().err
    assert "warning: careful" in err
    assert "working" not in err


def test_a_status_line_passes_and_a_warning_stays(engine: tuple[Engine, str]) -> None:
    servicer, address = engine
    log = EngineLog()
    log.connect(address)
    log.for_resource(URN)("status", "Updating")
    log.for_resource(URN)("warning", "careful")
    assert servicer.messages == [
        (engine_pb2.INFO, "Updating", URN, True),
        (engine_pb2.WARNING, "careful", URN, False),
    ]
