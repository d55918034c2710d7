"""`mlgap:azure:FeaturesetVersion`, `mlgap:azure:FeaturestoreEntityVersion`: versions that stay.

Models that were trained on a version ask for it by its name, so none is deleted. The ordinary
provider refuses to create what exists already, so going back to an earlier definition, whose
version was kept, would fail there; here it is taken up again.
"""

from __future__ import annotations

from typing import Any

from mlplatform.contracts import azure as contract
from mlplatform.contracts.azure import gap_version
from mlplatform.contracts.paths import differences
from mlplatform.gaps.plugin.azure import bodies
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.declared import shown
from mlplatform.gaps.plugin.azure.waiting import Work
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.provider.model import (
    Context,
    NotFound,
    ProviderError,
)


class FeatureVersion(ByContract[AzureCloud]):
    """Answers for one version of a feature set or of an entity; made once for each call."""

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", dict(inputs)
        work = Work(ctx, self._cloud)
        id_, body = self._request(ctx, inputs)
        found = work.at_rest(id_)
        if found is not None:
            self._refuse_other(inputs, found)
        work.write("PUT", id_, body)
        return id_, dict(inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs, old_state
        if not ctx.preview:
            work = Work(ctx, self._cloud)
            work.at_rest(id)
            work.write("PUT", id, self._request(ctx, inputs)[1])
        return dict(inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        place = contract.inputs(str(gap_version.native(ctx.token)), id)
        if place is None:
            raise ProviderError(f"got the id {id!r}, allowed: the resource id of a version")
        found = Work(ctx, self._cloud).get(id)
        if found is None:
            raise NotFound(f"there is no version {id}")
        live = found["properties"]
        declared = inputs.get("properties") or _all_of(ctx.token, found)
        seen = {**place, "properties": shown(declared, live)}
        return id, seen, dict(seen)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Nothing: it goes with its store."""
        del inputs, state
        ctx.status(f"{id.rsplit('/', 1)[-1]} stays for the models that were trained on it")

    def _request(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        token = str(gap_version.native(ctx.token))
        request, _ = contract.request(token, inputs, self._cloud.subscription_id)
        return request.path, bodies.from_inputs(token, inputs, self._cloud.subscription_id)

    def _refuse_other(self, inputs: dict[str, Any], found: dict[str, Any]) -> None:
        """A version that is there says the same, or it is somebody else's."""
        declared = inputs["properties"]
        fixed = {name: declared[name] for name in gap_version.FIXED if name in declared}
        other = sorted({d.path for d in differences(shown(fixed, found["properties"]), fixed)})
        if other:
            raise ProviderError(
                f"version {inputs['version']} of {inputs['name']} exists already and says "
                f"something else ({', '.join(other)}); choose another name or version"
            )


def _all_of(token: str, found: dict[str, Any]) -> dict[str, Any]:
    """All that a program could have declared of what Azure shows, for an import."""
    known = str(gap_version.native(token))
    shown_ = contract.project(known, contract.outputs(known, found))["properties"]
    return {name: value for name, value in shown_.items() if value not in (None, {}, [], "", False)}
