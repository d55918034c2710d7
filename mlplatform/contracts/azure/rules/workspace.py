"""Azure ML workspaces and the monitoring resources beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules import network
from mlplatform.contracts.azure.rules.values import at, items, resource_id, whole
from mlplatform.contracts.problem import Problem

_WORKSPACE = "rule: azure-ai-ml, docstring of WorkspaceProperties"
_IDENTITY = "rule: learn.microsoft.com, Set up authentication: user-assigned managed identity"
_LEGACY = "rule: learn.microsoft.com, Network isolation change with our new API platform"
_LOGS = "rule: learn.microsoft.com, Manage data retention in a Log Analytics workspace"
_DIAGNOSTICS = "rule: learn.microsoft.com, Diagnostic settings in Azure Monitor"

_DEPENDENTS = {
    "storageAccount": ("Microsoft.Storage/storageAccounts",),
    "keyVault": ("Microsoft.KeyVault/vaults",),
    "applicationInsights": ("Microsoft.Insights/components",),
    "containerRegistry": ("Microsoft.ContainerRegistry/registries",),
    "primaryUserAssignedIdentity": ("Microsoft.ManagedIdentity/userAssignedIdentities",),
}
_OWN_DEPENDENTS = ("default", "featurestore", "hub")
"""Kinds that bring their own storage and vault; a project uses its hub's."""


def workspace(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Dependents are ids of the right type and present; the primary identity is assigned."""
    for path, types in _DEPENDENTS.items():
        yield from resource_id(inputs, path, types, _WORKSPACE)
    kind = str(at(inputs, "kind") or "default").lower()
    if kind in _OWN_DEPENDENTS and not at(inputs, "hubResourceId"):
        for path in ("storageAccount", "keyVault"):
            if inputs.get(path) in (None, ""):
                message = "required for a workspace of its own: the id of an existing one"
                yield Problem(path=path, got=None, message=message, source=_WORKSPACE)
    if inputs.get("v1LegacyMode") is True:
        message = "allowed: false: version 1 of the API lost its support on 2026-06-30"
        yield Problem(path="v1LegacyMode", got=True, message=message, source=_LEGACY)
    if inputs.get("identity") is None:
        message = "required: a managed identity, such as type SystemAssigned"
        yield Problem(path="identity", got=None, message=message, source=_IDENTITY)
    identity = str(at(inputs, "identity", "type") or "")
    if at(inputs, "primaryUserAssignedIdentity") and identity.lower() == "systemassigned":
        yield Problem(
            path="identity.type",
            got=identity,
            message="allowed with a primaryUserAssignedIdentity: UserAssigned, "
            "or SystemAssigned,UserAssigned",
            source=_IDENTITY,
        )
    yield from _managed_network(inputs)


def _managed_network(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Outbound rules are well formed; names of hosts are judged by a firewall, which only the
    mode with approved outbound has.
    """
    rules = at(inputs, "managedNetwork", "outboundRules")
    yield from network.outbound_rules(rules, "managedNetwork.outboundRules")
    mode = at(inputs, "managedNetwork", "isolationMode")
    if mode is None or str(mode).lower() == "allowonlyapprovedoutbound":
        return
    for name, rule in rules.items() if isinstance(rules, Mapping) else ():
        if str(at(rule, "type") or "").lower() == "fqdn":
            yield Problem(
                path=f"managedNetwork.outboundRules.{name}.type",
                got="FQDN",
                message="allowed with isolationMode AllowOnlyApprovedOutbound only",
                source="rule: learn.microsoft.com, Workspace managed virtual network isolation",
            )


def log_workspace(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Interactive retention is 30 to 730 days; the free tier keeps 7."""
    days = whole(at(inputs, "retentionInDays"))
    free = str(at(inputs, "sku", "name") or "").lower() == "free"
    if days is not None and not free and not (days == -1 or 30 <= days <= 730):
        message = "allowed: 30 to 730 days"
        yield Problem(path="retentionInDays", got=days, message=message, source=_LOGS)


def diagnostic_setting(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """At least one destination; a log line names a category or a group, not both."""
    yield from resource_id(
        inputs, "workspaceId", ("Microsoft.OperationalInsights/workspaces",), _DIAGNOSTICS
    )
    places = (
        "workspaceId",
        "storageAccountId",
        "eventHubAuthorizationRuleId",
        "marketplacePartnerId",
        "serviceBusRuleId",
    )
    if not any(inputs.get(place) for place in places):
        message = "required: one destination at least, such as workspaceId"
        yield Problem(path="workspaceId", got=None, message=message, source=_DIAGNOSTICS)
    for position, line in enumerate(items(inputs, "logs")):
        if at(line, "category") and at(line, "categoryGroup"):
            yield Problem(
                path=f"logs[{position}].categoryGroup",
                got=at(line, "categoryGroup"),
                message="allowed: a category or a group, not both",
                source=_DIAGNOSTICS,
            )
