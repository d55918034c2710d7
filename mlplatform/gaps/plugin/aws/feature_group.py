"""``mlgap:aws:FeatureGroup``: a feature group that grows in place and is never replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform import judged
from mlplatform.contracts.aws import encode
from mlplatform.contracts.mlgap import aws_feature_group as contract
from mlplatform.gaps.plugin.aws import tags
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

MOST_ADDITIONS = 100
"""Features in one UpdateFeatureGroup. Source: botocore sagemaker FeatureAdditions."""
_FEATURES = contract.FEATURES


class FeatureGroup(ByContract[AwsCloud]):
    """Answers for one feature group; made once for each call."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id
        # Against the outputs: after an update that failed they tell which features there are.
        features = old_state.get(_FEATURES, old_inputs.get(_FEATURES))
        before = {**old_inputs, _FEATURES: features}
        judged.refuse(ctx.token, before, inputs)
        changes = judged.changes(ctx.token, before, inputs)
        return Diff(changes=tuple(changes), delete_before_replace=False)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = inputs["featureGroupName"]
        if ctx.preview:
            return "", {**inputs, "arn": self._arn(name)}
        work = self._work(ctx, name)
        found = work.describe()
        if found is not None and found["FeatureGroupStatus"] == "Deleting":
            found = work.settled("delete")
        if found is None:
            work.create(inputs)
        elif not work.is_ours(found):
            raise work.not_ours()
        return name, self._converged(work, inputs, {})

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs
        if ctx.preview:
            return {**inputs, "arn": old_state.get("arn", self._arn(id))}
        return self._converged(self._work(ctx, id), inputs, old_state)

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
        if found is None or found["FeatureGroupStatus"] == "Deleting":
            raise NotFound(f"there is no feature group {id}")
        seen = _as_declared(work.seen(found), inputs)
        declared = tags.declared(tags.of(self._cloud, work.arn(found)))
        if declared or "tags" in inputs:
            seen["tags"] = declared
        now = {**seen, "arn": work.arn(found)}
        if found["FeatureGroupStatus"] == "CreateFailed":
            reason = f"feature group {id} is CreateFailed: {found.get('FailureReason')}"
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
        self._work(ctx, id).delete()

    def _work(self, ctx: Context, name: str) -> Planned:
        return Planned(ctx, self._cloud, contract.TOKEN, name)

    def _converged(
        self, work: Planned, inputs: dict[str, Any], old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The outputs once the group is as ``inputs`` say; from whatever is there."""
        try:
            found = work.describe()
            if found is not None and found["FeatureGroupStatus"] == "CreateFailed":
                # It never took a record, and nothing else can be done with it.
                work.delete()
                found = None
            if found is None:
                work.create(inputs)
            found = _there(work, "create")
            for change in _changes(work, found, inputs):
                work.send("UpdateFeatureGroup", {"FeatureGroupName": work.name, **change})
                found = _there(work, "update")
            work.tag(found, inputs.get("tags") or {})
        except ProviderError as error:
            live = work.describe()
            if live is None:
                raise
            features = work.seen(live).get(_FEATURES, [])
            state = {**old, **inputs, _FEATURES: features, "arn": work.arn(live)}
            raise Partial(id=work.name, state=state, inputs=inputs, reasons=[str(error)]) from error
        return {**inputs, "arn": work.arn(found)}

    def _arn(self, name: str) -> str:
        if is_unknown(name) or name != name.lower():
            return UNKNOWN
        return self._cloud.arn("sagemaker", f"feature-group/{name}")


def _there(work: Planned, what: str) -> Answer:
    found = work.settled(what)
    if found is None:
        raise ProviderError(f"{work.noun} was deleted while it was changed")
    return found


def _changes(work: Planned, found: Answer, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What UpdateFeatureGroup has to be told, one kind of change a call as the API asks."""
    wanted = {
        name: encode.encode(work.plan.properties[name], inputs[name])
        for name in (_FEATURES, "onlineStoreConfig", "throughputConfig")
        if inputs.get(name) is not None
    }
    live = {one["FeatureName"] for one in found["FeatureDefinitions"]}
    added = [one for one in wanted.get(_FEATURES, []) if one["FeatureName"] not in live]
    for start in range(0, len(added), MOST_ADDITIONS):
        yield {"FeatureAdditions": added[start : start + MOST_ADDITIONS]}
    online, now = wanted.get("onlineStoreConfig"), found.get("OnlineStoreConfig") or {}
    if online is not None:
        lives, lived = online.get("TtlDuration") or {}, now.get("TtlDuration") or {}
        if lives != lived:
            # An empty duration takes the time to live off (UpdateFeatureGroup).
            yield {"OnlineStoreConfig": {"TtlDuration": lives}}
        kind = online.get("StorageType")
        if kind not in (None, now.get("StorageType", "Standard")):
            yield {"OnlineStoreConfig": {"StorageType": kind}}
    throughput = wanted.get("throughputConfig")
    if throughput is not None and throughput != found.get("ThroughputConfig"):
        yield {"ThroughputConfig": throughput}


def _as_declared(seen: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is there, as the program would write it: its order of features, none of AWS's defaults.

    Without inputs (an import) everything that is there counts.
    """
    if not inputs:
        return {name: _without_made_up(name, value) for name, value in seen.items()}
    order = {one["featureName"]: i for i, one in enumerate(inputs.get(_FEATURES) or [])}
    shown: dict[str, Any] = {}
    for name, value in seen.items():
        if name == _FEATURES:
            shown[name] = sorted(value, key=lambda one: order.get(one["featureName"], len(order)))
        elif name in inputs:
            shown[name] = _only(value, inputs[name])
    return shown


def _only(value: Any, declared: Any) -> Any:
    """The members that the program declares; a time to live also when it does not."""
    if not isinstance(value, Mapping) or not isinstance(declared, Mapping):
        return value
    return {
        name: _only(inner, declared.get(name))
        for name, inner in value.items()
        if name in declared or name == "ttlDuration"
    }


def _without_made_up(name: str, value: Any) -> Any:
    if name != "offlineStoreConfig":
        return value
    storage = {k: v for k, v in value["s3StorageConfig"].items() if k != "resolvedOutputS3Uri"}
    return {**value, "s3StorageConfig": storage}
