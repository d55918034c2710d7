"""`python -m bench.idle`: serve an ``mlgap`` that does nothing.

Unlike the clouds' resource classes those of mlgap give their program outputs that no input holds,
and components build on them. So each gets one of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from mlplatform.gaps.sdk import aws, azure, gcp
from mlplatform.gaps.sdk.resource import GapResource, Shown
from mlplatform.provider.model import Context
from mlplatform.provider.server import serve
from mlplatform.sandbox.providers.inert import Inert

_PLAIN: dict[Any, Any] = {str: "idle", bool: False, int: 0, Mapping: {}, Sequence: []}


class Idle(Inert):
    """The inert stand-in, with the outputs that the classes of the SDK show."""

    def __init__(self) -> None:
        super().__init__("mlgap", "0.1.0")
        self._outputs = {cls.TOKEN: dict(outputs(cls)) for cls in classes()}

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """As the inert stand-in; in a preview what is missing is unknown anyway."""
        made, state = super().create(ctx, inputs)
        return made, state if ctx.preview else {**self._outputs.get(ctx.token, {}), **state}


def classes() -> list[type[GapResource]]:
    """Every resource class of mlgap."""
    return [
        found
        for module in (aws, azure, gcp)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, GapResource)
    ]


def outputs(cls: type[GapResource]) -> Iterator[tuple[str, Any]]:
    """The outputs of a class, by the name on the wire, each with a value of its type; optional
    ones have none.
    """
    for member in (member for base in cls.__mro__ for member in vars(base).values()):
        if isinstance(member, Shown):
            (kind,) = get_args(vars(member)["__orig_class__"])
            yield member.wire_name, _PLAIN.get(get_origin(kind) or kind)


if __name__ == "__main__":
    raise SystemExit(serve(Idle()))
