"""A provider that a test can bend, and the engine's side of the wire to drive it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from mlplatform.provider.log import EngineLog
from mlplatform.provider.model import Context, Diff, Failure
from mlplatform.provider.server import start

URN = "urn:pulumi:dev::shop::mlplatform:aws:Endpoint$stub:test:Thing::a::b"


class Stub:
    """Answers everything with what it was told; ``act`` runs inside create, update and delete."""

    name = "stub"
    version = "1.2.3"

    def __init__(self) -> None:
        self.config: dict[str, Any] = {}
        self.contexts: list[Context] = []
        self.seen: list[Any] = []
        self.failures: list[Failure] = []
        self.found = Diff()
        self.act: Callable[[Context], None] = lambda _: None

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        self.seen.append(config)
        return self.failures

    def configure(self, config: dict[str, Any]) -> None:
        self.config = config

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        self.contexts.append(ctx)
        self.seen.append((inputs, old_inputs))
        return {**inputs, "filled": True}, self.failures

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        self.contexts.append(ctx)
        self.seen.append((id, old_inputs, old_state, inputs))
        return self.found

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        self.contexts.append(ctx)
        self.seen.append(inputs)
        self.act(ctx)
        return ("" if ctx.preview else "id-1"), inputs

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        self.act(ctx)
        return id, inputs, state

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del id, old_inputs
        self.act(ctx)
        return {**old_state, **inputs}

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del id
        self.seen.append((inputs, state))
        self.act(ctx)

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        return {"token": token, **args}


def struct(**values: Any) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


@contextmanager
def served(provider: Any, engine_address: str = "") -> Iterator[Any]:
    """The client's stub for a provider that runs in this process, over real gRPC."""
    running = start(provider, EngineLog(engine_address))
    channel = grpc.insecure_channel(
        f"127.0.0.1:{running.port}",
        options=[
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ],
    )
    try:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        channel.close()
        running.servicer.cancelled.set()
        running.stop(2.0)
