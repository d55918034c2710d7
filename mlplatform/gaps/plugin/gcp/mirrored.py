"""Objects of Vertex AI whose inputs are the API's own message: monitoring, schedules, runs.

The contract judges the message, the vendor's client sends it. A run (a job that ends) is known by
the hash of its definition: a changed definition is another run beside the old one, and an update
after a kill finds the run that the killed one started instead of starting a second.
"""

from __future__ import annotations

import re
from typing import Any

from mlplatform.contracts import gcp as contract
from mlplatform.contracts.gcp import decode
from mlplatform.contracts.gcp.plan import get as plan_of
from mlplatform.contracts.gcp.rules.model import OWN_LABEL
from mlplatform.contracts.paths import differences, names
from mlplatform.gaps.plugin.gcp import marks
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, beta_types, types
from mlplatform.gaps.plugin.gcp.kinds import KINDS, Kind
from mlplatform.gaps.plugin.gcp.work import VertexError, Work
from mlplatform.provider.model import (
    Change,
    Context,
    Diff,
    Failure,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN

RUN_LABEL = "mlgap-run"
"""Holds the hash of the definition that a run was made from."""
_OUTPUTS = ("name", "state")
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PARTIALLY_SUCCEEDED")
_SETTLE_PAUSE_S = 0.5


class Mirrored:
    """Answers for one object of any of the kinds; made once for each call."""

    def __init__(self, cloud: GcpCloud) -> None:
        self._cloud = cloud

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        del old_inputs
        given = {k: v for k, v in inputs.items() if v is not None}
        problems = contract.check(ctx.token, given)
        return given, [Failure(path=p.path, reason=p.reason) for p in problems]

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id, old_state
        kinds = {found.path: found.kind for found in differences(old_inputs, inputs)}
        changes = tuple(
            Change(path=c.path, kind=kinds[c.path], replace=c.kind == "replace")
            for c in contract.changes(ctx.token, old_inputs, inputs)
        )
        ident = KINDS[ctx.token].id_field
        named = ident is not None and old_inputs.get(ident) == inputs.get(ident)
        # An endpoint has one monitoring job, and an id one object: the old one goes first. So it
        # does where nothing but the display name tells the old one from the new one.
        by_name = ident is None and not KINDS[ctx.token].labelled
        first = named or by_name or KINDS[ctx.token].stop == "pause"
        replaced = any(change.replace for change in changes)
        return Diff(changes=changes, delete_before_replace=replaced and first)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        kind = KINDS[ctx.token]
        if ctx.preview:
            return "", {**inputs, **dict.fromkeys(_OUTPUTS, UNKNOWN)}
        work = Work(ctx, self._cloud)
        found = self._mine(work, kind, inputs)
        if found is None:
            found = self._made(work, kind, inputs)
        elif not kind.run:
            nodes = plan_of(ctx.token)["properties"]
            updatable = {name for name in inputs if "replace" not in nodes[name]}
            found = self._changed(work, kind, found.name, inputs, updatable)
        name = str(found.name)
        try:
            found = self._settled(work, kind, name)
        except ProviderError as error:
            state = {**inputs, "name": name}
            raise Partial(id=name, state=state, inputs=inputs, reasons=[str(error)]) from error
        return name, _outputs(inputs, found)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        kind = KINDS[ctx.token]
        if ctx.preview:
            return {**inputs, **{k: old_state.get(k, UNKNOWN) for k in _OUTPUTS}}
        changes = contract.changes(ctx.token, old_inputs, inputs)
        changed = {str(names(change.path)[0]) for change in changes}
        work = Work(ctx, self._cloud)
        self._settled(work, kind, id)
        found = self._changed(work, kind, id, inputs, changed) if changed else None
        return _outputs(inputs, found or self._settled(work, kind, id))

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        kind = KINDS[ctx.token]
        name = id if "/" in id else f"{self._cloud.parent}/{_collection(kind)}/{id}"
        found = self._get(Work(ctx, self._cloud), kind, name)
        if found is None:
            raise NotFound(f"there is no {name}")
        answer = _json(found)
        labels = {k: v for k, v in answer.get("labels", {}).items() if not k.startswith("mlgap-")}
        answer["labels"] = labels
        if kind.id_field is not None:
            answer[kind.id_field] = name.rpartition("/")[2]
        plan = plan_of(ctx.token)
        if inputs:
            seen = decode.inputs_now(plan, inputs, answer)
        else:
            seen = {k: v for k, v in decode.imported(plan, {}, answer).items() if v != []}
            seen = _as_asked(seen)
        return name, seen, _outputs(seen, found)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        kind = KINDS[ctx.token]
        work = Work(ctx, self._cloud)
        found = self._get(work, kind, id)
        if found is None:
            raise NotFound(f"there is no {id}")
        self._stopped(work, kind, found)
        try:
            work.do(f"deletion of {id}", self._call(work, kind, "delete"), name=id)
        except VertexError as error:
            if error.code == "NOT_FOUND":
                raise NotFound(str(error)) from error
            raise

    # The object

    def _call(self, work: Work, kind: Kind, verb: str) -> Any:
        client = work.cloud.client(kind.client, beta=kind.beta)
        return getattr(client, f"{verb}_{kind.noun}{'s' if verb == 'list' else ''}")

    def _get(self, work: Work, kind: Kind, name: str) -> Any:
        try:
            return work.call(f"reading of {name}", self._call(work, kind, "get"), name=name)
        except VertexError as error:
            if error.code == "NOT_FOUND":
                return None
            raise

    def _mine(self, work: Work, kind: Kind, inputs: dict[str, Any]) -> Any:
        """What an interrupted run made for this resource; None when there is none.

        Raises:
            ProviderError: something else has the id.
        """
        if kind.id_field is not None:
            name = f"{self._cloud.parent}/{_collection(kind)}/{inputs[kind.id_field]}"
            found = self._get(work, kind, name)
            if found is not None and _owner(kind, _json(found)) != _owner(kind, inputs):
                raise ProviderError(
                    f"{name} exists already and this stack did not make it; choose another "
                    f"{kind.id_field}, or take it over with "
                    f"'pulumi import {work.ctx.token} {work.ctx.name} {name}'"
                )
            return found
        wanted = _marks(work.ctx, kind, inputs)
        text = f'display_name="{inputs["displayName"]}"'
        listed = work.call(
            f"search for {inputs['displayName']}",
            self._call(work, kind, "list"),
            request={"parent": self._cloud.parent, "filter": text},
        )
        for found in listed:
            labels = dict(found.labels) if kind.labelled else {}
            if kind.run and _state(found).endswith(("FAILED", "CANCELLED", "EXPIRED")):
                continue  # what did not succeed is run again
            if _owner(kind, _json(found)) != _owner(kind, inputs):
                continue  # has the name and belongs to something else
            if all(labels.get(k) == v for k, v in wanted.items()):
                return found
        return None

    def _made(self, work: Work, kind: Kind, inputs: dict[str, Any]) -> Any:
        request: dict[str, Any] = {
            "parent": self._cloud.parent,
            kind.noun: self._message(work.ctx, kind, inputs),
        }
        if kind.id_field is not None:
            request[f"{kind.noun}_id"] = inputs[kind.id_field]
        what = f"creation of {_title(kind, inputs)}"
        answer = work.start(
            what,
            self._call(work, kind, "create"),
            made=lambda: self._mine(work, kind, inputs),
            request=request,
        )
        return work.finish(what, answer) if hasattr(answer, "done") else answer

    def _changed(
        self, work: Work, kind: Kind, name: str, inputs: dict[str, Any], changed: set[str]
    ) -> Any:
        fields = changed - {kind.id_field}
        message = self._message(work.ctx, kind, inputs)
        message.name = name
        what = f"update of {_title(kind, inputs)}"
        paths = {path for name in fields for path in kind.masks.get(name, (_snake(name),))}
        request = {kind.noun: message, "update_mask": {"paths": sorted(paths)}}
        answer = work.call(what, self._call(work, kind, "update"), request=request)
        return work.finish(what, answer) if hasattr(answer, "done") else answer

    def _settled(self, work: Work, kind: Kind, name: str) -> Any:
        """The object in a state in which it can be changed."""
        while True:
            found = self._get(work, kind, name)
            if found is None:
                raise NotFound(f"there is no {name}")
            state = _state(found)
            if not kind.ready or state in kind.ready:
                return found
            if state.endswith(_ENDED):
                reason = found.error.message or "no reason given"
                raise ProviderError(f"{_last(name)} is {state}: {reason}")
            work.ctx.status(f"{_last(name)} is {state}")
            work.pause(f"waiting for {_last(name)}", _SETTLE_PAUSE_S)

    def _stopped(self, work: Work, kind: Kind, found: Any) -> None:
        """End what runs; what has ended, or is paused, is left alone."""
        if kind.stop is None or _state(found).endswith((*_ENDED, "PAUSED")):
            return
        what = f"end of {_last(found.name)}"
        work.call(what, self._call(work, kind, kind.stop), name=found.name)
        while not _state(found).endswith((*_ENDED, "PAUSED")):
            work.pause(what, _SETTLE_PAUSE_S)
            found = self._get(work, kind, found.name)
            if found is None:
                return

    def _message(self, ctx: Context, kind: Kind, inputs: dict[str, Any]) -> Any:
        """The vendor's message, with the marks by which mlgap finds it again."""
        from google.protobuf import json_format

        library = beta_types() if kind.beta else types()
        given = {k: v for k, v in inputs.items() if k != kind.id_field}
        if kind.labelled:
            given["labels"] = {**given.get("labels", {}), **_marks(ctx, kind, inputs)}
        message = getattr(library, kind.message)()
        json_format.ParseDict(_whole(given), type(message).pb(message))
        return message


def _marks(ctx: Context, kind: Kind, inputs: dict[str, Any]) -> dict[str, str]:
    if not kind.labelled:
        return {}
    definition = {name: value for name, value in inputs.items() if name != "labels"}
    run = {RUN_LABEL: marks.fingerprint(definition)} if kind.run else {}
    return {OWN_LABEL: marks.owner(ctx.urn), **run}


def _title(kind: Kind, inputs: dict[str, Any]) -> str:
    """What people know it by."""
    return str(inputs.get("displayName") or inputs.get(kind.id_field or ""))


def _last(name: Any) -> str:
    return str(name).rpartition("/")[2]


def _whole(value: Any) -> Any:
    """The engine's doubles as whole numbers where they are, as the JSON reader wants them."""
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json(found: Any) -> dict[str, Any]:
    from google.protobuf import json_format

    shown: dict[str, Any] = json_format.MessageToDict(type(found).pb(found))
    return shown


def _owner(kind: Kind, message: dict[str, Any]) -> str:
    """What tells whose it is; without the project in a resource name, for answers may have its
    number.
    """
    at: Any = message
    for step in kind.owner.split("."):
        at = at.get(step) if isinstance(at, dict) else None
    return re.sub(r"^projects/[^/]+/", "", str(at or ""))


def _as_asked(seen: dict[str, Any]) -> dict[str, Any]:
    """Inputs without what a run that ended well filled in: which model it made, and of what.

    Source: aiplatform TrainingPipeline.modelToUpload; custom_task, baseOutputDirectory.
    """
    model, task = seen.get("modelToUpload"), seen.get("trainingTaskInputs")
    if not isinstance(model, dict) or not isinstance(task, dict):
        return seen
    folder = str(task.get("baseOutputDirectory", {}).get("outputUriPrefix", "")).rstrip("/")
    filled = {"name": model.get("name"), "artifactUri": f"{folder}/model"}
    asked = {k: v for k, v in model.items() if k not in filled or v != filled[k]}
    return {**seen, "modelToUpload": asked}


def _state(found: Any) -> str:
    state = getattr(found, "state", None)
    return str(state.name) if state is not None else ""


def _outputs(inputs: dict[str, Any], found: Any) -> dict[str, Any]:
    return {**inputs, "name": str(found.name), "state": _state(found)}


def _collection(kind: Kind) -> str:
    """``modelMonitors`` in resource names."""
    return f"{kind.message[0].lower()}{kind.message[1:]}s"


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
