"""One collection of Vertex AI during one operation of the engine: find, make, change, end.

What an earlier run left under way is waited for before anything is decided. An object is found
again by its id where the stack chooses one, else by labels, else by what its kind names as owner.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts.gcp.rules.model import OWN_LABEL
from mlplatform.gaps.plugin.gcp import marks, messages
from mlplatform.gaps.plugin.gcp.kinds import Kind
from mlplatform.gaps.plugin.gcp.work import VertexError, Work
from mlplatform.provider.model import NotFound, ProviderError

_IN_VAIN = ("FAILED", "CANCELLED", "EXPIRED")
_ENDED = ("SUCCEEDED", "PARTIALLY_SUCCEEDED", *_IN_VAIN)
_SETTLE_PAUSE_S = 0.5


class Objects:
    """The objects of one kind in one project and region."""

    def __init__(self, work: Work, kind: Kind) -> None:
        self._work = work
        self._kind = kind
        self._client = work.cloud.client(kind.client, beta=kind.beta)

    def name(self, ident: str) -> str:
        """The resource name of an id; one that is a name already stays."""
        if "/" in ident:
            return ident
        return f"{self._work.cloud.parent}/{messages.collection(self._kind)}/{ident}"

    def get(self, name: str) -> Any:
        """The object; None when there is none."""
        try:
            return self._work.call(f"reading of {name}", self._method("get"), name=name)
        except VertexError as error:
            if error.code == "NOT_FOUND":
                return None
            raise

    def mine(self, inputs: dict[str, Any]) -> Any:
        """What an interrupted run made for this resource; None when there is none.

        Raises:
            ProviderError: something else has the id.
        """
        if self._kind.id_field is None:
            return self._listed(inputs)
        name = self.name(str(inputs[self._kind.id_field]))
        found = self.get(name)
        if found is not None and self._owner(messages.shown(found)) != self._owner(inputs):
            raise ProviderError(
                f"{name} exists already and this stack did not make it; choose another "
                f"{self._kind.id_field}, or take it over with "
                f"'pulumi import {self._work.ctx.token} {self._work.ctx.name} {name}'"
            )
        return found

    def others(self, name: str) -> list[str]:
        """Names of what this resource made besides, such as the run that takes over."""
        listed = self._work.call(
            f"search for what {messages.last(name)} stands beside",
            self._method("list"),
            parent=self._work.cloud.parent,
        )
        found = {str(one.name): one.labels.get(OWN_LABEL) for one in listed}
        owner = marks.owner(self._work.ctx.urn)
        return [one for one, label in found.items() if label == owner and one != name]

    def begun(self, inputs: dict[str, Any]) -> str | None:
        """The name of what was made, or is being made; for one last look before giving up."""
        if self._kind.id_field is not None:
            name = self.name(str(inputs[self._kind.id_field]))
            if self._work.busy(self._client, name):
                return name
        found = self.mine(inputs)
        return None if found is None else str(found.name)

    def quiet(self, name: str) -> None:
        """Wait for what an interrupted run left under way.

        Only what has an id of ours is made by an operation that may still run; everything else is
        there at once.
        """
        if self._kind.id_field is not None:
            self._work.quiet(self._client, name)

    def made(self, inputs: dict[str, Any]) -> Any:
        """A new object; after a lost answer the one that is there."""
        request: dict[str, Any] = {
            "parent": self._work.cloud.parent,
            self._kind.noun: messages.message(self._work.ctx.urn, self._kind, inputs),
        }
        if self._kind.id_field is not None:
            request[f"{self._kind.noun}_id"] = inputs[self._kind.id_field]
        what = f"creation of {messages.title(self._kind, inputs)}"
        answer = self._work.start(
            what, self._method("create"), made=lambda: self._after_loss(inputs), request=request
        )
        return self._work.finish(what, answer) if hasattr(answer, "done") else answer

    def changed(self, name: str, inputs: dict[str, Any], changed: set[str]) -> Any:
        """The object with some inputs changed in place."""
        fields = changed - {self._kind.id_field}
        message = messages.message(self._work.ctx.urn, self._kind, inputs)
        message.name = name
        what = f"update of {messages.title(self._kind, inputs)}"
        masks = self._kind.masks
        paths = {path for field in fields for path in masks.get(field, (messages.snake(field),))}
        request = {self._kind.noun: message, "update_mask": {"paths": sorted(paths)}}
        answer = self._work.call(what, self._method("update"), request=request)
        return self._work.finish(what, answer) if hasattr(answer, "done") else answer

    def settled(self, name: str) -> Any:
        """The object in a state in which it can be changed.

        Raises:
            NotFound: there is none.
            ProviderError: it ended, with Vertex AI's reason.
        """
        while True:
            found = self.get(name)
            if found is None:
                raise NotFound(f"there is no {name}")
            state = messages.state(found)
            if not self._kind.ready or state in self._kind.ready:
                return found
            if state.endswith(_ENDED):
                reason = found.error.message or "no reason given"
                raise ProviderError(f"{messages.last(name)} is {state}: {reason}")
            self._work.ctx.status(f"{messages.last(name)} is {state}")
            self._work.pause(f"waiting for {messages.last(name)}", _SETTLE_PAUSE_S)

    def stopped(self, found: Any) -> None:
        """End what runs; what has ended, or is paused, is left alone."""
        if self._kind.stop is None or _over(found):
            return
        name = str(found.name)
        what = f"end of {messages.last(name)}"
        self._work.call(what, self._method(self._kind.stop), name=name)
        while not _over(found):
            self._work.pause(what, _SETTLE_PAUSE_S)
            found = self.get(name)
            if found is None:
                return

    def deleted(self, name: str) -> None:
        """Delete, and wait for the end of it.

        Raises:
            NotFound: it is gone already.
        """
        try:
            self._work.do(f"deletion of {name}", self._method("delete"), name=name)
        except VertexError as error:
            if error.code == "NOT_FOUND":
                raise NotFound(str(error)) from error
            raise

    def _method(self, verb: str) -> Any:
        return getattr(self._client, f"{verb}_{self._kind.noun}{'s' if verb == 'list' else ''}")

    def _owner(self, message: dict[str, Any]) -> str:
        return messages.owner(self._kind, message)

    def _after_loss(self, inputs: dict[str, Any]) -> Any:
        """What a call made although its answer was lost."""
        if self._kind.id_field is not None:
            self.quiet(self.name(str(inputs[self._kind.id_field])))
        return self.mine(inputs)

    def _listed(self, inputs: dict[str, Any]) -> Any:
        wanted = messages.own_labels(self._work.ctx.urn, self._kind, inputs)
        text = f'display_name="{inputs["displayName"]}"'
        listed = self._work.call(
            f"search for {inputs['displayName']}",
            self._method("list"),
            request={"parent": self._work.cloud.parent, "filter": text},
        )
        for found in listed:
            labels = dict(found.labels) if self._kind.labelled else {}
            if self._kind.run and messages.state(found).endswith(_IN_VAIN):
                continue  # what did not succeed is run again
            if self._owner(messages.shown(found)) != self._owner(inputs):
                continue  # has the name and belongs to something else
            if all(labels.get(k) == v for k, v in wanted.items()):
                return found
        return None


def _over(found: Any) -> bool:
    return messages.state(found).endswith((*_ENDED, "PAUSED"))
