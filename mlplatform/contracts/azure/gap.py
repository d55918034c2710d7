"""The contract of `mlgap:azure:*`: the same judgement as for the ordinary types, other life cycle.

Their inputs are those of the ordinary types with what another resource owns taken out, so they are
translated and judged by the same models and rules:

- OnlineEndpoint: an online endpoint without its traffic.
- OnlineDeployment: a managed online deployment; `gap_deployment` judges it.
- EndpointTraffic: live and mirrored traffic of an endpoint; `rollout` says in what steps it moves.
- BatchDefault: which deployment of a batch endpoint answers those who name none.
- VaultKey: a key in a vault that exists; it stays when the stack goes; `gap_key` judges it.
- WorkspacePurge: made before a workspace, so deleted after it; then it frees the workspace's name.

MonitorSchedule speaks another version of the API; `gap_monitor` judges it. Versions of feature
sets and entities live longer than the ordinary ones; `gap_version` judges them. A Job is one run of
one definition; `gap_job` judges it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.azure import (
    gap_deployment,
    gap_job,
    gap_key,
    gap_monitor,
    gap_version,
)
from mlplatform.contracts.azure.gap_native import native
from mlplatform.contracts.azure.rules.endpoint import mirror, rollout, traffic
from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.paths import differences, names
from mlplatform.contracts.problem import Change, Problem

ENDPOINT = "mlgap:azure:OnlineEndpoint"
DEPLOYMENT = gap_deployment.TOKEN
TRAFFIC = "mlgap:azure:EndpointTraffic"
DEFAULT = "mlgap:azure:BatchDefault"
KEY = gap_key.TOKEN
PURGE = "mlgap:azure:WorkspacePurge"

_NATIVE_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
_NATIVE_BATCH = "azure-native:machinelearningservices:BatchDeployment"
_NATIVE_WORKSPACE = "azure-native:machinelearningservices:Workspace"

_PARENTS = ("resourceGroupName", "workspaceName", "endpointName")
_INPUTS: dict[str, tuple[str, ...]] = {
    ENDPOINT: (*_PARENTS, "location", "identity", "properties", "tags"),
    DEPLOYMENT: (
        *_PARENTS,
        "location",
        "variant",
        "deploymentName",
        "minInstances",
        "maxInstances",
        "properties",
        "tags",
    ),
    TRAFFIC: (*_PARENTS, "traffic", "mirrorTraffic", "rollout"),
    DEFAULT: (*_PARENTS, "deploymentName", "endpointTags"),
    KEY: ("vaultId", "keyName", "properties", "tags"),
    PURGE: _PARENTS[:2],
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    ENDPOINT: (*_PARENTS, "location", "properties"),
    DEPLOYMENT: (*_PARENTS, "location", "variant", "minInstances", "maxInstances", "properties"),
    TRAFFIC: (*_PARENTS, "traffic"),
    DEFAULT: (*_PARENTS, "deploymentName"),
    KEY: ("vaultId", "keyName", "properties"),
    PURGE: _PARENTS[:2],
}
_REPLACING: dict[str, tuple[tuple[str, ...], ...]] = {
    ENDPOINT: (
        ("properties", "authMode"),
        ("properties", "keys"),
        ("location",),
        ("identity",),
    ),
    DEPLOYMENT: (
        ("variant",),
        ("deploymentName",),
        ("location",),
        ("properties", "instanceType"),
        ("properties", "endpointComputeType"),
    ),
    TRAFFIC: (),
    DEFAULT: (),
    KEY: (("vaultId",), ("keyName",)),
    PURGE: (),
}
_ELSEWHERE = ("traffic", "mirrorTraffic")
_SOURCE = "rule: docs/adr/0009, who owns what on an Azure endpoint"


def covers(token: str) -> bool:
    own = token in _INPUTS or token in (gap_monitor.TOKEN, gap_job.TOKEN)
    return own or gap_version.native(token) is not None


def taggable(token: str) -> str | None:
    if gap_version.native(token) is not None:
        return None
    untagged = (TRAFFIC, DEFAULT, PURGE, gap_monitor.TOKEN, gap_job.TOKEN)
    return None if token in untagged else "tags"


def check(token: str, given: Mapping[str, Any]) -> list[Problem]:
    """Everything that Azure, or the division of ownership, would refuse."""
    if token == gap_monitor.TOKEN:
        return gap_monitor.check(given)
    if token == gap_job.TOKEN:
        return gap_job.check(given)
    if gap_version.native(token) is not None:
        return gap_version.check(token, given)
    found = list(_names(token, given))
    if token == TRAFFIC:
        found += traffic(given.get("traffic"), "traffic")
        found += mirror(given.get("mirrorTraffic"), given.get("traffic"), "mirrorTraffic")
        found += rollout(given.get("rollout"), "rollout")
        return found
    known = {k: v for k, v in given.items() if k in _INPUTS[token]}
    if token == DEFAULT:
        # The deployment itself is judged whole; here its names stand alone.
        names_alone = {k: v for k, v in known.items() if k != "endpointTags"}
        judged = native(_NATIVE_BATCH, names_alone)
        return _unique(found + [p for p in judged if p.path in names_alone])
    if token == KEY:
        return _unique(found + gap_key.check(known))
    if token == PURGE:
        # The workspace itself is judged whole; here its name stands alone.
        named = [p for p in native(_NATIVE_WORKSPACE, known) if p.path in _PARENTS]
        return _unique(found + named)
    if token == ENDPOINT:
        found += _owned_elsewhere(known)
        return _unique(found + native(_NATIVE_ENDPOINT, known))
    return _unique(found + gap_deployment.check(known))


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Update or replace for each difference; only what a key is cannot change at all."""
    if token == gap_monitor.TOKEN:
        return gap_monitor.changes(old, new)
    if token == gap_job.TOKEN:
        return gap_job.changes(old, new)
    if gap_version.native(token) is not None:
        return gap_version.changes(old, new)
    found: list[Change] = []
    for difference in differences(old, new):
        steps = names(difference.path)
        replace = steps[:1] and (
            steps[0] in _PARENTS or any(steps[: len(path)] == path for path in _REPLACING[token])
        )
        if replace:
            reason = "it cannot change in place: a new object takes over"
            found.append(
                Change(path=difference.path, kind="replace", reason=reason, source=_SOURCE)
            )
        elif token == KEY and steps[:1] == ("properties",):
            found.append(
                Change(
                    path=difference.path,
                    kind="refuse",
                    reason=gap_key.FIXED,
                    source=gap_key.SOURCE,
                )
            )
        else:
            reason = "updated in place"
            found.append(Change(path=difference.path, kind="update", reason=reason, source=_SOURCE))
    return found


def _names(token: str, given: Mapping[str, Any]) -> Iterator[Problem]:
    allowed = _INPUTS[token]
    for name, value in given.items():
        if name not in allowed and not name.startswith("__"):
            message = unknown_property(name, allowed)
            yield Problem(path=name, got=value, message=message, source=_SOURCE)
    for name in _REQUIRED[token]:
        if given.get(name) in (None, ""):
            yield Problem(path=name, got=None, message="required", source=_SOURCE)


def _owned_elsewhere(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name in _ELSEWHERE:
        value = at(given, "properties", name)
        if value:
            message = f"owned by {TRAFFIC}: set it there"
            yield Problem(path=f"properties.{name}", got=value, message=message, source=_SOURCE)


def _unique(problems: list[Problem]) -> list[Problem]:
    """One problem for each path: ours comes first, the vendor's model repeats some."""
    seen: dict[str, Problem] = {}
    for problem in problems:
        seen.setdefault(problem.path, problem)
    return list(seen.values())
