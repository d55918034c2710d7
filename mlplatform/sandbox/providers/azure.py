"""The stand-in for pulumi-azure-native: the contract judges, the local Azure carries out.

It behaves as the real provider where a program can tell (read in its source, provider.go and
diff.go): automatic names, PUT for create and update, waiting for operations, refusing to create
what exists, delete before replace, refresh by the difference of outputs, a failed create that
stays in the state.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from mlplatform import judged
from mlplatform.contracts import azure as contract
from mlplatform.provider.model import (
    Context,
    Diff,
    Failure,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import has_unknown
from mlplatform.sandbox.providers import azure_blob as blob
from mlplatform.sandbox.providers import azure_naming as naming
from mlplatform.sandbox.providers import judge
from mlplatform.sandbox.providers.azure_arm import MAKER, Arm, ArmFailure
from mlplatform.sandbox.providers.azure_invoke import invoke
from mlplatform.sandbox.providers.azure_refresh import drifted

_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


class AzureNative:
    """The provider object; see the module."""

    name = "azure-native"

    def __init__(self, version: str) -> None:
        self.version = version
        self._lock = threading.Lock()
        self._arm: Arm | None = None
        self._location = ""
        self._subscription = os.environ.get("ARM_SUBSCRIPTION_ID", _NO_SUBSCRIPTION)
        self._tenant = os.environ.get("ARM_TENANT_ID", "")

    @property
    def arm(self) -> Arm:
        """The local Azure; connected at the first call that needs it."""
        with self._lock:
            if self._arm is None:
                self._arm = Arm()
            return self._arm

    # The provider itself

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        """Subscription and tenant are GUIDs."""
        found = []
        for name in ("subscriptionId", "tenantId"):
            value = config.get(name)
            if value and not has_unknown(value) and not contract.is_guid(value):
                found.append(Failure(path=name, reason=f"got {value!r}, allowed: a GUID"))
        return found

    def configure(self, config: dict[str, Any]) -> None:
        """Take subscription and default location; refuse what the sandbox does not play."""
        given = {name: config.get(name) for name in ("subscriptionId", "tenantId", "location")}
        known = {name: str(v) for name, v in given.items() if v and not has_unknown(v)}
        self._subscription = known.get("subscriptionId", self._subscription)
        self._location = known.get("location", "")
        tenant = known.get("tenantId", self._tenant)
        wrong = []
        if self._tenant and tenant.lower() != self._tenant.lower():
            wrong.append(
                f"the credentials belong to tenant {self._tenant}, the stack says {tenant}"
            )
        # Set when the sandbox plays one subscription; a program without one may use any.
        seen = os.environ.get("MLP_SANDBOX_AZURE_SUBSCRIPTION_ID", self._subscription)
        if seen.lower() != self._subscription.lower():
            wrong.append(
                f"the credentials see subscription {seen}, the stack says {self._subscription}"
            )
        if wrong:
            raise ProviderError("; ".join(wrong))

    # Resources

    def knows(self, token: str) -> bool:
        """The types that the contract covers, and blobs."""
        return token == blob.TOKEN or contract.covers(token)

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """Name what has no name, fill in the location, then let the contract judge."""
        if ctx.token == blob.TOKEN:
            return blob.check(ctx, inputs)
        named = naming.named(contract.types()[ctx.token], ctx, inputs, old_inputs)
        if self._location and contract.located(ctx.token):
            named.setdefault("location", self._location)
        return named, judge.failures(ctx.token, named, besides=())

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        """Replace where the real provider replaces; what Azure will refuse is an update here."""
        if ctx.token == blob.TOKEN:
            return blob.diff(old_inputs, inputs)
        del id, old_state
        changes = judged.changes(ctx.token, old_inputs, inputs)
        replace = any(change.replace for change in changes)
        return Diff(changes=tuple(changes), delete_before_replace=replace)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """PUT what does not exist yet."""
        if ctx.token == blob.TOKEN:
            return blob.create(self.arm, ctx, inputs, self._subscription)
        if ctx.preview:
            return "", contract.foresee(ctx.token, inputs)
        inputs = self._located(ctx, inputs)
        request = self._request(ctx, inputs)
        self._refuse_existing(ctx, request)
        self._write(ctx, request, inputs)
        answer = self._get(ctx, request.path)
        return str(answer["id"]), contract.outputs(ctx.token, answer)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """What Azure shows; an import starts from the id alone."""
        if ctx.token == blob.TOKEN:
            return id, inputs, blob.read(self.arm, inputs, state)
        in_path = contract.inputs(ctx.token, id)
        if in_path is None:
            template = contract.types()[ctx.token].path
            raise ProviderError(f"got the id {id!r}, allowed: {template}")
        answer = self._get(ctx, id)
        outputs = contract.outputs(ctx.token, answer)
        now = contract.project(ctx.token, outputs)
        if not inputs:
            return str(answer["id"]), {**now, **in_path}, outputs
        before = contract.project(ctx.token, state)
        return str(answer["id"]), drifted(inputs, before, now), outputs

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """PUT the whole again. What Azure would refuse is refused in the preview already."""
        if ctx.token == blob.TOKEN:
            return blob.create(self.arm, ctx, inputs, self._subscription)[1]
        judged.refuse(ctx.token, old_inputs, inputs)
        if ctx.preview:
            return {**old_state, **contract.foresee_update(ctx.token, inputs, old_state)}
        inputs = self._located(ctx, inputs)
        self._write(ctx, self._request(ctx, inputs), inputs)
        return contract.outputs(ctx.token, self._get(ctx, id))

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """DELETE; what is gone already is no error. A key goes as if its vault were asked."""
        del state
        if ctx.token == blob.TOKEN:
            return blob.delete(self.arm, inputs)
        return self.arm.remove(ctx, id, contract.types()[ctx.token].api_version)

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """The functions that programs use most."""
        return invoke(self.arm, token, args, subscription=self._subscription, tenant=self._tenant)

    # Shared

    def _request(self, ctx: Context, inputs: Mapping[str, Any]) -> contract.Request:
        request, _ = contract.request(ctx.token, inputs, self._subscription)
        return request

    def _get(self, ctx: Context, id_: str) -> Any:
        version = contract.types()[ctx.token].api_version
        return self.arm.call(ctx, "GET", id_, api_version=version)[2]

    def _write(self, ctx: Context, request: contract.Request, inputs: Mapping[str, Any]) -> None:
        """PUT. What Azure accepted and then failed to finish stays in the state."""
        try:
            self.arm.write(
                ctx,
                request.path,
                request.api_version,
                request.body,
                query=request.query,
                headers={MAKER: ctx.urn},
            )
        except ArmFailure as failure:
            if not failure.created:
                raise
            answer = self._get(ctx, request.path)
            raise Partial(
                id=str(answer["id"]),
                state=contract.outputs(ctx.token, answer),
                inputs=dict(inputs),
                reasons=[str(failure)],
            ) from None

    def _refuse_existing(self, ctx: Context, request: contract.Request) -> None:
        """As the real provider; only what an interrupted create of this same resource left goes on.

        The real provider would refuse that too, and ask for an import.
        """
        try:
            _, headers, _ = self.arm.call(ctx, "GET", request.path, api_version=request.api_version)
        except NotFound:
            return
        if headers.get(MAKER) != ctx.urn:
            raise ProviderError(f"cannot create already existing resource '{request.path}'")
        ctx.warn(
            "goes on with what an interrupted create left; against Azure the provider would ask "
            "you to import it"
        )

    def _located(self, ctx: Context, inputs: dict[str, Any]) -> dict[str, Any]:
        """The location of the resource group, where none is given."""
        group = inputs.get("resourceGroupName")
        if inputs.get("location") or not group or not contract.located(ctx.token):
            return inputs
        path = f"/subscriptions/{self._subscription}/resourceGroups/{group}"
        try:
            found = self.arm.call(ctx, "GET", path, api_version="2024-03-01")[2]
        except NotFound:
            return inputs
        return {**inputs, "location": found["location"]}
