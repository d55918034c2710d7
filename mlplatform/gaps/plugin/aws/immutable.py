"""What SageMaker keeps but cannot change: a run, a definition. Every change is another object."""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform import judged
from mlplatform.contracts.paths import names
from mlplatform.gaps.plugin.aws import tags
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.planned import Planned
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.provider.model import Context, Diff, NotFound


class Immutable(ByContract[AwsCloud]):
    """Answers for one object whose tags alone change; made once for each call."""

    name_inputs: ClassVar[dict[str, str]]
    """Type token -> the input that names the object."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id, old_state
        changes = judged.changes(ctx.token, old_inputs, inputs)
        renamed = any(names(change.path)[0] == self.name_inputs[ctx.token] for change in changes)
        return Diff(changes=tuple(changes), delete_before_replace=not renamed)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        work = self._work(ctx, id)
        found = work.describe()
        if found is None:
            raise NotFound(f"there is no {work.noun}")
        # What is declared is what is there, beside values that SageMaker filled in. An import
        # takes it all.
        seen = dict(inputs) if inputs else work.seen(found)
        declared = tags.declared(tags.of(self._cloud, work.arn(found)))
        if declared or "tags" in inputs:
            seen["tags"] = declared
        return id, seen, {**seen, "arn": work.arn(found)}

    def _work(self, ctx: Context, name: str) -> Planned:
        return Planned(ctx, self._cloud, ctx.token, name)
