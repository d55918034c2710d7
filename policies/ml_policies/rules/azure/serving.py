"""Azure ML endpoints, roles and stores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ml_policies.checks import among, both, each, equals
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import ABSENT, Resource, absent
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

ENDPOINTS = {
    "mlgap:azure:OnlineEndpoint": "properties",
    "azure-native:machinelearningservices:OnlineEndpoint": "onlineEndpointProperties",
}
DEPLOYMENTS = {
    "mlgap:azure:OnlineDeployment": "properties",
    "azure-native:machinelearningservices:OnlineDeployment": "onlineDeploymentProperties",
}
GRANT = "azure-native:authorization:RoleAssignment"
STORAGE = "azure-native:storage:StorageAccount"
VAULT = "azure-native:keyvault:Vault"
REGISTRY = "azure-native:containerregistry:Registry"
AUTOSCALE = (
    "azure-native:monitor:AutoscaleSetting",
    "azure-native:insights:AutoscaleSetting",
)
WIDE = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+/?|/providers/Microsoft.Management/.+|/")


def _authenticated(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    at = ENDPOINTS.get(resource.type, "onlineEndpointProperties")
    for key, allowed in (("authMode", ("AADToken",)), ("publicNetworkAccess", ("Disabled",))):
        path = f"{at}.{key}"
        value = resource.get(path)
        if is_unknown(value):
            yield Finding(problem="", path=path, undecided=True)
        elif value not in allowed:
            yield Finding(problem=f"allowed: {allowed[0]!r}", path=path, got=value)


def _source(value: object, settings: Settings) -> str | None:
    if value is ABSENT:
        return None
    allowed = settings["registries"]
    if any(str(value).startswith(f"azureml://registries/{one}/") for one in allowed):
        return None
    own = "/workspaces/" in str(value) or not str(value).startswith("azureml://registries/")
    return None if own else "allowed: a model of the workspace, or of an allowed registry"


def _model(resource: Resource, settings: Settings) -> Iterator[Finding]:
    at = DEPLOYMENTS.get(resource.type, "onlineDeploymentProperties")
    yield from each(f"{at}.model", _source).run(resource, settings)


def _scoped(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    role, scope = resource.get("roleDefinitionId"), resource.get("scope")
    if resource.get("principalType") == "User":
        return
    if is_unknown(role):
        yield Finding(problem="", path="roleDefinitionId", undecided=True)
        return
    name = WIDE.get(str(role).rsplit("/", 1)[-1])
    if name is None:
        return
    if is_unknown(scope):
        yield Finding(problem="", path="scope", undecided=True)
    elif _SUBSCRIPTION.fullmatch(str(scope)) or name != "Contributor":
        yield Finding(problem=f"an identity is {name} there", path="scope", got=scope)


_STORE_GOOD = {
    "enableHttpsTrafficOnly": True,
    "minimumTlsVersion": "TLS1_2",
    "allowSharedKeyAccess": False,
    "allowBlobPublicAccess": False,
}


def _sane(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    on = resource.get("enabled")
    if is_unknown(on):
        yield Finding(problem="", path="enabled", undecided=True)
    elif on is not True:
        yield Finding(problem="allowed: true (Azure's default is false)", path="enabled", got=on)
    for place, profile in resource.find("profiles[*]"):
        if not isinstance(profile, dict):
            continue
        rules = profile.get("rules") or []
        outs = [_threshold(one) for one in rules if _direction(one) == "Increase"]
        ins = [_threshold(one) for one in rules if _direction(one) == "Decrease"]
        if outs and ins and max(filter(None, ins), default=0) >= min(filter(None, outs), default=1):
            yield Finding(problem=f"{place}: scale-in begins where scale-out does")
        if outs and not ins:
            yield Finding(problem=f"{place}: it scales out and never in")


def _direction(rule_: dict[str, dict[str, object]]) -> object:
    return (rule_.get("scaleAction") or {}).get("direction")


def _threshold(rule_: dict[str, dict[str, object]]) -> float | None:
    value = (rule_.get("metricTrigger") or {}).get("threshold")
    return float(str(value)) if not is_unknown(value) and not absent(value) else None


RULES = (
    rule(
        "az-ml-endpoint-auth",
        Severity.HIGH,
        tuple(ENDPOINTS),
        Check(run=_authenticated),
        "Production endpoints ask for Entra tokens and are private.",
        "A key that leaked answers to anybody, from anywhere, until somebody notices.",
        "Set endpoint.private: true; auth_mode is AADToken already.",
        good={"properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled"}},
        bad=[
            {"properties.authMode": "Key"},
            {"properties.publicNetworkAccess": "Enabled"},
        ],
        unknown="properties.publicNetworkAccess",
        sources=("Azure security baseline for Azure ML, IM-1, NS-2",),
        production_only=True,
    ),
    rule(
        "az-ml-model-source",
        Severity.MEDIUM,
        tuple(DEPLOYMENTS),
        Check(run=_model),
        "Deployments serve models of the workspace or of approved registries.",
        "A model from elsewhere is a program from elsewhere.",
        "Register the model first, or allow its registry in the pack's configuration.",
        good={"properties": {"model": "/subscriptions/s/workspaces/w/models/m/versions/1"}},
        bad={"properties.model": "azureml://registries/HuggingFace/models/x/versions/1"},
        unknown="properties.model",
        settings={
            "registries": Setting(
                default=["azureml"],
                schema={"type": "array", "items": {"type": "string"}},
                says="Registries that models may come from.",
            )
        },
        sources=("AzPol 19539b54-c61e-4196-9a38-67598701be90",),
    ),
    Rule(
        id="az-rbac-scope",
        severity=Severity.CRITICAL,
        types=(GRANT,),
        check=Check(run=_scoped),
        summary="Identities are no owners, and no contributors of a whole subscription.",
        rationale="Who takes over a container gets everything that its identity may do.",
        remediation="Assign a narrow role on the resource; components/azure/access.py.",
        sources=("AZU-0030",),
        good=Example(
            props={
                "roleDefinitionId": "/x/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
                "scope": "/subscriptions/s/resourceGroups/g",
                "principalType": "ServicePrincipal",
            }
        ),
        bad=(
            Example(
                props={
                    "roleDefinitionId": "/x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                    "scope": "/subscriptions/s/resourceGroups/g",
                    "principalType": "ServicePrincipal",
                }
            ),
            Example(
                props={
                    "roleDefinitionId": "/x/b24988ac-6180-42a0-ab88-20f7382dd24c",
                    "scope": "/subscriptions/s",
                    "principalType": "ServicePrincipal",
                }
            ),
        ),
        unknown=Example(props={"roleDefinitionId": UNKNOWN, "scope": "/subscriptions/s"}),
    ),
    rule(
        "az-storage-secure",
        Severity.HIGH,
        STORAGE,
        both(
            equals("enableHttpsTrafficOnly", True, absent_is_fine=True, safe=True),
            among("minimumTlsVersion", "TLS1_2", "TLS1_3", safe="TLS1_2"),
            equals("allowSharedKeyAccess", False),
            equals("allowBlobPublicAccess", False),
        ),
        "Storage accounts take TLS 1.2 or newer and identities only, and are never public.",
        "An account key opens everything in the account to whoever reads it.",
        "Use components/azure/storage.py, or set the property.",
        good=_STORE_GOOD,
        bad=[
            {"enableHttpsTrafficOnly": False},
            {"minimumTlsVersion": "TLS1_0"},
            {"allowSharedKeyAccess": True},
            {"allowSharedKeyAccess": DROP},
            {"allowBlobPublicAccess": True},
        ],
        unknown="minimumTlsVersion",
        sources=("CKV_AZURE_3", "CKV_AZURE_44", "CKV2_AZURE_40", "CKV2_AZURE_47", "AZU-0011"),
    ),
    rule(
        "az-kv-secure",
        Severity.HIGH,
        VAULT,
        both(
            equals("properties.enablePurgeProtection", True),
            equals("properties.enableSoftDelete", True, absent_is_fine=True),
            equals("properties.enableRbacAuthorization", True),
        ),
        "Key vaults are protected from purging and use roles, not access policies.",
        "Whoever deletes a key deletes everything that it encrypts.",
        "Set enable_purge_protection and enable_rbac_authorization.",
        good={"properties": {"enablePurgeProtection": True, "enableRbacAuthorization": True}},
        bad=[
            {"properties.enablePurgeProtection": DROP},
            {"properties.enableRbacAuthorization": False},
            {"properties.enableSoftDelete": False},
        ],
        unknown="properties.enablePurgeProtection",
        sources=("CKV_AZURE_110", "CKV_AZURE_189", "AZU-0013", "AZU-0016"),
    ),
    rule(
        "az-acr-secure",
        Severity.HIGH,
        REGISTRY,
        both(
            equals("adminUserEnabled", False, absent_is_fine=True),
            equals("anonymousPullEnabled", False, absent_is_fine=True),
        ),
        "Registries have no admin user and serve nobody unknown.",
        "The admin's password pushes images to every container.",
        "Leave admin_user_enabled and anonymous_pull_enabled off.",
        good={"adminUserEnabled": False},
        bad=[{"adminUserEnabled": True}, {"anonymousPullEnabled": True}],
        unknown="adminUserEnabled",
        sources=("CKV_AZURE_35", "CKV_AZURE_137", "CKV_AZURE_138"),
    ),
    Rule(
        id="az-autoscale-sane",
        severity=Severity.HIGH,
        types=AUTOSCALE,
        check=Check(run=_sane),
        summary="Autoscale settings are on, and their thresholds lie apart.",
        rationale="A setting that is off scales nothing; thresholds that meet flap for ever.",
        remediation="Set enabled=True, and a scale-in threshold well below the scale-out one.",
        sources=("Azure Monitor documentation, autoscale best practices",),
        good=Example(props={"enabled": True, "profiles": []}),
        bad=(Example(props={"enabled": False}), Example(props={"profiles": []})),
        unknown=Example(props={"enabled": UNKNOWN}),
    ),
)
