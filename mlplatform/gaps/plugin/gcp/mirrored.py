"""Objects of Vertex AI whose inputs are the API's own message: monitoring, schedules, runs.

The contract judges the message, the vendor's client sends it. A run (a job that ends) is known by
the hash of its definition: a changed definition is another run beside the old one, and an update
after a kill finds the run that the killed one started instead of starting a second.

A cancel ends the waiting, never a run: what was made, or is being made, goes into the engine's
state, so that the next update goes on with it and a destroy ends it (docs/adr/0019).
"""

from __future__ import annotations

from typing import Any

from mlplatform import judged
from mlplatform.contracts import gcp as contract
from mlplatform.contracts.gcp import decode
from mlplatform.contracts.gcp.plan import get as plan_of
from mlplatform.contracts.paths import names
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.gaps.plugin.gcp import messages, registered
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.gaps.plugin.gcp.kinds import KINDS, Kind
from mlplatform.gaps.plugin.gcp.objects import Objects
from mlplatform.gaps.plugin.gcp.work import TimedOutError, Work
from mlplatform.provider.model import (
    Cancelled,
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN

_OUTPUTS = ("name", "state")


class Mirrored(ByContract[GcpCloud]):
    """Answers for one object of any of the kinds; made once for each call."""

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
        ident = KINDS[ctx.token].id_field
        named = ident is not None and old_inputs.get(ident) == inputs.get(ident)
        # An endpoint has one monitoring job, and an id one object: the old one goes first. So it
        # does where nothing but the display name tells the old one from the new one.
        by_name = ident is None and not KINDS[ctx.token].labelled
        first = named or by_name or KINDS[ctx.token].stop == "pause"
        replaced = any(change.replace for change in changes)
        return Diff(changes=tuple(changes), delete_before_replace=replaced and first)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, **dict.fromkeys(_OUTPUTS, UNKNOWN)}
        kind, objects = self._objects(ctx)
        try:
            found = self._there(ctx, kind, objects, inputs)
        except (Cancelled, TimedOutError) as error:
            begun = objects.begun(inputs)
            if begun is None:
                raise
            raise _unfinished(begun, inputs, error) from error
        name = str(found.name)
        try:
            found = objects.settled(name)
        except ProviderError as error:
            raise _unfinished(name, inputs, error) from error
        return name, messages.outputs(inputs, found)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        if ctx.preview:
            return {**inputs, **{k: old_state.get(k, UNKNOWN) for k in _OUTPUTS}}
        kind, objects = self._objects(ctx)
        objects.quiet(id)
        if kind.id_field is not None and objects.get(id) is None:
            # What a cancelled create asked for did not come to be.
            return messages.outputs(inputs, objects.made(inputs))
        objects.settled(id)
        changes = contract.changes(ctx.token, old_inputs, inputs)
        changed = {str(names(change.path)[0]) for change in changes}
        if not changed and not kind.run:
            changed = _updatable(ctx.token, inputs)  # an interrupted try may have done a part
        if changed:
            objects.changed(id, inputs, changed)
        return messages.outputs(inputs, objects.settled(id))

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        kind, objects = self._objects(ctx)
        name = objects.name(id)
        found = objects.get(name)
        if found is None:
            raise NotFound(f"there is no {name}")
        answer = messages.unmarked(messages.shown(found))
        if kind.id_field is not None:
            answer[kind.id_field] = messages.last(name)
        plan = plan_of(ctx.token)
        if inputs:
            seen = decode.inputs_now(plan, inputs, answer)
        else:
            seen = {k: v for k, v in decode.imported(plan, {}, answer).items() if v != []}
            seen = messages.as_asked(seen)
        return name, seen, messages.outputs(seen, found)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        kind, objects = self._objects(ctx)
        objects.quiet(id)
        found = objects.get(id)
        if found is not None:
            objects.stopped(found)
        if kind.registers and not objects.others(id):
            registered.remove(Work(ctx, self._cloud))
        if found is None:
            raise NotFound(f"there is no {id}")
        objects.deleted(id)

    def _objects(self, ctx: Context) -> tuple[Kind, Objects]:
        kind = KINDS[ctx.token]
        return kind, Objects(Work(ctx, self._cloud), kind)

    def _there(self, ctx: Context, kind: Kind, objects: Objects, inputs: dict[str, Any]) -> Any:
        """What an interrupted run made, brought to what is declared; else a new object."""
        if kind.id_field is not None:
            objects.quiet(objects.name(str(inputs[kind.id_field])))
        found = objects.mine(inputs)
        if found is None:
            return objects.made(inputs)
        if kind.run:
            return found
        return objects.changed(str(found.name), inputs, _updatable(ctx.token, inputs))


def _updatable(token: str, inputs: dict[str, Any]) -> set[str]:
    nodes = plan_of(token)["properties"]
    return {name for name in inputs if "replace" not in nodes[name]}


def _unfinished(name: str, inputs: dict[str, Any], error: ProviderError) -> Partial:
    state = {**inputs, "name": name}
    return Partial(id=name, state=state, inputs=inputs, reasons=[str(error)])
