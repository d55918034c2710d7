"""The contract of `mlgap:aws:FeatureGroup`: a feature group that only ever grows.

A replacement would lose the online store, so nothing but another name leads to one. What
UpdateFeatureGroup cannot do is refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts import aws
from mlplatform.contracts.mlgap.aws_endpoint import wrong_tags
from mlplatform.contracts.paths import join, names
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import has_unknown, is_unknown

TOKEN = "mlgap:aws:FeatureGroup"
FEATURES = "featureDefinitions"
_STORAGE = "onlineStoreConfig.storageType"
_NAME = "featureGroupName"
_ADDITIONS = "botocore sagemaker UpdateFeatureGroup, FeatureAdditions"
_INSTEAD = (
    "declare a second group under another name, fill it, move its readers, then take this one out"
)


def covers(token: str) -> bool:
    return token == TOKEN


def taggable(token: str) -> str | None:
    del token
    return "tags"


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """All problems of the inputs."""
    plain = {name: value for name, value in inputs.items() if name != "tags"}
    return [*aws.check(token, plain), *wrong_tags(inputs.get("tags"))]


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """New features, time to live, storage and throughput in place; a new name is a new group."""
    before, after = _comparable(old), _comparable(new)
    rest = aws.changes(token, before, after)
    if any(names(change.path)[0] == _NAME for change in rest):
        return [*rest, *_features(old, new, renamed=True)]
    moves = [_storage(change, before, after) for change in rest]
    return [
        *(_refused(move) for move in moves if move is not None),
        *_features(old, new, renamed=False),
    ]


def _comparable(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Without features, which are told apart by name and not by place; tags one by one."""
    plain = {name: value for name, value in inputs.items() if name != FEATURES}
    return {**plain, "tags": inputs.get("tags") or {}}


def _storage(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change | None:
    """A Standard online store becomes Standard_V2 and nothing else becomes anything."""
    if change.path != _STORAGE:
        return change
    kinds = tuple(
        (side.get("onlineStoreConfig") or {}).get("storageType") or "Standard"
        for side in (before, after)
    )
    if kinds[0] == kinds[1]:
        return None
    if kinds == ("Standard", "Standard_V2") or is_unknown(kinds[1]):
        return change
    return Change(path=change.path, kind="replace", reason=change.reason, source=change.source)


def _refused(change: Change) -> Change:
    if change.kind != "replace":
        return change
    return Change(
        path=change.path,
        kind="refuse",
        reason=f"a live feature group keeps it, and a new group would lose the data; {_INSTEAD}",
        source=change.source,
    )


def _features(old: Mapping[str, Any], new: Mapping[str, Any], *, renamed: bool) -> Iterator[Change]:
    wanted = new.get(FEATURES)
    if is_unknown(wanted):
        yield Change(path=FEATURES, kind="update", reason="not known yet", source=_ADDITIONS)
        return
    there = {one.get("featureName"): one for one in old.get(FEATURES) or []}
    places = {one.get("featureName"): i for i, one in enumerate(wanted or [])}
    for name, i in places.items():
        path, after = join(FEATURES, i), (wanted or [])[i]
        before = there.get(name)
        if before is None:
            reason = f"feature {name} is added in place"
            yield Change(path=path, kind="update", reason=reason, source=_ADDITIONS)
        elif not has_unknown(after) and _typed(before) != _typed(after) and not renamed:
            reason = (
                f"feature {name} is {_words(before)} and cannot become {_words(after)}: keep it as "
                f"it is and add a feature under another name, or {_INSTEAD}"
            )
            yield Change(path=path, kind="refuse", reason=reason, source=_ADDITIONS)
    for name in there.keys() - places.keys() if not renamed else ():
        reason = (
            f"feature {name} cannot be removed from a live group: put it back and let it be empty, "
            f"or {_INSTEAD}"
        )
        yield Change(path=FEATURES, kind="refuse", reason=reason, source=_ADDITIONS)


def _typed(feature: Mapping[str, Any]) -> tuple[Any, ...]:
    vector = (feature.get("collectionConfig") or {}).get("vectorConfig") or {}
    dimension = vector.get("dimension")
    return (
        feature.get("featureType"),
        feature.get("collectionType"),
        int(dimension) if dimension is not None else None,
    )


def _words(feature: Mapping[str, Any]) -> str:
    return " ".join(str(part) for part in _typed(feature) if part is not None)
