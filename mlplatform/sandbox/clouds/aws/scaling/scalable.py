"""What all nouns of Application Auto Scaling share: identity, words of refusal, filters."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import Refusal
from mlplatform.sandbox.clouds.aws.registry import Ask
from mlplatform.sandbox.clouds.aws.sagemaker.listing import cut

TARGET, POLICY, ACTION = "scalable-target", "scaling-policy", "scheduled-action"
DEFAULT_PAGE = 50
"""Objects per page unless ``MaxResults`` says otherwise (botocore, DescribeScalableTargets)."""

Identity = tuple[str, str, str]
"""Service namespace, resource id, scalable dimension."""


def identity(params: Mapping[str, Any]) -> Identity:
    return params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]


def key(of: Identity, name: str = "") -> str:
    """The name of a target, or of a policy or scheduled action on it, in our tables."""
    return "|".join((*of, name)) if name else "|".join(of)


def shown(of: Identity) -> str:
    namespace, resource_id, dimension = of
    return (
        f"service namespace: {namespace}, resource ID: {resource_id}, "
        f"scalable dimension: {dimension}"
    )


def missing(noun: str, of: Identity, name: str = "") -> Refusal:
    """ObjectNotFoundException as the service words it."""
    text = f"No {noun} found for {shown(of)}"
    return Refusal("ObjectNotFoundException", f"{text}: {name}" if name else text)


def unregistered(of: Identity) -> Refusal:
    text = f"No scalable target registered for {shown(of)}"
    return Refusal("ObjectNotFoundException", text)


def autoscaling_arn(ask: Ask, noun: str, of: Identity, name: str) -> str:
    """The ARN of a policy or scheduled action; ``noun`` as in ``scalingPolicy``."""
    namespace, resource_id, _ = of
    account, region = ask.place
    label = {"scalingPolicy": "policyName", "scheduledAction": "scheduledActionName"}[noun]
    return (
        f"arn:aws:autoscaling:{region}:{account}:{noun}:{uuid.uuid4()}:"
        f"resource/{namespace}/{resource_id}:{label}/{name}"
    )


def page(
    rows: Iterable[Mapping[str, Any]], params: Mapping[str, Any], *, noun: str, names: str
) -> dict[str, Any]:
    """The answer of ``Describe<noun>``; ``names`` is the parameter that lists wanted names."""
    member = {"ResourceIds": "ResourceId"}.get(names, names.removesuffix("s"))
    wanted = [
        {key: value for key, value in row.items() if key != "Tags"}
        for row in rows
        if all(
            params.get(filter_, row[filter_]) == row[filter_]
            for filter_ in ("ServiceNamespace", "ResourceId", "ScalableDimension")
        )
        and row[member] in params.get(names, [row[member]])
    ]
    return cut(wanted, params, noun=noun, usual=DEFAULT_PAGE)
