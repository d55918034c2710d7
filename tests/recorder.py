"""A monitor that records what a program asked for, options included.

The SDK's own mocks see neither parents nor options, and let two resources share a URN.
A mock proves what was asked, not what a cloud does with it: the walks in ``tests/engine``
run the real engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc


@dataclass
class Recorded:
    """One registration: inputs deserialised, the whole request beside them."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    request: Any


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        outputs = dict(args.inputs)
        outputs.setdefault("name", f"{args.name}-auto")
        outputs.setdefault("arn", f"arn:mock:{args.typ.split(':')[0]}:{args.name}")
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"unexpected data source {args.token}: components take inputs")


class _Monitor(mocks.MockMonitor):
    def __init__(self, inner: pulumi.runtime.Mocks) -> None:
        super().__init__(inner)
        self.recorded: list[Recorded] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, the protocol's name
        if request.type != "pulumi:pulumi:Stack":
            self.recorded.append(
                Recorded(
                    urn=self.make_urn(request.parent, request.type, request.name),
                    type=request.type,
                    name=request.name,
                    inputs=rpc.deserialize_properties(request.object),
                    parent=request.parent.rsplit("::", 1)[-1],
                    request=request,
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


@dataclass
class Inventory:
    """Everything that one run registered."""

    resources: list[Recorded] = field(default_factory=list)

    def one(self, type_: str, name: str | None = None) -> Recorded:
        (found,) = [r for r in self.resources if r.type == type_ and name in (None, r.name)]
        return found

    def children(self, component: str) -> dict[str, str]:
        return {r.name: r.type for r in self.resources if r.parent == component}


def run(program: Callable[[], object]) -> Inventory:
    """Run ``program`` under mocks and return every registration it made."""
    inner = _Mocks()
    monitor = _Monitor(inner)
    pulumi.runtime.set_mocks(inner, project="mlplatform", stack="test", monitor=monitor)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    urns = [r.urn for r in monitor.recorded]
    assert len(urns) == len(set(urns)), f"two resources share a URN: {sorted(urns)}"
    return Inventory(monitor.recorded)
