"""``mlgap:aws:Model{Quality,Bias,Explainability}JobDefinition``: what a monitoring job does.

SageMaker has no call that changes one, so every change but that of tags is a new definition beside
the old one, which goes when no schedule names it any more. For two of them to stand side by side a
changed definition needs a new name.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform.gaps.plugin.aws.cloud import AwsError
from mlplatform.gaps.plugin.aws.immutable import Immutable
from mlplatform.provider.model import Context, NotFound
from mlplatform.provider.values import UNKNOWN

_NAME = "jobDefinitionName"


class JobDefinition(Immutable):
    """Answers for one definition of any of the three kinds; made once for each call."""

    name_inputs: ClassVar = {
        f"mlgap:aws:Model{kind}JobDefinition": _NAME
        for kind in ("Quality", "Bias", "Explainability")
    }

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, "arn": UNKNOWN}
        work = self._work(ctx, inputs[_NAME])
        found = work.describe()
        if found is None:
            try:
                work.create(inputs)
            except AwsError as error:
                if error.code == "ResourceInUse":
                    raise work.not_ours() from error
                raise
            found = work.describe() or {}
        elif not work.is_ours(found):
            raise work.not_ours()
        return work.name, {**inputs, "arn": work.arn(found)}

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Tags; everything else is another definition."""
        del old_inputs
        if ctx.preview:
            return {**inputs, "arn": old_state.get("arn", UNKNOWN)}
        work = self._work(ctx, id)
        found = work.describe()
        if found is None:
            raise NotFound(f"there is no {work.noun}; 'pulumi refresh' forgets it")
        work.tag(found, inputs.get("tags") or {})
        return {**inputs, "arn": work.arn(found)}

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        self._work(ctx, id).delete()
