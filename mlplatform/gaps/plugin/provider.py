"""The mlgap provider: hands each call to the class that answers for the resource's type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform import __version__
from mlplatform.catalog.nearest import unknown_property
from mlplatform.gaps.plugin import registry
from mlplatform.gaps.plugin.resource import Cloud, Resource
from mlplatform.provider.log import EngineLog
from mlplatform.provider.model import Context, Diff, Failure, ProviderError
from mlplatform.provider.values import is_unknown


class Gaps:
    """Answers for all ``mlgap:*`` types of one provider resource."""

    name = "mlgap"
    version = __version__

    def __init__(self, log: EngineLog | None = None) -> None:
        self._log = log or EngineLog()
        self._clouds: dict[str, Cloud] = {}

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        failures = []
        for name, settings in config.items():
            if name == "version" or is_unknown(settings):
                continue  # the engine's own setting, and what only the update will know
            if name not in registry.CLOUDS:
                reason = unknown_property(name, registry.CLOUDS)
            elif not isinstance(settings, Mapping):
                reason = f"got {settings!r}, allowed: an object with the settings of {name}"
            else:
                failures += registry.cloud_type(name).check(settings)
                continue
            failures.append(Failure(path=name, reason=reason))
        return failures

    def configure(self, config: dict[str, Any]) -> None:
        for name, settings in config.items():
            if name in registry.CLOUDS:
                cloud = registry.cloud_type(name)(settings)
                cloud.verify(lambda message: self._log.send("warning", message))
                self._clouds[name] = cloud

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        return self._resource(ctx).check(ctx, inputs, old_inputs)

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        return self._resource(ctx).diff(ctx, id, old_inputs, old_state, inputs)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return self._resource(ctx).create(ctx, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        return self._resource(ctx).read(ctx, id, inputs, state)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        return self._resource(ctx).update(ctx, id, old_inputs, old_state, inputs)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        self._resource(ctx).delete(ctx, id, inputs, state)

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        del args
        raise ProviderError(f"mlgap has no function {token}")

    def _resource(self, ctx: Context) -> Resource:
        if ctx.token not in registry.RESOURCES:
            reason = unknown_property(ctx.token, registry.RESOURCES).removeprefix(
                "no such property"
            )
            raise ProviderError(f"mlgap has no type {ctx.token}{reason}")
        name = registry.cloud_of(ctx.token)
        if name not in self._clouds:
            raise ProviderError(
                f"{ctx.token} needs mlgap's {name} settings: give the resource "
                f"opts=ResourceOptions(provider=Provider(..., {name}={{...}}))"
            )
        return registry.resource_type(ctx.token)(self._clouds[name])
