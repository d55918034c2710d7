"""Third layer, rules of the field: what Microsoft's models do not say.

One file for each noun; every rule is a pure function of the inputs, with its source beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules import (
    access,
    assets,
    autoscale,
    batch,
    deployment,
    endpoint,
    every,
    instance,
    job,
    monitor,
    names,
    network,
    serverless,
    storage,
    trigger,
    vault,
    workspace,
)
from mlplatform.contracts.problem import Problem

Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]

_ML = "machinelearningservices"
_RULES: dict[str, tuple[Rule, ...]] = {
    "authorization:RoleAssignment": (access.role_assignment,),
    "authorization:RoleDefinition": (access.role_definition,),
    "managedidentity:FederatedIdentityCredential": (access.federated_credential,),
    "network:PrivateEndpoint": (network.private_endpoint,),
    "network:Subnet": (network.subnet,),
    "network:VirtualNetwork": (network.virtual_network,),
    "keyvault:Key": (vault.key,),
    "keyvault:Vault": (vault.vault,),
    "monitor:AutoscaleSetting": (autoscale.setting,),
    "monitor:DiagnosticSetting": (workspace.diagnostic_setting,),
    "operationalinsights:Workspace": (workspace.log_workspace,),
    "storage:ManagementPolicy": (storage.management_policy,),
    "storage:StorageAccount": (storage.account,),
    f"{_ML}:BatchDeployment": (batch.deployment,),
    f"{_ML}:BatchEndpoint": (batch.endpoint,),
    f"{_ML}:CodeVersion": (assets.located("codeUri"),),
    f"{_ML}:DataVersion": (assets.located("dataUri"),),
    f"{_ML}:ModelVersion": (assets.located("modelUri"),),
    f"{_ML}:Compute": (
        deployment.compute,
        instance.instance,
        instance.names,
        instance.kubernetes,
        trigger.machine,
    ),
    f"{_ML}:OnlineDeployment": (deployment.online,),
    f"{_ML}:OnlineEndpoint": (endpoint.online,),
    f"{_ML}:ManagedNetworkSettingsRule": (network.outbound_rule,),
    f"{_ML}:MarketplaceSubscription": (serverless.subscription,),
    f"{_ML}:FeaturesetVersion": (trigger.materialization, monitor.materialization),
    f"{_ML}:Schedule": (trigger.schedule, monitor.monitor, job.of_schedule),
    f"{_ML}:ServerlessEndpoint": (serverless.endpoint,),
    f"{_ML}:Workspace": (workspace.workspace,),
}


def problems(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """Everything that the rules refuse in these inputs."""
    short = token.partition(":")[2]
    found = [
        *names.check(short, inputs),
        *every.tags(short, inputs),
        *every.location(inputs),
    ]
    for rule in _RULES.get(short, ()):
        found.extend(rule(inputs))
    return found
