"""``mlgap:aws:InferenceComponent``: a model in copies that share the instances of an endpoint.

Its number of copies is autoscaling's: the declared one is what it starts with, and a change of it
is carried out only where nothing scales. An update that SageMaker takes back is a failure, as it is
for endpoints (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform import judged
from mlplatform.contracts.aws import encode
from mlplatform.gaps.plugin.aws import scaling, tags
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.planned import Answer, Planned
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.provider.model import (
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, is_unknown

TOKEN = "mlgap:aws:InferenceComponent"
_STATUS = "InferenceComponentStatus"


class InferenceComponent(ByContract[AwsCloud]):
    """Answers for one inference component; made once for each call."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id
        # Against the outputs: after an update that was taken back they tell what really runs.
        runs = old_state.get("specification", old_inputs.get("specification"))
        before = {**old_inputs, "specification": runs, "tags": old_inputs.get("tags") or {}}
        after = {**inputs, "tags": inputs.get("tags") or {}}
        changes = judged.changes(ctx.token, before, after)
        renamed = any(c.replace and c.path == "inferenceComponentName" for c in changes)
        # Two components of one name cannot be.
        return Diff(changes=tuple(changes), delete_before_replace=not renamed)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = inputs["inferenceComponentName"]
        if ctx.preview:
            return "", {**inputs, "arn": self._arn(name)}
        work = self._work(ctx, name)
        found = work.describe()
        if found is not None and found[_STATUS] == "Deleting":
            found = work.settled("delete")
        if found is not None and not work.is_ours(found):
            raise work.not_ours()
        return name, self._converged(work, inputs, inputs, {})

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        if ctx.preview:
            return {**inputs, "arn": old_state.get("arn", self._arn(id))}
        return self._converged(self._work(ctx, id), inputs, old_inputs, old_state)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        work = self._work(ctx, id)
        found = work.describe()
        if found is None or found[_STATUS] == "Deleting":
            raise NotFound(f"there is no inference component {id}")
        seen = {
            "inferenceComponentName": found["InferenceComponentName"],
            "endpointName": found["EndpointName"],
            "variantName": found["VariantName"],
            "specification": _specification(work, found, inputs),
            # How many there are now is autoscaling's.
            "runtimeConfig": inputs.get("runtimeConfig")
            or {"copyCount": (found.get("RuntimeConfig") or {}).get("DesiredCopyCount", 0)},
        }
        declared = tags.declared(tags.of(self._cloud, work.arn(found)))
        if declared or "tags" in inputs:
            seen["tags"] = declared
        now = {**seen, "arn": work.arn(found)}
        if found[_STATUS] == "Failed":
            reason = f"inference component {id} is Failed: {found.get('FailureReason')}"
            raise Partial(id=id, state=now, inputs=seen, reasons=[reason])
        return id, seen, now

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        work = self._work(ctx, id)
        if work.describe() is not None:
            _settled(work)
            work.delete()

    def _work(self, ctx: Context, name: str) -> Planned:
        return Planned(ctx, self._cloud, TOKEN, name)

    def _converged(
        self,
        work: Planned,
        inputs: dict[str, Any],
        old_inputs: Mapping[str, Any],
        old: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The outputs once the component is as ``inputs`` say; from whatever is there."""
        try:
            found = _settled(work)
            if found is not None and found[_STATUS] == "Failed":
                # It serves nothing, and nothing else can be done with it.
                work.delete()
                found = None
            if found is None:
                work.create(inputs)
                found = _there(work, "create")
            found = self._respecified(work, found, inputs)
            found = self._recounted(work, found, inputs, old_inputs)
            work.tag(found, inputs.get("tags") or {})
        except ProviderError as error:
            live = work.describe()
            if live is None:
                raise
            runs = _specification(work, live, inputs)
            state = {**old, **inputs, "specification": runs, "arn": work.arn(live)}
            raise Partial(id=work.name, state=state, inputs=inputs, reasons=[str(error)]) from error
        return {**inputs, "arn": work.arn(found)}

    def _respecified(self, work: Planned, found: Answer, inputs: Mapping[str, Any]) -> Answer:
        if _specification(work, found, inputs) == inputs["specification"]:
            return found
        node = work.plan.properties["specification"]
        told = found.get("FailureReason")
        wanted = encode.encode(node, inputs["specification"])
        name = {"InferenceComponentName": work.name}
        work.send("UpdateInferenceComponent", {**name, "Specification": wanted})
        after = _there(work, "update")
        if _specification(work, after, inputs) != inputs["specification"] or (
            after.get("FailureReason") not in (None, told)
        ):
            reason = after.get("FailureReason") or "SageMaker gives no reason"
            raise ProviderError(f"{work.noun} did not go over to what is declared: {reason}")
        return after

    def _recounted(
        self,
        work: Planned,
        found: Answer,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any],
    ) -> Answer:
        wanted = inputs.get("runtimeConfig")
        if wanted is None or wanted == old_inputs.get("runtimeConfig"):
            return found
        if scaling.targets(self._cloud, f"inference-component/{work.name}"):
            return found
        count = round(wanted["copyCount"])
        name = {"InferenceComponentName": work.name}
        request = {**name, "DesiredRuntimeConfig": {"CopyCount": count}}
        work.send("UpdateInferenceComponentRuntimeConfig", request)
        return _there(work, "update")

    def _arn(self, name: str) -> str:
        if is_unknown(name) or name != name.lower():
            return UNKNOWN
        return self._cloud.arn("sagemaker", f"inference-component/{name}")


def _settled(work: Planned) -> Answer | None:
    """The component once it no longer moves, whatever it became; None once it is gone."""
    for _ in work.deadline.pauses(work.noun):
        found = work.describe()
        if found is None or found[_STATUS] in ("InService", "Failed"):
            return found
        work.ctx.status(f"{work.noun} is {found[_STATUS]}")
    raise AssertionError("pauses end by raising")


def _there(work: Planned, what: str) -> Answer:
    found = work.settled(what)
    if found is None:
        raise ProviderError(f"{work.noun} was deleted while it was changed")
    return found


def _specification(work: Planned, found: Answer, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What runs, without what SageMaker fills in where the program says nothing."""
    shown = work.seen(found).get("specification") or {}
    declared = inputs.get("specification")
    return _only(shown, declared) if isinstance(declared, Mapping) else dict(shown)


def _only(value: Any, declared: Any) -> Any:
    if not isinstance(value, Mapping) or not isinstance(declared, Mapping):
        return value
    return {name: _only(value[name], declared[name]) for name in declared if name in value}
