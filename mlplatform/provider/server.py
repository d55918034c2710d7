"""Runs a provider as the process that the Pulumi engine expects.

The contract of such a process: the engine's address is among the arguments, the first line on
stdout is the port, and the process ends after Cancel. An engine that was killed sends no Cancel,
so the process also ends when its parent is gone.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from mlplatform.provider.log import EngineLog
from mlplatform.provider.model import Provider
from mlplatform.provider.servicer import Servicer

_MESSAGE_LIMIT_BYTES = 400 * 1024 * 1024
"""The engine's own limit for one message."""

_MAX_CALLS = 1024
"""Calls at once. Threads start on demand; too few would leave Cancel waiting behind long waits."""

_THREAD_NAME = "provider-call"
_POLL_S = 0.5
_GRACE_CANCEL_S = 300.0
"""After Cancel the calls on their way may still write down what they did."""
_GRACE_ALONE_S = 10.0
"""After SIGTERM, or without an engine, nobody reads the answers any more."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A started server: where it listens, who answers, and how it ends."""

    server: grpc.Server
    port: int
    servicer: Servicer
    pool: futures.ThreadPoolExecutor

    def stop(self, grace_s: float, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Let calls on their way end; whether all of them did.

        Args:
            grace_s: how long they may take.
            hurry: asked now and then; true leaves them no more than _GRACE_ALONE_S from there on.
        """
        stopped = self.server.stop(grace_s)
        hurried = False
        while not stopped.wait(_POLL_S):
            if not hurried and hurry():
                hurried = True
                stopped = self.server.stop(min(grace_s, _GRACE_ALONE_S))
        self.pool.shutdown(wait=False)
        threads = [t for t in threading.enumerate() if t.name.startswith(_THREAD_NAME)]
        for thread in threads:
            thread.join(_POLL_S)  # an idle one ends at once
        return not any(thread.is_alive() for thread in threads)


def start(provider: Provider, log: EngineLog | None = None) -> Running:
    """Start a gRPC server for ``provider`` on a free loopback port, and return at once."""
    servicer = Servicer(provider, log or EngineLog())
    pool = futures.ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix=_THREAD_NAME)
    server = grpc.server(
        pool,
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_LIMIT_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_LIMIT_BYTES),
            ("grpc.so_reuseport", 0),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return Running(server=server, port=port, servicer=servicer, pool=pool)


def serve(provider: Provider) -> int:
    """Serve ``provider`` until the engine cancels, SIGTERM comes or the engine is gone.

    Must run in the main thread. Returns the exit status for the process, which is always 0: the
    engine learns of failures from the calls.
    """
    parent = os.getppid()
    terminated = False

    def terminate(signal_number: int, frame: FrameType | None) -> None:
        # No Event here: its lock may be held by the very code that the signal interrupted.
        nonlocal terminated
        del signal_number, frame
        terminated = True

    def nobody_listens() -> bool:
        return terminated or os.getppid() != parent

    running = start(provider, EngineLog(engine_address(sys.argv[1:])))
    signal.signal(signal.SIGTERM, terminate)
    # Ctrl-C reaches the whole terminal; the engine decides what it means and sends Cancel.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(running.port, flush=True)
    sys.stdout = sys.stderr  # the engine reads one line; a stray print must not break the pipe

    while not running.servicer.cancelled.wait(_POLL_S):
        if nobody_listens():
            running.servicer.cancelled.set()
    if not running.stop(_GRACE_CANCEL_S, nobody_listens):
        # Python joins pool threads at exit, and one of them may wait for a cloud for minutes.
        print("a call did not end in time and is abandoned", file=sys.stderr, flush=True)
        os._exit(0)
    return 0


def engine_address(arguments: list[str]) -> str:
    """The engine's address among the arguments (flags may stand before it); empty without one."""
    found = [a for a in arguments if re.fullmatch(r"[\w.\-]+:\d+|\[[0-9a-fA-F:]+\]:\d+", a)]
    return found[-1] if found else ""
