"""The inert stand-in: any package, any type. It keeps what it is given and makes up an id.

Programs with types that the sandbox does not know still run; a warning, once for each type, says
that nothing was created.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Any

from mlplatform.contracts.paths import differences
from mlplatform.provider.model import Change, Context, Diff, Failure
from mlplatform.provider.values import UNKNOWN

# Outputs that programs pass on most often; made up so that what is built from them is not empty.
_MADE_UP = ("arn", "name", "selfLink")


class Inert:
    """A provider that creates nothing."""

    def __init__(self, package: str, version: str) -> None:
        self.name = package
        self.version = version
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        """Any configuration will do."""
        del config
        return []

    def configure(self, config: dict[str, Any]) -> None:
        """Nothing to configure."""

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """Any inputs will do; the first sight of a type is worth a warning."""
        del old_inputs
        with self._lock:
            first = ctx.token not in self._warned
            self._warned.add(ctx.token)
        if first:
            ctx.warn(
                f"{ctx.token} is not known to the sandbox: it is not checked, nothing is created"
            )
        return inputs, []

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        """Every difference is an update in place."""
        del ctx, id, old_state
        found = differences(old_inputs, inputs)
        return Diff(changes=tuple(Change(path=d.path, kind=d.kind) for d in found))

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The inputs, and made-up values for the usual outputs."""
        if ctx.preview:
            return "", {**dict.fromkeys(_MADE_UP, UNKNOWN), **shown(inputs)}
        made = f"{ctx.name}-{hashlib.sha256(ctx.urn.encode()).hexdigest()[:7]}"
        return made, {**_made_up(self.name, made), **shown(inputs)}

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """What was kept; an import or a lookup gets made-up values."""
        del ctx
        return id, inputs, state or {**_made_up(self.name, id), **shown(inputs)}

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """The new inputs over the old outputs."""
        del ctx, id
        kept = {key: value for key, value in old_state.items() if key not in old_inputs}
        return {**kept, **shown(inputs)}

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """There is nothing to delete."""

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """The arguments, as if they had been found."""
        return {"id": token.rpartition(":")[2], **args}


def shown(value: Any) -> Any:
    """Inputs as outputs. Azure lists identities on the way in and maps them on the way out; the
    SDK's own decoding fails on a list there.
    """
    if isinstance(value, dict):
        return {
            key: {name: {} for name in inner}
            if key == "userAssignedIdentities" and isinstance(inner, list)
            else shown(inner)
            for key, inner in value.items()
        }
    return [shown(inner) for inner in value] if isinstance(value, list) else value


def _made_up(package: str, name: str) -> dict[str, Any]:
    return {
        "arn": f"arn:aws:sandbox:::{name}",
        "name": name,
        "selfLink": f"https://sandbox.invalid/{package}/{name}",
    }
