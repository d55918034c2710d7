"""The contract of `mlgap:aws:Endpoint`: a SageMaker endpoint whose live counts are its own.

Names and tags are judged by the shapes of the ordinary endpoint's compiled plan, so that a new
botocore changes both alike. Narrower than there: values go to SageMaker as they are, so that text
must be text, and some tags are mlgap's (docs/adr/0004).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts import aws
from mlplatform.contracts.aws.plan import Node, plan
from mlplatform.contracts.aws.validate import refused
from mlplatform.contracts.paths import differences, join, names
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import is_unknown

TOKEN = "mlgap:aws:Endpoint"
TAG_PREFIX = "mlgap:"
"""Start of the tags that mlgap keeps on an endpoint for itself."""

_ORDINARY = "aws:sagemaker/endpoint:Endpoint"
_NAMES = {"endpointName": "name", "endpointConfigName": "endpointConfigName"}
"""Property here: property of the ordinary type with the same shape."""
_ROLLOUT = "deploymentConfig"
_PROPERTIES = (*_NAMES, _ROLLOUT, "tags")
_CHANGES: Mapping[str, tuple[Literal["update", "replace"], str, str]] = {
    "endpointName": (
        "replace",
        "it is the endpoint's identity",
        "botocore sagemaker: UpdateEndpoint names the endpoint by it",
    ),
    "endpointConfigName": (
        "update",
        "the endpoint moves to it with its live counts",
        "botocore sagemaker UpdateEndpoint",
    ),
    _ROLLOUT: (
        "update",
        "it holds from the next update on",
        "botocore sagemaker UpdateEndpoint, DeploymentConfig",
    ),
    "tags": ("update", "changed in place", "botocore sagemaker AddTags, DeleteTags"),
}
_CREATE = "botocore sagemaker CreateEndpoint"
_OWN = f"{TOKEN}: its inputs"
_RESERVED = {
    TAG_PREFIX: "rule: docs/adr/0004, mlgap's own tags",
    "aws:": "rule: AWS tag naming",
}
"""Starts of tag names that are taken: by whom, or where that is written."""


def covers(token: str) -> bool:
    return token == TOKEN


def taggable(token: str) -> str | None:
    del token
    return "tags"


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """All problems of the inputs; values not known yet count as given and are skipped."""
    del token
    return [
        *_strangers(inputs),
        *_wrong_names(inputs),
        *_wrong_rollout(inputs),
        *wrong_tags(inputs.get("tags")),
    ]


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """A new name is a new endpoint; the configuration and the tags change in place."""
    del token
    found = []
    for difference in differences(_with_tags(old), _with_tags(new)):
        line = _CHANGES.get(names(difference.path)[0])
        if line is not None:  # the check refuses what is not a property
            kind, reason, source = line
            found.append(Change(path=difference.path, kind=kind, reason=reason, source=source))
    return found


def _strangers(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in inputs.items():
        if name not in _PROPERTIES and not name.startswith("__"):  # the engine's own notes
            message = unknown_property(name, _PROPERTIES)
            yield Problem(path=name, got=value, message=message, source=_OWN)


def _wrong_names(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for name in _NAMES:
        value, shape = inputs.get(name), _node(name).shape
        assert shape is not None
        if is_unknown(value):
            continue
        if not isinstance(value, str) or not value or any(refused(shape, value)):
            # In words: the shape's pattern is the same, but takes a while to read.
            words = f"1 to {shape.max:g} letters, digits and hyphens that stand inside"
            source = f"{_CREATE}, shape {shape.name}"
            yield Problem(path=name, got=value, message=f"allowed: {words}", source=source)


def _wrong_rollout(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The ordinary endpoint has the same property, and so the same shapes and rules."""
    if inputs.get(_ROLLOUT) is not None:
        ordinary = aws.check(_ORDINARY, {"endpointConfigName": "any", _ROLLOUT: inputs[_ROLLOUT]})
        yield from (problem for problem in ordinary if problem.path.startswith(_ROLLOUT))


def wrong_tags(tags: Any) -> Iterator[Problem]:
    """What is wrong with the tags of anything on SageMaker that mlgap marks as its own."""
    if tags is None or is_unknown(tags):
        return
    if not isinstance(tags, Mapping):
        yield Problem(path="tags", got=tags, message="allowed: a map of strings", source=_OWN)
        return
    whole = _node("tags")
    assert whole.shape is not None and whole.shape.max is not None
    if len(tags) > whole.shape.max - 1:
        message = f"allowed: {whole.shape.max - 1:g} tags; mlgap needs one"
        source = f"{_CREATE}, shape {whole.shape.name}"
        yield Problem(path="tags", got=f"{len(tags)} tags", message=message, source=source)
    for key, value in tags.items():
        yield from _wrong_tag(whole, key, value)


def _wrong_tag(whole: Node, key: str, value: Any) -> Iterator[Problem]:
    assert whole.key is not None and whole.element is not None and whole.element.shape is not None
    path, shape = join("tags", key), whole.element.shape
    if taken := next((start for start in _RESERVED if key.lower().startswith(start)), None):
        message = f"allowed: a name that does not start with {taken}"
        yield Problem(path=path, got=key, message=message, source=_RESERVED[taken])
    elif wrong := next(refused(whole.key, key), None):
        source = f"{_CREATE}, shape {whole.key.name}"
        yield Problem(path=path, got=key, message=f"as a key: {wrong}", source=source)
    elif is_unknown(value):
        return
    elif not isinstance(value, str):
        yield Problem(path=path, got=value, message="allowed: a string", source=_OWN)
    elif wrong := next(refused(shape, value), None):
        source = f"{_CREATE}, shape {shape.name}"
        yield Problem(path=path, got=value, message=wrong, source=source)


def _with_tags(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """No tags and an empty map are the same, and each tag is a change of its own."""
    return {**inputs, "tags": inputs.get("tags") or {}}


@functools.cache
def _node(name: str) -> Node:
    return plan(_ORDINARY).properties[_NAMES.get(name, name)]
