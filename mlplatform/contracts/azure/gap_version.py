"""The contract of `mlgap:azure:FeaturesetVersion` and `mlgap:azure:FeaturestoreEntityVersion`.

Inputs and judgement are those of the ordinary types; what differs is the life: a version that
is there already and says the same is taken up again, and none is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import rules, shape
from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.paths import differences, names
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import is_unknown

_NATIVE = {
    f"mlgap:azure:{noun}": f"azure-native:machinelearningservices:{noun}"
    for noun in ("FeaturesetVersion", "FeaturestoreEntityVersion")
}
PLACE = ("resourceGroupName", "workspaceName", "name", "version")
FIXED = ("entities", "specification", "indexColumns")
"""Properties that make a version what it is: another one is another version."""
_SOURCE = "rule: learn.microsoft.com, Top-level entities in managed feature store: versions"
_STAGES = ("Development", "Production", "Archived")
_STAGE_SOURCE = "rule: azure-ai-ml 1.35.2, FeatureStoreEntity.stage"


def native(token: str) -> str | None:
    """The ordinary type that a token stands for; None for any other token."""
    return _NATIVE.get(token)


def check(token: str, given: Mapping[str, Any]) -> list[Problem]:
    """Everything that Azure would refuse."""
    known = _NATIVE[token]
    _, problems = shape.request(known, given, "00000000-0000-0000-0000-000000000000")
    found = [
        Problem(
            path=name, got=None, message="required: made of what the version says", source=_SOURCE
        )
        for name in ("name", "version")
        if given.get(name) in (None, "")
    ]
    stage = at(given, "properties", "stage")
    if isinstance(stage, str) and not is_unknown(stage) and stage not in _STAGES:
        message = f"allowed: {', '.join(_STAGES)}"
        found.append(
            Problem(path="properties.stage", got=stage, message=message, source=_STAGE_SOURCE)
        )
    seen = {problem.path for problem in problems}
    return problems + rules.problems(known, given) + [one for one in found if one.path not in seen]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What a version says is fixed; when it is materialised and its words are not."""
    found = []
    for difference in differences(old, new):
        steps = names(difference.path)
        fixed = steps[0] in PLACE or (steps[0] == "properties" and steps[1:2] and steps[1] in FIXED)
        found.append(
            Change(
                path=difference.path,
                kind="replace" if fixed else "update",
                reason="another version says it" if fixed else "updated in place",
                source=_SOURCE,
            )
        )
    return found
