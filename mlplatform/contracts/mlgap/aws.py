"""The contracts of `mlgap:aws:*`.

The endpoint has one of its own. The other types show a create request as it is, so their compiled
plans judge them as those of the ordinary types do; what is said here is what mlgap adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from mlplatform.contracts import aws
from mlplatform.contracts.mlgap import aws_endpoint, aws_feature_group
from mlplatform.contracts.problem import Change, Problem

_OWN: dict[str, ModuleType] = {
    aws_endpoint.TOKEN: aws_endpoint,
    aws_feature_group.TOKEN: aws_feature_group,
}


def covers(token: str) -> bool:
    return token in _OWN or aws.covers(token)


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """All problems; tags are judged here, as some are mlgap's."""
    own = _OWN.get(token)
    if own is not None:
        found: list[Problem] = own.check(token, inputs)
        return found
    return with_tags(token, inputs)


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    own = _OWN.get(token)
    if own is not None:
        found: list[Change] = own.changes(token, old, new)
        return found
    return aws.changes(token, old, new)


def taggable(token: str) -> str | None:
    return "tags" if token in _OWN else aws.taggable(token)


def with_tags(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """What the plan and its rules say, and what mlgap's own tags ask."""
    plain = {name: value for name, value in inputs.items() if name != "tags"}
    return [*aws.check(token, plain), *aws_endpoint.wrong_tags(inputs.get("tags"))]
