"""Who owns it and who pays: tags that every taggable resource carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pulumi_policy import Severity

from ml_policies.core import Resource, Rule
from mlplatform import contracts
from mlplatform.contracts.unknown import UNKNOWN

REQUIRED = ("project", "environment", "owner", "cost_center")
"""The keys as in ``mlplatform:labels``; AWS and Azure spell them ``CostCenter``."""


def _spelled(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _tagged(resource: Resource) -> Iterator[str]:
    name = contracts.taggable(resource.type)
    if name is None:
        return
    tags = resource.props.get(name)
    if tags == UNKNOWN:
        return
    present = {_spelled(key): value for key, value in _pairs(tags).items()}
    missing = [key for key in REQUIRED if not present.get(_spelled(key))]
    if missing:
        yield f"{name}: missing {', '.join(missing)}; got {sorted(_pairs(tags)) or 'none'}"


def _pairs(tags: object) -> Mapping[str, object]:
    return tags if isinstance(tags, Mapping) else {}


REQUIRED_TAGS = Rule(
    id="required-tags",
    severity=Severity.LOW,
    summary="Every taggable resource says its project, environment, owner and cost center.",
    rationale="Without them nobody can tell whose cost or whose outage it is.",
    remediation="Set them in mlplatform:labels; pass tags to resources of your own.",
    check=_tagged,
)
