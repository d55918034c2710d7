"""Messages to the engine, which shows them beside the resource that they belong to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from mlplatform.provider.model import Level

_SEVERITY = {
    "status": engine_pb2.INFO,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
}
_PATIENCE_S = 5.0


class EngineLog:
    """The way to the engine's log; without an engine, warnings go to stderr."""

    def __init__(self, address: str = "") -> None:
        self._lock = threading.Lock()
        self._address = ""
        self._stub: Any = None
        self.connect(address)

    def connect(self, address: str) -> None:
        """Send messages to the engine at ``address`` (host:port) from now on."""
        with self._lock:
            if address and address != self._address:
                self._address = address
                self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def for_resource(self, urn: str) -> Callable[[Level, str], None]:
        """A function that logs for one resource."""

        def log(level: Level, message: str) -> None:
            self.send(level, message, urn)

        return log

    def send(self, level: Level, message: str, urn: str = "") -> None:
        """Log; a message that cannot be delivered must not break what it reports about."""
        request = engine_pb2.LogRequest(
            severity=_SEVERITY[level], message=message, urn=urn, ephemeral=level == "status"
        )
        try:
            if self._stub is not None:
                self._stub.Log(request, timeout=_PATIENCE_S)
                return
        except grpc.RpcError as error:
            print(f"engine log not reachable: {error.code()}", file=sys.stderr)
        if level != "status":
            print(f"{level}: {message}", file=sys.stderr)
