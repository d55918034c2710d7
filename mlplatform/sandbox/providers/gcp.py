"""The stand-in for pulumi-gcp: contracts judge, compiled plans call the local Google Cloud.

It behaves as the real provider where a program can tell: automatic names, labels, update or
replace, waiting for operations, patience with new identities, refresh that sees drift, errors in
Google's own words.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Any

from mlplatform import contracts, judged
from mlplatform.contracts import paths
from mlplatform.contracts.gcp.plan import get
from mlplatform.provider.model import Change, Context, Diff, Failure
from mlplatform.provider.values import has_unknown
from mlplatform.sandbox.providers import gcp_invoke, gcp_naming, judge
from mlplatform.sandbox.providers.gcp_action import Action, Settings
from mlplatform.sandbox.providers.gcp_rest import Rest

_REGION = re.compile(r"[a-z]+(-[a-z]+)+\d+")


class Gcp:
    """The provider object; see the module."""

    name = "gcp"

    def __init__(self, version: str) -> None:
        self.version = version
        self._lock = threading.Lock()
        self._rest: Rest | None = None
        self._settings = Settings()

    # The provider itself

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        """The region's form; all else is judged where it is used."""
        region = config.get("region")
        if not region or has_unknown(region) or _REGION.fullmatch(str(region)):
            return []
        return [Failure(path="region", reason=f"got {region!r}, allowed: such as us-central1")]

    def configure(self, config: dict[str, Any]) -> None:
        """Take project, region and default labels."""
        known = {k: v for k, v in config.items() if v and not has_unknown(v)}
        labels = known.get("defaultLabels") or {}
        attribution = str(known.get("addPulumiAttributionLabel", "true")).lower() != "false"
        self._settings = Settings(
            project=str(known.get("project") or os.environ.get("GOOGLE_CLOUD_PROJECT", "")),
            region=str(known.get("region", "")),
            labels={k: str(v) for k, v in labels.items()},
            attribution=attribution,
        )

    # Resources

    def knows(self, token: str) -> bool:
        """The types that the contract covers."""
        return contracts.covers(token)

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """Name what has no name, then let the contract judge."""
        named, failures = gcp_naming.named(get(ctx.token), ctx, inputs, old_inputs)
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
        """Update or replace, as Google and the real provider would."""
        del id
        plan = get(ctx.token)
        judged.refuse(ctx.token, old_inputs, inputs)
        changes = judged.changes(ctx.token, old_inputs, inputs)
        labels = self._labels(ctx.token, inputs)
        before = old_state.get("effectiveLabels")
        if labels and before is not None and not has_unknown(labels):
            own_changed = any(paths.names(c.path)[0] == "labels" for c in changes)
            missing = {k: v for k, v in labels["effectiveLabels"].items() if before.get(k) != v}
            if missing and not own_changed:
                changes.append(Change(path="effectiveLabels", kind="update"))
        replaces = any(change.replace for change in changes)
        given = gcp_naming.was_given(plan, inputs) or "policy" in plan
        return Diff(changes=tuple(changes), delete_before_replace=replaces and given)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create on the local cloud; in a preview, the inputs and unknown outputs."""
        action = self._action(ctx, inputs)
        return ("", action.foreseen({})) if ctx.preview else action.create()

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """What the cloud shows; an import has neither inputs nor state and starts from the id."""
        if not inputs and not state:
            return self._action(ctx, {}).imported(id)
        return (id, *self._action(ctx, inputs, id).refreshed(state))

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Carry out the changes in place."""
        action = self._action(ctx, inputs, id)
        if ctx.preview:
            return action.foreseen(old_state)
        changed = {paths.names(c.path)[0] for c in contracts.changes(ctx.token, old_inputs, inputs)}
        labels = self._labels(ctx.token, inputs).get("effectiveLabels")
        if labels is not None and old_state.get("effectiveLabels") != labels:
            changed.add("labels")
        return action.update(changed)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Delete; what is gone already is no error. The inputs say where the object is."""
        own = {key: value for key, value in state.items() if key in get(ctx.token)["properties"]}
        self._action(ctx, {**own, **inputs}, id).delete()

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """The data sources that programs use most."""
        settings = self._settings
        return gcp_invoke.invoke(self._cloud(), token, args, settings.project, settings.region)

    # Shared

    def _action(self, ctx: Context, inputs: dict[str, Any], ident: str = "") -> Action:
        return Action(
            token=ctx.token,
            ctx=ctx,
            inputs=inputs,
            settings=self._settings,
            cloud=self._cloud,
            ident=ident,
        )

    def _cloud(self) -> Rest:
        """The local cloud; its address is judged at the first call that needs it."""
        with self._lock:
            if self._rest is None:
                self._rest = Rest()
            return self._rest

    def _labels(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        settings = self._settings
        return gcp_naming.labelled(get(token), inputs, settings.labels, settings.attribution)
