"""One resource's work on the local AWS cloud, driven by its compiled plan.

The order of a create is: the call that creates, the calls for settings that AWS keeps apart, tags,
waiting for the state that the real provider waits for, reading. From the first call on something
exists, so every failure after it becomes `Partial`: the engine keeps the object and finishes it
later.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlplatform.contracts.aws import decode
from mlplatform.contracts.aws.encode import filled_in, is_absent, request
from mlplatform.contracts.aws.plan import Call, Plan
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from mlplatform.sandbox.providers import aws_naming as naming
from mlplatform.sandbox.providers import aws_special as special
from mlplatform.sandbox.providers.aws_cloud import CallFailed, Cloud
from mlplatform.sandbox.providers.aws_settle import same, settle

UNFINISHED = "__unfinished"
_FIRST_LOOK_S = 0.05
_LONGEST_LOOK_S = 5.0


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
        if special.creates(plan.token, self.state):
            answer = self.api(plan.create.op, special.create_request(self, params))
        self.id = self.state["id"] = self._new_id(answer)
        return self.id, self._finished(lambda: self._after_create())

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
            seen["tags"] = self._read_tags(seen)
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
            self.wait("delete")

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
            inputs = self._settled_tags(inputs, seen.get("tags") or {})
        outputs = {
            **self._formulas(),
            **{name: value for name, value in seen.items() if name != "tags"},
            **{name: value for name, value in inputs.items() if not name.startswith("__")},
        }
        if "tagsAll" in self.plan.outputs:
            outputs["tagsAll"] = seen.get("tags") or self.all_tags
        return inputs, outputs

    def wait(self, what: str) -> None:
        """Wait for the state that follows a create, update or delete.

        Raises ProviderError with AWS's own reason when the object ends in another state.
        """
        line, call = self.plan.wait[what], self.plan.read[0]
        pause, deadline = _FIRST_LOOK_S, time.monotonic() + self.ctx.timeout_s
        while True:
            try:
                found = decode.part(call, self.send(call), self.state)
            except CallFailed as error:
                if not error.gone:
                    raise
                found = None
            if found is None:
                if what == "delete":
                    return
                raise NotFound(f"{self.id} disappeared")
            status = decode.dig(found, line.path.split(".")) or ""
            if status in line.ready:
                return
            if status not in line.pending:
                said = decode.dig(found, line.reason.split(".")) if line.reason else ""
                reason = said or "no reason given"
                raise ProviderError(f"{self.id} is {status or 'in no state'}: {reason}")
            if time.monotonic() > deadline:
                raise ProviderError(f"{self.id} is still {status} after {self.ctx.timeout_s:g} s")
            self.ctx.status(f"{status}")
            self.ctx.wait(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK_S)

    def _after_create(self) -> None:
        if "create" in self.plan.wait:
            self.wait("create")
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
            self.wait("update")
        if self.plan.tags and changed & {"tags", "tagsAll"}:
            self._update_tags()

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

    # Tags

    def _read_tags(self, seen: Mapping[str, Any]) -> dict[str, str]:
        call = self.plan.tags["list"]
        try:
            state = {**self.state, **seen}
            answer = self.api(call.op, request(self.plan, call, state))
        except CallFailed as error:
            if error.code in call.optional:
                return {}
            if not error.offered:
                return self.all_tags  # nothing can be said about drift then
            raise
        return decode.tags(decode.dig(answer, call.at.split(".")))

    def _settled_tags(self, inputs: dict[str, Any], seen: Mapping[str, str]) -> dict[str, Any]:
        declared = inputs.get("tags") or {}
        own = {
            key: value
            for key, value in seen.items()
            if key in declared or self.default_tags.get(key) != value
        }
        if not same(declared, own) or len(declared) != len(own):
            return {**inputs, "tags": own}
        return inputs

    def _update_tags(self) -> None:
        wanted, now = self.all_tags, self.read()["tags"]
        surplus = sorted(set(now) - set(wanted))
        add, remove = self.plan.tags["add"], self.plan.tags["remove"]
        if surplus and not (add.whole and wanted):
            extra = {"tagKeys": surplus, "tagKeyItems": [{"Key": key} for key in surplus]}
            self.api(remove.op, request(self.plan, remove, {**self.state, **extra}))
        missing = {key: value for key, value in wanted.items() if now.get(key) != value}
        if missing or (surplus and add.whole and wanted):
            values = {**self.state, "tags": wanted if add.whole else missing}
            self.api(add.op, request(self.plan, add, values))
