"""`mlgap:azure:VaultKey`: a key in a vault that is there already, and that stays.

pulumi-azure-native deletes a key through the vault's own API. Under purge protection the deleted
key then holds its name for up to 90 days, what it encrypts cannot be read any more, and the next
`up` after a `destroy` fails. This resource leaves the key where it is, and takes it up again.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlplatform import judged
from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure import bodies, marks
from mlplatform.gaps.plugin.azure.base import OnEndpoint
from mlplatform.provider.model import Context, NotFound, ProviderError

_KEY = "azure-native:keyvault:Key"
API_VERSION = contract.types()[_KEY].api_version
_MADE_OF = ("kty", "keySize", "curveName", "keyOps", "rotationPolicy")
_URIS = ("keyUri", "keyUriWithVersion")


class VaultKey(OnEndpoint):
    """Answers for one key; its id is the key's."""

    token = "mlgap:azure:VaultKey"
    place: ClassVar[tuple[str, ...]] = ("vaultId", "keyName")

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make the key, or take up the one that this resource made before."""
        if ctx.preview:
            return "", dict(inputs)
        id_ = self._id(inputs)
        found = self._find(ctx, id_)
        if found is not None and not marks.is_mine(found, ctx.urn):
            raise ProviderError(
                f"there is a key {id_} already, made by somebody else; give another keyName"
            )
        if found is None:
            body = bodies.from_inputs(_KEY, _native(inputs), self._cloud.subscription_id)
            body["tags"] = marks.marked(inputs.get("tags"), ctx.urn)
            self._cloud.call(ctx, "PUT", id_, API_VERSION, body)
            found = self._find(ctx, id_) or {}
        return id_, self._outputs(inputs, found)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """A write to a key that exists does nothing, so every change but of tags is refused."""
        del ctx, id
        judged.refuse(self.token, old_inputs, inputs)
        return {**inputs, **{name: old_state.get(name) for name in _URIS}}

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        vault, slash, name = id.rpartition("/keys/")
        if not slash:
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of a key")
        found = self._find(ctx, id)
        if found is None:
            raise NotFound(f"there is no key {id}")
        inputs = inputs or _imported(found)
        inputs = {"vaultId": vault, "keyName": name, **inputs}
        return id, inputs, self._outputs(inputs, found)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Leave it: what it encrypts may outlive the stack, and so may copies of it."""
        del ctx, id, inputs, state

    def _find(self, ctx: Context, id_: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._cloud.call(ctx, "GET", id_, API_VERSION)[1]
        except NotFound:
            return None
        return found

    def _outputs(self, inputs: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        shown = found.get("properties") or {}
        return {**inputs, **{name: shown.get(name) for name in _URIS}}

    def _id(self, inputs: dict[str, Any]) -> str:
        return f"{inputs['vaultId']}/keys/{inputs['keyName']}"


def _native(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs of the ordinary type that say the same."""
    vault = contract.inputs("azure-native:keyvault:Vault", str(inputs["vaultId"])) or {}
    return {**vault, "keyName": inputs["keyName"], "properties": inputs["properties"]}


def _imported(found: dict[str, Any]) -> dict[str, Any]:
    """What a program would have declared of a key that is there."""
    live = found.get("properties") or {}
    tags = marks.declared(found.get("tags"))
    properties = {name: live[name] for name in _MADE_OF if live.get(name)}
    return {"properties": properties, **({"tags": tags} if tags else {})}
