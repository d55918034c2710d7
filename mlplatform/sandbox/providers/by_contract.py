"""A package in the sandbox: its cloud answers for the types that it knows, all others are inert."""

from __future__ import annotations

from typing import Any, Protocol

from mlplatform.provider.model import Context, Diff, Failure, Provider
from mlplatform.sandbox.providers.inert import Inert


class Cloud(Provider, Protocol):
    """The stand-in of one package, asked only for the types that it knows."""

    def knows(self, token: str) -> bool:
        """Whether it can create this type on the local cloud."""
        ...


class ByContract:
    """The provider object. Configuration and functions are the cloud's."""

    def __init__(self, cloud: Cloud) -> None:
        self.name, self.version = cloud.name, cloud.version
        self.check_config, self.configure = cloud.check_config, cloud.configure
        self.invoke = cloud.invoke
        self._cloud = cloud
        self._inert = Inert(cloud.name, cloud.version)

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        return self._of(ctx).check(ctx, inputs, old_inputs)

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        return self._of(ctx).diff(ctx, id, old_inputs, old_state, inputs)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return self._of(ctx).create(ctx, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        return self._of(ctx).read(ctx, id, inputs, state)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        return self._of(ctx).update(ctx, id, old_inputs, old_state, inputs)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        self._of(ctx).delete(ctx, id, inputs, state)

    def _of(self, ctx: Context) -> Provider:
        return self._cloud if self._cloud.knows(ctx.token) else self._inert
