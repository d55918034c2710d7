"""Name grammars. Microsoft's models carry almost no patterns, so they stand here.

Sources: [names] learn.microsoft.com, "Naming rules and restrictions for Azure resources";
[rest] patterns of the REST reference of the service; [sdk] azure-ai-ml,
`entities/_endpoint/_endpoint_helpers.py` (3 to 32 characters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """A pattern for the whole name, and the same in words."""

    pattern: str
    words: str
    source: str


_NAMES = "rule: learn.microsoft.com, Naming rules and restrictions for Azure resources"
_REST = "rule: REST reference of Azure Machine Learning"
_POLICY = "rule: azure-mgmt-storage, ManagementPolicyName"
_SDK = "rule: azure-ai-ml, endpoint name helper"

_ASSET = Grammar(
    pattern=r"[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,254}",
    words="1 to 255 letters, digits, - _ and ., first a letter or digit",
    source=_REST,
)
_ONLINE = Grammar(
    pattern=r"[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]",
    words="3 to 32 letters, digits and -, first a letter, last a letter or digit",
    source=_SDK,
)
_GROUP = Grammar(
    pattern=r"[\w\-.()]{0,89}[\w\-()]",
    words="1 to 90 letters, digits and - _ . ( ), not ending with a dot",
    source=_NAMES,
)
_WORKSPACE = Grammar(
    pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
    words="3 to 33 letters, digits, - and _, first a letter or digit",
    source=_REST,
)
_ACCOUNT = Grammar(
    pattern=r"[a-z0-9]{3,24}", words="3 to 24 lower-case letters and digits", source=_NAMES
)
_VAULT = Grammar(
    pattern=r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
    words="3 to 24 letters, digits and single -, first a letter, last a letter or digit",
    source=_NAMES,
)
_SETTING = Grammar(
    pattern=r"[^<>%&#.,?/]{1,260}",
    words="1 to 260 characters without < > % & # . , ? /",
    source=_NAMES,
)

_NETWORK = Grammar(
    pattern=r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
    words="1 to 80 letters, digits and . _ -, first a letter or digit, last no . or -",
    source=_NAMES,
)
_ZONE = Grammar(
    pattern=r"([\w-]{1,63}\.){1,33}[\w-]{1,63}",
    words="2 to 34 labels of letters, digits, - and _, with dots between",
    source=_NAMES,
)

_IN_EVERY_TYPE = {"resourceGroupName": _GROUP}
_IN_MACHINE_LEARNING = {"workspaceName": _WORKSPACE}
_OWN: dict[str, dict[str, Grammar]] = {
    "managedidentity:UserAssignedIdentity": {
        "resourceName": Grammar(
            pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}",
            words="3 to 128 letters, digits, - and _, first a letter or digit",
            source=_NAMES,
        )
    },
    "keyvault:Vault": {"vaultName": _VAULT},
    "keyvault:Key": {
        "vaultName": _VAULT,
        "keyName": Grammar(
            pattern=r"[a-zA-Z0-9-]{1,127}", words="1 to 127 letters, digits and -", source=_NAMES
        ),
    },
    "storage:StorageAccount": {"accountName": _ACCOUNT},
    "storage:BlobContainer": {
        "accountName": _ACCOUNT,
        "containerName": Grammar(
            pattern=r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$(web|root|logs)",
            words="3 to 63 lower-case letters, digits and single -, first and last no -",
            source=_NAMES,
        ),
    },
    "operationalinsights:Workspace": {
        "workspaceName": Grammar(
            pattern=r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]",
            words="4 to 63 letters, digits and -, first and last no -",
            source=_NAMES,
        )
    },
    "applicationinsights:Component": {
        "resourceName": Grammar(
            pattern=r"[^%&\\?/]{0,259}[^%&\\?/. ]",
            words="1 to 260 characters without % & \\ ? /, not ending with a space or dot",
            source=_NAMES,
        )
    },
    "containerregistry:Registry": {
        "registryName": Grammar(
            pattern=r"[a-zA-Z0-9]{5,50}", words="5 to 50 letters and digits", source=_NAMES
        )
    },
    "managedidentity:FederatedIdentityCredential": {
        "federatedIdentityCredentialResourceName": Grammar(
            pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}",
            words="3 to 120 letters, digits, - and _, first a letter or digit",
            source="rule: learn.microsoft.com, Workload identity federation: considerations",
        )
    },
    "network:VirtualNetwork": {"virtualNetworkName": _NETWORK},
    "network:Subnet": {"virtualNetworkName": _NETWORK, "subnetName": _NETWORK},
    "network:PrivateEndpoint": {"privateEndpointName": _NETWORK},
    "network:PrivateDnsZoneGroup": {"privateDnsZoneGroupName": _NETWORK},
    "privatedns:PrivateZone": {"privateZoneName": _ZONE},
    "privatedns:VirtualNetworkLink": {
        "privateZoneName": _ZONE,
        "virtualNetworkLinkName": _NETWORK,
    },
    "storage:ManagementPolicy": {
        "accountName": _ACCOUNT,
        "managementPolicyName": Grammar(
            pattern="default", words="default, the only one", source=_POLICY
        ),
    },
    "monitor:AutoscaleSetting": {"autoscaleSettingName": _SETTING},
    "monitor:DiagnosticSetting": {
        "name": Grammar(
            pattern=r"[^<>*%&:\\?+/]{1,260}",
            words="1 to 260 characters without < > * % & : \\ ? + /",
            source=_NAMES,
        )
    },
    "machinelearningservices:OnlineEndpoint": {"endpointName": _ONLINE},
    "machinelearningservices:OnlineDeployment": {
        "endpointName": _ONLINE,
        "deploymentName": _ONLINE,
    },
    "machinelearningservices:ServerlessEndpoint": {"name": _ONLINE},
    "machinelearningservices:MarketplaceSubscription": {"name": _ONLINE},
    "machinelearningservices:BatchEndpoint": {"endpointName": _ONLINE},
    "machinelearningservices:BatchDeployment": {"endpointName": _ONLINE, "deploymentName": _ONLINE},
    **{
        f"machinelearningservices:{noun}{kind}": {"name": _ASSET}
        for noun in ("Model", "Environment", "Code", "Data", "Component")
        for kind in ("Container", "Version")
    },
    **{
        f"machinelearningservices:{noun}": {"name": _ASSET}
        for noun in (
            "Schedule",
            "FeaturesetContainerEntity",
            "FeaturesetVersion",
            "FeaturestoreEntityContainerEntity",
            "FeaturestoreEntityVersion",
        )
    },
    "machinelearningservices:WorkspaceConnection": {"connectionName": _ASSET},
    "machinelearningservices:Datastore": {
        "name": Grammar(
            pattern=r"[a-z0-9_]{1,255}",
            words="1 to 255 lower-case letters, digits and _",
            source=_NAMES,
        )
    },
}


def grammars(short: str) -> dict[str, Grammar]:
    """Every name of this type (token without the package) that has a grammar."""
    found = dict(_IN_EVERY_TYPE)
    if short.startswith("machinelearningservices:"):
        found |= _IN_MACHINE_LEARNING
    return found | _OWN.get(short, {})


def check(short: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that Azure would refuse."""
    for name, grammar in grammars(short).items():
        value = at(inputs, name)
        if not isinstance(value, str) or "/" in value:
            continue  # a whole id instead of a name is refused by the shape already
        if re.fullmatch(grammar.pattern, value) is None:
            message = f"allowed: {grammar.words}"
            yield Problem(path=name, got=value, message=message, source=grammar.source)
