"""Azure ML workspaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ml_policies.checks import among, both, equals, is_set
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import Resource, absent, is_on
from ml_policies.rule import Example, Settings, Severity, StackRule
from ml_policies.types import unversioned
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

WORKSPACE = "azure-native:machinelearningservices:Workspace"
PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
ZONE_GROUP = "azure-native:network:PrivateDnsZoneGroup"
STORAGE = "azure-native:storage:StorageAccount"
DIAGNOSTICS = (
    "azure-native:monitor:DiagnosticSetting",
    "azure-native:insights:DiagnosticSetting",
)


def _of(resources: Sequence[Resource], *tokens: str) -> list[Resource]:
    return [one for one in resources if unversioned(one.type) in tokens]


def _linked(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    endpoints = _of(resources, PRIVATE_ENDPOINT)
    groups = [
        group
        for one in endpoints
        for _, group in one.find("privateLinkServiceConnections[*].groupIds")
    ]
    for workspace in _of(resources, WORKSPACE):
        if any(is_unknown(group) for group in groups):
            yield Finding(problem="", path="privateEndpoint", undecided=True, resource=workspace)
        elif not any("amlworkspace" in group for group in groups if isinstance(group, list)):
            yield Finding(problem="no private endpoint leads to it", resource=workspace)
        elif not _of(resources, ZONE_GROUP):
            yield Finding(
                problem="its private endpoint has no DNS zone group, so its name leads to the "
                "public address",
                resource=workspace,
            )


def _sensitive(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    for workspace in _of(resources, WORKSPACE):
        sensitive = workspace.get("hbiWorkspace")
        if is_unknown(sensitive):
            yield Finding(problem="", path="hbiWorkspace", undecided=True, resource=workspace)
            continue
        mode = workspace.get("systemDatastoresAuthMode")
        if not is_unknown(mode) and str(mode).lower() != "identity":
            yield Finding(
                problem="allowed: 'Identity', so that no account key lies in a datastore",
                path="systemDatastoresAuthMode",
                got=mode,
                resource=workspace,
            )
        if not is_on(sensitive):
            continue
        for account in _of(resources, STORAGE):
            if account.get("publicNetworkAccess") == "Enabled" or is_on(
                account.get("allowBlobPublicAccess")
            ):
                yield Finding(
                    problem="holds data of a high-impact workspace and is public",
                    resource=account,
                )


def _diagnosed(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    watched = [
        one.get("resourceUri")
        for one in _of(resources, *DIAGNOSTICS)
        if not absent(one.get("workspaceId"))
    ]
    for workspace in _of(resources, WORKSPACE):
        name = workspace.get("workspaceName")
        if is_unknown(name) or any(is_unknown(one) for one in watched):
            yield Finding(problem="", path="resourceUri", undecided=True, resource=workspace)
        elif not any(str(one).lower().endswith(f"/{str(name).lower()}") for one in watched):
            yield Finding(
                problem="no diagnostic setting sends its logs to Log Analytics",
                resource=workspace,
            )


def _linked_example(group: object = "amlworkspace", zone: bool = True) -> tuple[Example, ...]:
    connection = {"groupIds": [group] if isinstance(group, str) and group != UNKNOWN else group}
    return (
        Example(type=WORKSPACE, name="workspace", props={"workspaceName": "w"}),
        Example(
            type=PRIVATE_ENDPOINT,
            name="link",
            props={"privateLinkServiceConnections": [connection]},
        ),
        *((Example(type=ZONE_GROUP, name="zone", props={}),) if zone else ()),
    )


def _sensitive_example(hbi: object = True, mode: str = "Identity") -> tuple[Example, ...]:
    return (
        Example(
            type=WORKSPACE,
            name="workspace",
            props={"hbiWorkspace": hbi, "systemDatastoresAuthMode": mode},
        ),
        Example(type=STORAGE, name="store", props={"publicNetworkAccess": "Disabled"}),
    )


def _diagnosed_example(uri: str) -> tuple[Example, ...]:
    return (
        Example(type=WORKSPACE, name="workspace", props={"workspaceName": "w"}),
        Example(
            type=DIAGNOSTICS[0], name="logs", props={"resourceUri": uri, "workspaceId": "/l/a"}
        ),
    )


RULES = (
    rule(
        "az-ml-ws-no-public",
        Severity.HIGH,
        WORKSPACE,
        equals("publicNetworkAccess", "Disabled"),
        "Production workspaces are not reachable from the public internet.",
        "Anybody with a stolen token can read models and data from anywhere.",
        "Set clouds.azure.network.private: true; its private endpoints take over.",
        good={"publicNetworkAccess": "Disabled"},
        bad=[{"publicNetworkAccess": "Enabled"}, {"publicNetworkAccess": DROP}],
        unknown="publicNetworkAccess",
        sources=("CKV2_AZURE_49", "AzPol 438c38d2-3772-465a-a9cc-7a6666a275ce"),
        production_only=True,
    ),
    StackRule(
        id="az-ml-ws-private-link",
        severity=Severity.MEDIUM,
        check=_linked,
        summary="Production workspaces have a private endpoint with DNS.",
        rationale="Without one, closing the public address closes the only address.",
        remediation="Set clouds.azure.network.private: true.",
        sources=("CKV_AZURE_243", "AzPol 45e05259-1eb5-4f70-9574-baf73e9d219b"),
        production_only=True,
        good=_linked_example(),
        bad=_linked_example("blob"),
        unknown=_linked_example(UNKNOWN),
    ),
    rule(
        "az-ml-ws-cmk",
        Severity.MEDIUM,
        WORKSPACE,
        equals("encryption.status", "Enabled"),
        "Workspaces are encrypted with a key of yours.",
        "Without your own key you cannot cut access to what they hold.",
        "Set clouds.azure.encrypt_workspace: true; a workspace that exists has to be made anew.",
        good={"encryption": {"status": "Enabled"}},
        bad=[{"encryption.status": "Disabled"}, {"encryption": DROP}],
        unknown="encryption.status",
        sources=("AzPol ba769a63-b8cc-4b2d-abf6-ac33c7204be8",),
    ),
    rule(
        "az-ml-ws-uai",
        Severity.MEDIUM,
        WORKSPACE,
        both(
            among("identity.type", "UserAssigned", "SystemAssigned,UserAssigned"),
            is_set("primaryUserAssignedIdentity", "the identity that it works with"),
        ),
        "Workspaces work with an identity that you assigned.",
        "A system identity is born with the workspace and granted too much, too late.",
        'Set identity type "UserAssigned" and primary_user_assigned_identity.',
        good={"identity": {"type": "UserAssigned"}, "primaryUserAssignedIdentity": "/id"},
        bad=[
            {"identity.type": "SystemAssigned"},
            {"primaryUserAssignedIdentity": DROP},
        ],
        unknown="primaryUserAssignedIdentity",
        sources=("AzPol 5f0c7d88-c7de-45b8-ac49-db49e72eaa78",),
    ),
    rule(
        "az-ml-ws-managed-vnet",
        Severity.MEDIUM,
        WORKSPACE,
        equals("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound"),
        "Production workspaces let out only what was approved.",
        "A container that can call out can carry data out.",
        "Set clouds.azure.network.isolation: approved_outbound.",
        good={"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}},
        bad=[
            {"managedNetwork.isolationMode": "AllowInternetOutbound"},
            {"managedNetwork": DROP},
        ],
        unknown="managedNetwork.isolationMode",
        sources=("Azure Policy: managed VNet allow only approved outbound",),
        production_only=True,
    ),
    StackRule(
        id="az-ml-ws-hbi-storage",
        severity=Severity.HIGH,
        check=_sensitive,
        summary="Workspaces use identities for their stores, and those of high impact are private.",
        rationale="An account key in a datastore opens the whole account to whoever reads it.",
        remediation='Set system_datastores_auth_mode="Identity" and no public access to the store.',
        sources=("CKV2_AZURE_50",),
        good=_sensitive_example(),
        bad=_sensitive_example(mode="AccessKey"),
        unknown=_sensitive_example(hbi=UNKNOWN),
    ),
    StackRule(
        id="az-ml-ws-diagnostics",
        severity=Severity.MEDIUM,
        check=_diagnosed,
        summary="Workspaces send their logs to Log Analytics.",
        rationale="Who did what cannot be told afterwards otherwise.",
        remediation="Use components/azure/workspace.py, or add a DiagnosticSetting.",
        sources=("AzPol afe0c3be-ba3b-4544-ba52-0c99672a8ad6",),
        good=_diagnosed_example("/workspaces/w"),
        bad=_diagnosed_example("/workspaces/other"),
        unknown=_diagnosed_example(UNKNOWN),
    ),
)
