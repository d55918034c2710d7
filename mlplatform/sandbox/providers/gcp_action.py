"""One resource of the stand-in: create, read, update, delete, and what a preview can foresee."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mlplatform.contracts.gcp import decode, encode, names
from mlplatform.contracts.gcp.encode import Request
from mlplatform.contracts.gcp.plan import Plan, get
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN
from mlplatform.sandbox.providers import gcp_bindings, gcp_naming, gcp_objects
from mlplatform.sandbox.providers.gcp_notes import Notes
from mlplatform.sandbox.providers.gcp_rest import Missing, Refused, Rest

_ABANDON, _PREVENT = "ABANDON", "PREVENT"
_EXISTS = 409
_SETTLE_TRIES = 40
_SETTLE_WAIT_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider's configuration. region: also the default location."""

    project: str = ""
    region: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    attribution: bool = True


@dataclass(kw_only=True)
class Action:
    """What one call of the engine does with one resource."""

    token: str
    ctx: Context
    inputs: dict[str, Any]
    settings: Settings
    cloud: Callable[[], Rest]
    ident: str = ""
    """The id in the state; needed where the service named the object."""
    notes: Notes = field(default_factory=Notes)

    @cached_property
    def plan(self) -> Plan:
        """The type's compiled plan."""
        return get(self.token)

    @cached_property
    def whole(self) -> dict[str, Any]:
        """The inputs with the provider's project, location and labels."""
        whole = {k: v for k, v in self.inputs.items() if not k.startswith("__") and v is not None}
        properties = self.plan["properties"]
        if "project" in properties and not whole.get("project") and self.settings.project:
            whole["project"] = self.settings.project
        for name in ("location", "region"):
            placed = f"{{{name}}}" in self.plan["name"]
            if placed and name in properties and not whole.get(name) and self.settings.region:
                whole[name] = self.settings.region
        labels = self._labels.get("effectiveLabels")
        if labels:
            whole["labels"] = labels
        short = str(whole.get("cryptoKeyId", ""))
        if short.count("/") in (2, 3):
            *project, location, ring, key = short.split("/")
            owner = f"projects/{project[0] if project else self.settings.project}"
            whole["cryptoKeyId"] = f"{owner}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}"
        if self.ident and names.named_by_service(self.plan):
            whole["name"] = self.ident
        return {**self.plan.get("defaults", {}), **whole}

    @cached_property
    def _labels(self) -> dict[str, Any]:
        settings = self.settings
        return gcp_naming.labelled(self.plan, self.inputs, settings.labels, settings.attribution)

    # What the engine asks for

    def foreseen(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """What a preview can say: inputs, old outputs, formulas, unknown for what is to come."""
        unknown = dict.fromkeys([*self.plan.get("outputs", {}), *self._late()], UNKNOWN)
        out = {**unknown, **state, **self._shown(self.whole), **self._labels}
        for name, template in self.plan.get("formulas", {}).items():
            with contextlib.suppress(LookupError):
                out[name] = names.fill(template, {**out, **self.whole})
        return out

    def create(self) -> tuple[str, dict[str, Any]]:
        """Make the object, wait for it, and read it back."""
        self._need_place()
        if "policy" in self.plan:
            outputs = gcp_bindings.add(self.cloud(), self.ctx, self.plan, self.whole)
            return gcp_bindings.identity(self.plan, self.whole), self._outputs_of(outputs)
        if names.named_by_service(self.plan):
            answer = self._make()
            made = dataclasses.replace(self, ident=str(answer["name"]))
            return made.ident, made._outputs(answer)
        ident = names.pulumi_id(self.plan, self.whole)
        mine = self.notes.mine(f"{self.token} {ident}", self.ctx.urn)
        self.notes.write(f"{self.token} {ident}", self.ctx.urn)
        try:
            answer = self._make()
        except Refused as refused:
            adopt = mine or self.inputs.get("createIgnoreAlreadyExists")
            if refused.http == _EXISTS and self.token == gcp_objects.ROLE and not adopt:
                name = names.self_name(self.plan, self.whole)
                adopt = gcp_objects.undelete_role(self.cloud(), self.ctx, name)
            if refused.http != _EXISTS or not adopt:
                raise
            return ident, self._adopted()
        try:
            for name in self.plan.get("switch", {}):
                if self.whole.get(name):
                    self._call(encode.switch(self.plan, name, True, self.whole))
            if "read" in self.plan["calls"]:
                answer = self._settled()
        except ProviderError as error:
            # The object is there: keep it in the state, or the next run would make it twice.
            raise Partial(
                id=ident, state=self.foreseen({}), inputs=self.inputs, reasons=[str(error)]
            ) from None
        return ident, self._outputs(answer)

    def refreshed(self, state: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs with what drifted, and outputs; NotFound when the object is gone."""
        if "policy" in self.plan:
            outputs = gcp_bindings.read(self.cloud(), self.ctx, self.plan, self.whole)
            return self.inputs, self._outputs_of(outputs)
        if "read" not in self.plan["calls"]:
            return self.inputs, dict(state)
        answer = self._read()
        own = {k: v for k, v in self.inputs.items() if k != gcp_naming.DEFAULTS}
        if own.get("labels"):
            # Labels that others add are not this resource's (the provider leaves them alone too).
            labels = answer.get("labels", {})
            answer = {**answer, "labels": {k: labels[k] for k in own["labels"] if k in labels}}
        now = decode.inputs_now(self.plan, own, answer)
        if gcp_naming.DEFAULTS in self.inputs:
            now[gcp_naming.DEFAULTS] = self.inputs[gcp_naming.DEFAULTS]
        refreshed = dataclasses.replace(self, inputs=now)
        return now, refreshed._outputs(answer)

    def imported(self, text: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Id, inputs and outputs of an object that is there already."""
        if "policy" in self.plan:
            named = names.split_member_id(self.plan, text)
        else:
            named = names.from_id(self.plan, text)
        if not named:
            form = self.plan.get("id", self.plan["name"])
            raise ProviderError(f"import id: got {text!r}, allowed: {form}")
        if names.named_by_service(self.plan):
            return self._imported_by_name(text)
        action = dataclasses.replace(self, inputs=dict(named))
        ident = names.pulumi_id(action.plan, action.whole)
        if "policy" in self.plan:
            return (ident, *action.refreshed({}))
        answer = action._read()
        inputs = decode.imported(self.plan, named, answer)
        labels = {
            k: v
            for k, v in (inputs.pop("labels", None) or {}).items()
            if k not in gcp_naming.ATTRIBUTION
        }
        if labels:
            inputs["labels"] = labels
        return ident, inputs, dataclasses.replace(self, inputs=inputs)._outputs(answer)

    def _imported_by_name(self, text: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        action = dataclasses.replace(self, inputs={}, ident=text)
        answer = action._read()
        # `projects/P/alertPolicies/N`: the project is the one input that the name carries.
        inputs = decode.imported(self.plan, {"project": text.split("/")[1]}, answer)
        return text, inputs, dataclasses.replace(action, inputs=inputs)._outputs(answer)

    def update(self, changed: Iterable[str]) -> dict[str, Any]:
        """Change the given top-level properties in place."""
        names_changed = set(changed)
        for name in sorted(names_changed & set(self.plan.get("switch", {}))):
            self._call(encode.switch(self.plan, name, bool(self.whole.get(name)), self.whole))
        if self.token == gcp_objects.OBJECT and names_changed & {"source", "content"}:
            gcp_objects.upload(self.cloud(), self.ctx, self.plan, self.whole)
        if self.token == gcp_objects.SUBNETWORK and "ipCidrRange" in names_changed:
            path = f"/compute/v1/{names.self_name(self.plan, self.whole)}/expandIpCidrRange"
            content = {"ipCidrRange": self.whole["ipCidrRange"]}
            self._call(Request(method="POST", path=path, body=content, operation=True))
            names_changed.remove("ipCidrRange")
        if "update" in self.plan.get("calls", {}):
            request = encode.update(self.plan, self.whole, names_changed)
            if request is not None and self.plan.get("fingerprint"):
                current = {"fingerprint": self._read()["fingerprint"]}
                request = dataclasses.replace(request, body={**request.body, **current})
            if request is not None:
                self._call(self._with_rotation(request, names_changed))
        if "read" not in self.plan.get("calls", {}):
            return self.foreseen({})
        return self._outputs(self._read())

    def delete(self) -> None:
        """Remove the object, or leave it where the service or the program wants so."""
        policy = self.inputs.get("deletionPolicy")
        if policy == _PREVENT:
            raise ProviderError("deletionPolicy is PREVENT: set it to DELETE first")
        if policy == _ABANDON:
            return
        with contextlib.suppress(NotFound):
            self._remove()
        if not names.named_by_service(self.plan):
            self.notes.erase(f"{self.token} {names.pulumi_id(self.plan, self.whole)}")

    # Shared

    def _remove(self) -> None:
        if "policy" in self.plan:
            gcp_bindings.remove(self.cloud(), self.ctx, self.plan, self.whole)
        elif self.token == gcp_objects.KEY:
            gcp_objects.retire_key(self.cloud(), self.ctx, names.self_name(self.plan, self.whole))
        elif "delete" in self.plan["calls"] and self._wanted_gone():
            if self.token == gcp_objects.BUCKET and self.inputs.get("forceDestroy"):
                gcp_objects.empty_bucket(self.cloud(), self.ctx, str(self.whole["name"]))
            self._call(encode.delete(self.plan, self.whole))

    def _make(self) -> dict[str, Any]:
        """Send the create call; the answer of the object or of its operation."""
        if self.token == gcp_objects.OBJECT:
            return gcp_objects.upload(self.cloud(), self.ctx, self.plan, self.whole)
        request = encode.create(self.plan, self.whole)
        return self._call(self._with_rotation(request, set(self.whole)))

    def _adopted(self) -> dict[str, Any]:
        """Take over what an interrupted run made, and bring it to what is declared now."""
        answer = self._settled()
        now = decode.inputs_now(self.plan, self.whole, answer)
        changed = {k for k in self.whole if now.get(k) != self.whole[k]}
        return self.update(changed) if changed else self._outputs(answer)

    def _with_rotation(self, request: Request, changed: set[str]) -> Request:
        """KMS: the first rotation's time goes with the period."""
        if self.token != gcp_objects.KEY or "rotationPeriod" not in changed:
            return request
        period = self.whole.get("rotationPeriod")
        query = dict(request.query)
        if "updateMask" in query:
            query["updateMask"] += ",nextRotationTime"
        content = gcp_objects.with_next_rotation(request.body, period)
        return dataclasses.replace(request, body=content, query=query)

    def _settled(self) -> dict[str, Any]:
        """The object, once the service finds it: a new identity is not found for a while."""
        for _ in range(_SETTLE_TRIES):
            try:
                return self._read()
            except Missing:
                self.ctx.wait(_SETTLE_WAIT_S)
        return self._read()

    def _read(self) -> dict[str, Any]:
        answer = dict(self._call(encode.read(self.plan, self.whole)))
        gone = self.plan.get("gone", {})
        if (gone and all(answer.get(k) == v for k, v in gone.items())) or answer.get("deleted"):
            raise NotFound(f"{self.ctx.name} is gone")
        return answer

    def _call(self, request: Request) -> dict[str, Any]:
        answer = self.cloud().call(self.ctx, request)
        if request.operation:
            version = request.path.split("/")[1]
            return self.cloud().wait(self.ctx, answer, version)
        return dict(answer or {})

    def _outputs(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        outputs = decode.outputs(self.plan, self._shown(self.whole), answer)
        if self.token == gcp_objects.OBJECT:
            outputs |= gcp_objects.object_outputs(dict(answer))
        return self._outputs_of(outputs)

    def _outputs_of(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        own = {k: v for k, v in outputs.items() if k not in ("labels",)}
        if self.inputs.get("labels") is not None:
            own["labels"] = self.inputs["labels"]
        return {**copy.deepcopy(own), **self._labels}

    def _shown(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        shown = {k: v for k, v in whole.items() if k != "labels"}
        if self.inputs.get("labels") is not None:
            shown["labels"] = self.inputs["labels"]
        return shown

    def _late(self) -> list[str]:
        return ["etag"] if "policy" in self.plan else []

    def _wanted_gone(self) -> bool:
        """A service stays on unless the program wants it off."""
        setting = self.plan.get("kept_unless")
        return setting is None or bool(self.inputs.get(setting))

    def _need_place(self) -> None:
        """Say which provider setting is missing, before a URL is built without it."""
        template = f"{self.plan['name']} {self.plan.get('parent', '')}"
        for hole in re.findall(r"\{(project|location|region)\}", template):
            if not self.whole.get(hole):
                setting = "project" if hole == "project" else "region"
                raise ProviderError(f"{hole} is not set: give it, or gcp:{setting}")
