"""``mlgap:aws:TrainingJob`` and ``mlgap:aws:HyperParameterTuningJob``: one run, waited for.

A run is an action, not a thing that is kept in shape: every change is another run, under another
name. Taking it out of the program stops it when it still runs, and deletes its record; the model
that it wrote stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlplatform.contracts.aws.encode import request
from mlplatform.gaps.plugin.aws.cloud import AwsError
from mlplatform.gaps.plugin.aws.immutable import Immutable
from mlplatform.gaps.plugin.aws.planned import Planned, not_there
from mlplatform.provider.model import (
    Context,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN


class Job(Immutable):
    """Answers for one run of either kind; made once for each call."""

    name_inputs: ClassVar = {
        "mlgap:aws:TrainingJob": "trainingJobName",
        "mlgap:aws:HyperParameterTuningJob": "hyperParameterTuningJobName",
    }

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, "arn": UNKNOWN}
        work = self._work(ctx, inputs[self.name_inputs[ctx.token]])
        found = work.describe()
        if found is None:
            work.create(inputs)
        elif not work.is_ours(found):
            raise work.not_ours()
        return work.name, self._finished(work, inputs, {})

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Tags; and after a run that failed or was not waited for, what became of it."""
        del old_inputs
        if ctx.preview:
            return {**inputs, "arn": old_state.get("arn", UNKNOWN)}
        work = self._work(ctx, id)
        found = work.describe()
        if found is not None:
            work.tag(found, inputs.get("tags") or {})
        return self._finished(work, inputs, old_state)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Stop what runs, wait until it has stopped, delete the record."""
        del inputs, state
        work = self._work(ctx, id)
        stop, remove = work.plan.delete
        found = work.describe()
        if found is None:
            return
        line = work.plan.wait["delete"]
        if found.get(line.path) in line.pending:
            try:
                work.send(stop.op, request(work.plan, stop, {"id": id}))
            except AwsError as error:
                if "not in" not in error.detail and not not_there(error):  # it ended meanwhile
                    raise
            work.settled("delete")
        try:
            work.send(remove.op, request(work.plan, remove, {"id": id}))
        except AwsError as error:
            if not not_there(error):
                raise

    def _finished(
        self, work: Planned, inputs: Mapping[str, Any], old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The outputs once the run has ended well."""
        try:
            found = work.settled("create")
            if found is None:
                raise NotFound(f"{work.noun} is gone; 'pulumi refresh' forgets it")
        except ProviderError as error:
            live = work.describe()
            if live is None:
                raise
            state = {**old, **inputs, "arn": work.arn(live)}
            reasons = [str(error), "a changed definition, or its removal, takes the failed run out"]
            raise Partial(
                id=work.name, state=state, inputs=dict(inputs), reasons=reasons
            ) from error
        return {**inputs, "arn": work.arn(found)}
