"""What resource types of every cloud share: the contract judges inputs and changes."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from mlplatform import judged
from mlplatform.provider.model import Context, Diff, Failure

C = TypeVar("C")


class ByContract(Generic[C]):
    """Answers for one resource; made once for each call. C: the cloud that it is on."""

    def __init__(self, cloud: C) -> None:
        self._cloud = cloud

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """The inputs that were given, and what the vendor would refuse in them."""
        del old_inputs
        given = {name: value for name, value in inputs.items() if value is not None}
        return given, judged.failures(ctx.token, given)

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        """What changes between the inputs; another object stands beside the old one until then."""
        del id, old_state
        changes = judged.changes(ctx.token, old_inputs, inputs)
        return Diff(changes=tuple(changes), delete_before_replace=False)
