"""One resource's work on the local AWS cloud, driven by its compiled plan.

The order of a create is: the call that creates, the calls for settings that AWS keeps apart, tags,
waiting for the state that the real provider waits for, reading. From the first call on something
exists, so every failure after it becomes `Partial`: the engine keeps the object and finishes it
later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlplatform.contracts.aws import decode, lifecycle
from mlplatform.contracts.aws.encode import filled_in, is_absent, request
from mlplatform.contracts.aws.plan import Call, Plan
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from mlplatform.sandbox.providers import aws_adoption as adoption
from mlplatform.sandbox.providers import aws_naming as naming
from mlplatform.sandbox.providers import aws_special as special
from mlplatform.sandbox.providers import aws_tags as tags
from mlplatform.sandbox.providers.aws_cloud import CallFailed, Cloud
from mlplatform.sandbox.providers.aws_settle import settle
from mlplatform.sandbox.providers.aws_wait import wait

UNFINISHED = "__unfinished"


@dataclass
class Action:
    """The work on one resource.

    place: what templates may use beside the resource's own values: region, account, partition.
    default_tags: the provider's tags for everything. state: inputs, outputs and place in one.
    """

    plan: Plan
    cloud: Cloud
    ctx: Context
    place: Mapping[str, str]
    default_tags: Mapping[str, str]
    inputs: dict[str, Any]
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        given = {k: v for k, v in self.inputs.items() if v is not None and not k.startswith("__")}
        # Of the last outputs only what the cloud decided: a property that the program no longer
        # gives must not be sent again.
        auto = self.plan.auto_name.property if self.plan.auto_name else ""
        decided = {
            name: value
            for name, value in self.outputs.items()
            if name == auto or name not in self.plan.properties
        }
        self.state = {**decided, **given, **self.place, "id": self.id}
        if "region" in given:
            self.state["region"] = given["region"]
        for name, node in self.plan.properties.items():
            if node.filled is not None and is_absent(self.state.get(name)):
                self.state[name] = node.filled
        special.normalise(self.plan.token, self.state)
        if self.plan.tags:
            self.state["tags"] = self.all_tags

    @property
    def all_tags(self) -> dict[str, str]:
        """The resource's own tags over the provider's default tags."""
        return {**self.default_tags, **(self.inputs.get("tags") or {})}

    def api(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """One call of the type's service in the resource's region."""
        region = str(self.state["region"])
        return self.cloud.call(self.ctx, self.plan.service, operation, params, region)

    def send(self, call: Call) -> dict[str, Any]:
        """One call of the plan, with the state's values."""
        return self.api(call.op, request(self.plan, call, self.state))

    # The four verbs

    def create(self) -> tuple[str, dict[str, Any]]:
        """Make the object, finish it, read it."""
        plan, start = self.plan, naming.prefix(self.plan, self.inputs)
        if start is not None and plan.auto_name is not None:
            self.state[plan.auto_name.property] = naming.made_from_prefix(start)
        params = request(plan, plan.create, self.state)
        answer: dict[str, Any] = {}
        name = "" if plan.id.startswith("@") else self._new_id(answer)
        if name:
            adoption.note(self.ctx.urn, name)
        if special.creates(plan.token, self.state):
            try:
                answer = self.api(plan.create.op, special.create_request(self, params))
            except CallFailed as error:
                if not (name and error.taken and adoption.ours(self.ctx.urn, name)):
                    raise
                return self._adopted(name, error)
        self.id = self.state["id"] = self._new_id(answer)
        return self.id, self._finished(self._after_create)

    def _adopted(self, name: str, error: CallFailed) -> tuple[str, dict[str, Any]]:
        """Take over what an interrupted run made, when it can become what is wanted."""
        self.id = self.state["id"] = name
        there = self.settled(self.read())[0]
        if any(c.kind != "update" for c in lifecycle.changes(self.plan, there, self.inputs)):
            raise error
        if "create" in self.plan.wait:
            wait(self, "create")
        everything = {*self.inputs, *(["tags"] if self.plan.tags else [])}
        return name, self._finished(lambda: self._after_update(everything))

    def update(self, changed: Iterable[str]) -> dict[str, Any]:
        """Carry out the changes of the named top-level properties; then read."""
        if self.outputs.pop(UNFINISHED, False):
            changed = {*changed, *self.inputs}
        names = set(changed)
        return self._finished(lambda: self._after_update(names))

    def read(self) -> dict[str, Any]:
        """What the cloud shows of properties and outputs; NotFound when the object is gone."""
        seen: dict[str, Any] = {}
        for position, call in enumerate(self.plan.read):
            try:
                found = decode.part(call, self.send(call), self.state)
            except CallFailed as error:
                if position and (error.code in call.optional or error.gone):
                    continue
                if error.gone:
                    raise NotFound(str(error)) from None
                raise
            if found is None:
                raise NotFound(f"{self.id} is gone")
            kept = {name: decode.dig(found, path.split(".")) for name, path in call.keep.items()}
            shown = decode.outputs(self.plan, call, found)
            self.state.update(kept)
            self.state.update({k: v for k, v in shown.items() if k not in self.inputs})
            seen.update(shown)
        self.state.update(self._formulas())
        if self.plan.tags:
            seen["tags"] = tags.read(self, seen)
        return seen

    def delete(self) -> None:
        """Delete, and wait until it is gone; what is gone already is no error."""
        try:
            special.before_delete(self)
            for call in self.plan.delete:
                self.send(call)
        except CallFailed as error:
            if not error.gone and not self._is_gone():
                raise
        if "delete" in self.plan.wait:
            wait(self, "delete")

    # Their parts

    def settled(self, seen: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """(inputs, outputs) after a read: what was declared, with the values that the cloud
        shows.
        """
        inputs: dict[str, Any] = {}
        for name, value in self.inputs.items():
            sent = self.plan.properties.get(name)
            known = name != "tags" and sent is not None and sent.role == "api"
            in_cloud = seen.get(name) if known or name in seen else None
            inputs[name] = value if name == "tags" else settle(value, in_cloud)
        if self.plan.tags:
            inputs = tags.settled(self, inputs, seen.get("tags") or {})
        outputs = {
            **self._formulas(),
            **{name: value for name, value in seen.items() if name != "tags"},
            **{name: value for name, value in inputs.items() if not name.startswith("__")},
        }
        if "tagsAll" in self.plan.outputs:
            outputs["tagsAll"] = seen.get("tags") or self.all_tags
        return inputs, outputs

    def _after_create(self) -> None:
        if "create" in self.plan.wait:
            wait(self, "create")
        for call in self.plan.calls:
            if call.on == "both" and self._wanted(call, set(self.inputs)):
                self.send(call)
        special.after_create(self)
        if self.plan.tags and self.all_tags and "tags" not in self.plan.create.send:
            self.read()
            self.send(self.plan.tags["add"])

    def _after_update(self, changed: set[str]) -> None:
        sent, covered = False, set[str]()
        for call in self.plan.calls:
            covered |= {*call.send, *call.when, *(p.split(".")[0] for p in call.sub)}
            if self._wanted(call, changed):
                self.send(call)
                sent = True
        left = (changed & set(self.plan.create.send)) - covered - {"tags"}
        if any(self.plan.lifecycle[name]["kind"] == "update" for name in left):
            params = request(self.plan, self.plan.create, {**self.state, "tags": None})
            if special.creates(self.plan.token, self.state):
                self.api(self.plan.create.op, special.create_request(self, params))
            sent = True
        special.after_update(self, changed)
        if sent and "update" in self.plan.wait:
            wait(self, "update")
        if self.plan.tags and changed & {"tags", "tagsAll"}:
            tags.update(self)

    def _finished(self, work: Any) -> dict[str, Any]:
        try:
            work()
            return self.settled(self.read())[1]
        except Partial:
            raise
        except ProviderError as error:
            kept = {k: v for k, v in self.inputs.items() if not k.startswith("__")}
            state = {**self._formulas(), **self.outputs, **kept, UNFINISHED: True}
            raise Partial(
                id=self.id, state=state, inputs=self.inputs, reasons=[str(error)]
            ) from None

    def _wanted(self, call: Call, changed: set[str]) -> bool:
        """Whether a call belongs to this change: its properties are in it and have its values."""
        if call.absent:
            return any(n in changed and is_absent(self.state.get(n)) for n in call.absent)
        names = {*call.send, *call.when, *(path.split(".")[0] for path in call.sub)}
        if not names & changed:
            return False
        values = {**self.plan.defaults, **self.state}
        if any(values.get(name) != value for name, value in call.when.items()):
            return False
        return bool(call.when) or any(not is_absent(self.state.get(name)) for name in names)

    def _new_id(self, answer: Mapping[str, Any]) -> str:
        if self.plan.id.startswith("@"):
            return str(decode.dig(answer, self.plan.id[1:].split(".")))
        return str(filled_in(self.plan.id, self.state))

    def _formulas(self) -> dict[str, Any]:
        return {name: filled_in(text, self.state) for name, text in self.plan.formulas.items()}

    def _is_gone(self) -> bool:
        try:
            self.read()
        except NotFound:
            return True
        return False
