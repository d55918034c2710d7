"""The contract of `mlgap:azure:*`: the same judgement as for the ordinary types, other life cycle.

Their inputs are those of the ordinary types with what another resource owns taken out, so they are
translated and judged by the same models and rules:

- OnlineEndpoint: an online endpoint without its traffic.
- OnlineDeployment: a managed online deployment. `variant` is its stable name, the deployment's own
  name adds a suffix made of what cannot change in place; `minInstances` and `maxInstances` stand
  for the count, which moves between them by itself.
- EndpointTraffic: live and mirrored traffic of an endpoint; `rollout` says in what steps it moves.
- BatchDefault: which deployment of a batch endpoint answers those who name none.
- VaultKey: a key in a vault that exists; it stays when the stack goes.
- WorkspacePurge: made before a workspace, so deleted after it; then it frees the workspace's name.

MonitorSchedule speaks another version of the API; `gap_monitor` judges it. Versions of feature
sets and entities live longer than the ordinary ones; `gap_version` judges them. A Job is one run of
one definition; `gap_job` judges it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.azure import arm_id, gap_job, gap_monitor, gap_version, rules, shape
from mlplatform.contracts.azure.rules.endpoint import mirror, rollout, traffic
from mlplatform.contracts.azure.rules.values import at, whole
from mlplatform.contracts.paths import differences, names
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

ENDPOINT = "mlgap:azure:OnlineEndpoint"
DEPLOYMENT = "mlgap:azure:OnlineDeployment"
TRAFFIC = "mlgap:azure:EndpointTraffic"
DEFAULT = "mlgap:azure:BatchDefault"
KEY = "mlgap:azure:VaultKey"
PURGE = "mlgap:azure:WorkspacePurge"

_NATIVE_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
_NATIVE_DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_NATIVE_BATCH = "azure-native:machinelearningservices:BatchDeployment"
_NATIVE_KEY = "azure-native:keyvault:Key"
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
_KEY_SOURCE = "azure-mgmt-keyvault: KeysOperations.create_if_not_exist"
_NAME_MOST = 32
_SUFFIX_CHARACTERS = 6
VARIANT_MOST = _NAME_MOST - _SUFFIX_CHARACTERS - 1
"""Longest variant name: the deployment's name adds a dash and the suffix."""


def covers(token: str) -> bool:
    own = token in _INPUTS or token in (gap_monitor.TOKEN, gap_job.TOKEN)
    return own or gap_version.native(token) is not None


def taggable(token: str) -> str | None:
    if gap_version.native(token) is not None:
        return None
    untagged = (TRAFFIC, DEFAULT, PURGE, gap_monitor.TOKEN, gap_job.TOKEN)
    return None if token in untagged else "tags"


def deployment_name(variant: str, properties: Mapping[str, Any]) -> str:
    """The deployment's name: another instance type is another deployment.

    UNKNOWN while the variant or the instance type is not known.
    """
    machine = properties.get("instanceType")
    if is_unknown(variant) or is_unknown(machine):
        return UNKNOWN
    digest = hashlib.sha256(str(machine).lower().encode()).hexdigest()
    return f"{variant}-{digest[:_SUFFIX_CHARACTERS]}"


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
        native = _native(_NATIVE_BATCH, names_alone)
        return _unique(found + [p for p in native if p.path in names_alone])
    if token == KEY:
        return _unique(found + _key(known))
    if token == PURGE:
        # The workspace itself is judged whole; here its name stands alone.
        named = [p for p in _native(_NATIVE_WORKSPACE, known) if p.path in _PARENTS]
        return _unique(found + named)
    if token == ENDPOINT:
        found += _owned_elsewhere(known)
        return _unique(found + _native(_NATIVE_ENDPOINT, known))
    found += _counts(known)
    variant = at(known, "variant")
    if isinstance(variant, str) and len(variant) > VARIANT_MOST:
        message = f"allowed: at most {VARIANT_MOST} characters, as the deployment adds a suffix"
        found.append(Problem(path="variant", got=variant, message=message, source=_SOURCE))
    return _unique(found + _native(_NATIVE_DEPLOYMENT, native_deployment(known)))


def native_deployment(given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the ordinary type that say the same; the count is the minimum."""
    own = ("variant", "minInstances", "maxInstances", "deploymentName")
    name = given.get("deploymentName")
    if name is None and isinstance(given.get("properties"), Mapping):
        name = deployment_name(str(given.get("variant")), given["properties"])
    return {
        **{k: v for k, v in given.items() if k not in own},
        "deploymentName": name,
        "sku": {"name": "Default", "capacity": given.get("minInstances")},
    }


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
            reason = "a key that exists is returned without any change; give another keyName"
            found.append(
                Change(path=difference.path, kind="refuse", reason=reason, source=_KEY_SOURCE)
            )
        else:
            reason = "updated in place"
            found.append(Change(path=difference.path, kind="update", reason=reason, source=_SOURCE))
    return found


def _native(token: str, given: Mapping[str, Any]) -> list[Problem]:
    """The judgement of the ordinary type, with paths as this type has them."""
    _, problems = shape.request(token, given, "00000000-0000-0000-0000-000000000000")
    renamed = (
        {"deploymentName": "variant", "sku.capacity": "minInstances"}
        if token == _NATIVE_DEPLOYMENT
        else {}
    )
    return [
        Problem(
            path=renamed.get(problem.path, problem.path),
            got=problem.got,
            message=problem.message,
            source=problem.source,
        )
        for problem in problems + rules.problems(token, given)
    ]


def _key(given: Mapping[str, Any]) -> list[Problem]:
    """The vault is a whole id: it may be of another subscription."""
    vault = given.get("vaultId")
    where: Mapping[str, Any] | None = {"resourceGroupName": UNKNOWN, "vaultName": UNKNOWN}
    if vault is not None and not is_unknown(vault):
        where = arm_id.inputs("azure-native:keyvault:Vault", str(vault))
    if where is None:
        message = "allowed: the resource id of a key vault"
        return [Problem(path="vaultId", got=vault, message=message, source=_KEY_SOURCE)]
    rest = {k: v for k, v in given.items() if k != "vaultId"}
    return _native(_NATIVE_KEY, {**rest, **where})


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


def _counts(given: Mapping[str, Any]) -> Iterator[Problem]:
    low, high = whole(at(given, "minInstances")), whole(at(given, "maxInstances"))
    for name in ("minInstances", "maxInstances"):
        value = at(given, name)
        if value is not None and (whole(value) or 0) < 1:
            message = "allowed: 1 instance or more"
            yield Problem(path=name, got=value, message=message, source=_SOURCE)
    if low is not None and high is not None and low > high:
        message = f"allowed: minInstances ({low}) or more"
        yield Problem(path="maxInstances", got=high, message=message, source=_SOURCE)


def _unique(problems: list[Problem]) -> list[Problem]:
    """One problem for each path: ours comes first, the vendor's model repeats some."""
    seen: dict[str, Problem] = {}
    for problem in problems:
        seen.setdefault(problem.path, problem)
    return list(seen.values())
