"""One object of AWS by its compiled plan: create, look, wait, delete, and whose it is.

The plan is the contract's own (``mlplatform.contracts.aws``): what was judged at preview is what
is sent. Resources that need more than that build on it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.aws import decode, encode
from mlplatform.contracts.aws.plan import Plan, plan
from mlplatform.gaps.plugin.aws import tags
from mlplatform.gaps.plugin.aws.cloud import AwsCloud, AwsError
from mlplatform.gaps.plugin.aws.waiting import Deadline
from mlplatform.provider.model import Context, ProviderError

_ROLE_SPREADS_S = 120.0
"""How long a new role may take until every service sees it; the ordinary provider waits as long
(terraform-provider-aws, propagationTimeout)."""

Answer = dict[str, Any]
"""What the describe call of the type answers."""


class Planned:
    """The work on one object, within the time that the program allows."""

    def __init__(self, ctx: Context, cloud: AwsCloud, token: str, name: str) -> None:
        self.ctx = ctx
        self.cloud = cloud
        self.name = name
        self.plan: Plan = plan(token)
        self.deadline = Deadline(ctx)
        self._roles_are_old = time.monotonic() + _ROLE_SPREADS_S

    @property
    def noun(self) -> str:
        """Such as ``FeatureGroup shop``, for messages."""
        return f"{self.plan.token.rpartition(':')[2]} {self.name}"

    def send(self, operation: str, params: Mapping[str, Any]) -> Answer:
        """One call of the type's service."""
        from botocore import xform_name

        return self.cloud.call(self.plan.service, xform_name(operation), **params)

    def describe(self) -> Answer | None:
        """The object now; None when there is none."""
        (call,) = self.plan.read
        try:
            return self.send(call.op, encode.request(self.plan, call, {"id": self.name}))
        except AwsError as error:
            if not not_there(error):
                raise
            return None

    def create(self, inputs: Mapping[str, Any]) -> None:
        """Create it, marked as this resource's."""
        marked = {**(inputs.get("tags") or {}), tags.OWNER_KEY: tags.owner(self.ctx.urn)}
        request = encode.request(self.plan, self.plan.create, {**inputs, "tags": marked})
        for _ in self.deadline.pauses(f"the role of {self.noun}"):
            try:
                self.send(self.plan.create.op, request)
            except AwsError as error:
                if not _role_is_new(error) or time.monotonic() > self._roles_are_old:
                    raise
                continue
            return

    def is_ours(self, found: Answer) -> bool:
        """Whether this resource made what is there."""
        mark = tags.of(self.cloud, self.arn(found)).get(tags.OWNER_KEY)
        return mark == tags.owner(self.ctx.urn)

    def not_ours(self) -> ProviderError:
        """What to say when something else has the name."""
        token = self.plan.token
        return ProviderError(
            f"{self.noun} exists already and this stack did not make it; choose another name, or "
            f"take it over with 'pulumi import {token} {self.ctx.name} {self.name}'"
        )

    def arn(self, found: Answer) -> str:
        """The object's ARN as the service shows it."""
        (call,) = self.plan.read
        return str(decode.dig(found, call.take["arn"].split(".")))

    def seen(self, found: Answer) -> dict[str, Any]:
        """The properties that the object has, without tags and outputs."""
        (call,) = self.plan.read
        shown = decode.outputs(self.plan, call, found)
        return {name: value for name, value in shown.items() if name in self.plan.properties}

    def settled(self, what: str) -> Answer | None:
        """The object once it left the states that ``what`` (create, update, delete) goes through.

        None once it is gone.

        Raises:
            ProviderError: it ended in another state, with the service's own reason.
        """
        line = self.plan.wait[what]
        for _ in self.deadline.pauses(f"the {what} of {self.noun}"):
            found = self.describe()
            if found is None:
                return None
            status = decode.dig(found, line.path.split(".")) or ""
            if status in line.ready:
                return found
            if status not in line.pending:
                reason = decode.dig(found, line.reason.split(".")) if line.reason else None
                raise ProviderError(f"{self.noun} is {status}: {reason or 'no reason given'}")
            self.ctx.status(f"{self.noun} is {status}")
        raise AssertionError("pauses end by raising")

    def delete(self) -> None:
        """Delete it and wait until it is gone; what is gone already is no error."""
        call = self.plan.delete[0]
        try:
            self.send(call.op, encode.request(self.plan, call, {"id": self.name}))
        except AwsError as error:
            if not not_there(error):
                raise
            return
        if "delete" in self.plan.wait:
            self.settled("delete")

    def tag(self, found: Answer, declared: Mapping[str, str]) -> None:
        """Make the tags those that the program declares, and mlgap's mark."""
        arn = self.arn(found)
        present = tags.of(self.cloud, arn)
        wanted = {**declared, tags.OWNER_KEY: tags.owner(self.ctx.urn)}
        tags.remove(self.cloud, arn, tags.declared(present).keys() - wanted.keys())
        changed = {key: value for key, value in wanted.items() if present.get(key) != value}
        tags.add(self.cloud, arn, changed, wanted)


def not_there(error: AwsError) -> bool:
    """Whether the service says that there is no such object; SageMaker has two ways to."""
    return error.code in ("ResourceNotFound", "ResourceNotFoundException") or (
        error.code == "ValidationException" and "Could not find" in error.detail
    )


def _role_is_new(error: AwsError) -> bool:
    # Words that terraform-provider-aws waits on for the same operations.
    return error.code == "ValidationException" and (
        "assume role" in error.detail or "execution role ARN is invalid" in error.detail
    )
