"""The stand-in for pulumi-aws: contracts judge, compiled plans call the local AWS cloud.

It behaves as the real provider where a program can tell: automatic names, update or replace,
waiting for states, patience with new identities, refresh that sees drift, errors in AWS's own
words.
"""

from __future__ import annotations

import json
import os
import re
import threading
from typing import Any

from mlplatform import contracts, judged
from mlplatform.contracts.aws.plan import Plan, plan
from mlplatform.contracts.paths import names
from mlplatform.provider.model import Change, Context, Diff, Failure, ProviderError
from mlplatform.provider.values import UNKNOWN, has_unknown
from mlplatform.sandbox.providers import aws_account as account
from mlplatform.sandbox.providers import aws_invoke, judge
from mlplatform.sandbox.providers import aws_naming as naming
from mlplatform.sandbox.providers import aws_special as special
from mlplatform.sandbox.providers.aws_action import Action
from mlplatform.sandbox.providers.aws_cloud import Cloud

_DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class Aws:
    """The provider object; see the module."""

    name = "aws"

    def __init__(self, version: str) -> None:
        self.version = version
        self._lock = threading.Lock()
        self._caller: account.Caller | None = None
        self._cloud: Cloud | None = None
        self.region = _DEFAULT_REGION
        self._default_tags: dict[str, str] = {}

    # The provider itself

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        """The region's form; all else is judged when the provider is configured."""
        region = config.get("region")
        if not region or has_unknown(region) or _REGION.fullmatch(region):
            return []
        reason = f"got {region!r}, allowed: a region such as {_DEFAULT_REGION}"
        return [Failure(path="region", reason=reason)]

    def configure(self, config: dict[str, Any]) -> None:
        """Take region, default tags and allowed accounts; refuse credentials of another account."""
        environ = os.environ
        ambient = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        found = config.get("region") or ambient
        self.region = found if found and not has_unknown(found) else _DEFAULT_REGION
        tags = _decoded(config.get("defaultTags")) or {}
        self._default_tags = dict((tags.get("tags") if isinstance(tags, dict) else None) or {})
        allowed = _decoded(config.get("allowedAccountIds")) or []
        if not allowed or has_unknown(allowed):
            return
        mine = self.caller.account
        if mine not in [str(one) for one in allowed]:
            raise ProviderError(
                f"credentials belong to account {mine}, the stack allows "
                f"{', '.join(str(one) for one in allowed)}"
            )

    @property
    def caller(self) -> account.Caller:
        """Who the credentials belong to; asked once."""
        with self._lock:
            if self._caller is None:
                endpoint = account.loopback(os.environ.get("AWS_ENDPOINT_URL"))
                key = os.environ.get("AWS_ACCESS_KEY_ID", "none")
                self._caller = account.caller(endpoint, key, self.region)
            return self._caller

    @property
    def cloud(self) -> Cloud:
        """The local cloud; made at the first call that needs it."""
        with self._lock:
            if self._cloud is None:
                endpoint = account.loopback(os.environ.get("AWS_ENDPOINT_URL"))
                self._cloud = Cloud(endpoint, self.region)
            return self._cloud

    # Resources

    def knows(self, token: str) -> bool:
        """The types that the contract covers."""
        return contracts.covers(token)

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """Name what has no name, then let the contract judge."""
        named, failures = naming.named(plan(ctx.token), ctx, inputs, old_inputs)
        for name in special.not_carried_out(ctx.token, inputs):
            ctx.warn(f"{name} is deprecated on {ctx.token}: the sandbox does not carry it out")
        taken = {failure.path for failure in failures}
        failures += judge.failures(ctx.token, named, besides=taken)
        return named, failures

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        """Update or replace, as AWS and the real provider would."""
        del id
        judged.refuse(ctx.token, old_inputs, inputs)
        changes = judged.changes(ctx.token, old_inputs, inputs)
        own, before = inputs.get("tags") or {}, old_state.get("tagsAll")
        if "tagsAll" in plan(ctx.token).outputs and before is not None and not has_unknown(own):
            declared_same = (old_inputs.get("tags") or {}) == own
            if declared_same and before != {**self._default_tags, **own}:
                changes.append(Change(path="tagsAll", kind="update"))
        replaces = any(change.replace for change in changes)
        given = naming.was_given(plan(ctx.token), inputs)
        return Diff(changes=tuple(changes), delete_before_replace=replaces and given)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create on the local cloud; in a preview, the inputs and unknown outputs."""
        if ctx.preview:
            return "", self._foreseen(plan(ctx.token), inputs, {})
        return self._action(ctx, inputs).create()

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """What the cloud shows; an import has neither inputs nor state and starts from the id."""
        found = plan(ctx.token)
        if not inputs and not state:
            start = naming.from_id(found, id)
            action = self._action(ctx, start, id=id)
            action.id = action.state["id"] = action._new_id(action.state) if start else id
            seen = action.read()
            shown = {k: v for k, v in seen.items() if k in found.properties}
            declared = {k: v for k, v in shown.items() if v not in ([], {}, "")}
            action.inputs = {**start, **declared}
            settled, outputs = action.settled(seen)
            return action.id, settled, outputs
        action = self._action(ctx, inputs, id=id, outputs=state)
        settled, outputs = action.settled(action.read())
        return id, settled, outputs

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Carry out the changes, and finish what an interrupted create or update left."""
        if ctx.preview:
            return self._foreseen(plan(ctx.token), inputs, old_state)
        changed = {names(c.path)[0] for c in contracts.changes(ctx.token, old_inputs, inputs)}
        if old_state.get("tagsAll") != {**self._default_tags, **(inputs.get("tags") or {})}:
            changed.add("tagsAll")
        return self._action(ctx, inputs, id=id, outputs=old_state).update(changed)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Delete; what is gone already is no error."""
        if inputs.get("skipDestroy") is True:
            return
        own = {key: value for key, value in state.items() if key in plan(ctx.token).properties}
        self._action(ctx, {**own, **inputs}, id=id, outputs=state).delete()

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """The data sources that programs use most."""
        return aws_invoke.invoke(self, token, args)

    # Shared

    def _action(
        self,
        ctx: Context,
        inputs: dict[str, Any],
        *,
        id: str = "",  # noqa: A002
        outputs: dict[str, Any] | None = None,
    ) -> Action:
        region = str(inputs.get("region") or self.region)
        return Action(
            plan=plan(ctx.token),
            cloud=self.cloud,
            ctx=ctx,
            place={
                "region": region,
                "account": self.caller.account,
                "partition": account.partition(region)[0],
            },
            default_tags=self._default_tags,
            inputs=inputs,
            id=id,
            outputs=dict(outputs or {}),
        )

    def _foreseen(
        self, found: Plan, inputs: dict[str, Any], state: dict[str, Any]
    ) -> dict[str, Any]:
        """What a preview can say: the inputs, old outputs, and unknown for what is to come."""
        given = {k: v for k, v in inputs.items() if v is not None and not k.startswith("__")}
        out = {**dict.fromkeys(found.outputs, UNKNOWN), **state, **given}
        if naming.prefix(found, inputs) is not None and found.auto_name is not None and not state:
            out[found.auto_name.property] = UNKNOWN
        if "tagsAll" in found.outputs:
            tags = inputs.get("tags")
            out["tagsAll"] = (
                {**self._default_tags, **(tags or {})} if not isinstance(tags, str) else UNKNOWN
            )
        return out


def _decoded(value: Any) -> Any:
    """A list or object of the configuration, which may still be JSON text."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value
