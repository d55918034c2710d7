"""Bodies for Azure ML: from inputs, and from what Azure shows (a PUT carries the whole)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts import azure as contract

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
BATCH_ENDPOINT = "azure-native:machinelearningservices:BatchEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"

_FILLED = frozenset({"id", "name", "type", "systemData", "etag"})
_FILLED_PROPERTIES = frozenset({"scoringUri", "swaggerUri", "provisioningState"})
_FILLED_IDENTITY = frozenset({"principalId", "tenantId"})


def endpoint_path(
    subscription_id: str, inputs: Mapping[str, Any], kind: str = "onlineEndpoints"
) -> str:
    """The resource id of the endpoint that these inputs are of or belong to."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{inputs['resourceGroupName']}"
        "/providers/Microsoft.MachineLearningServices/workspaces/"
        f"{inputs['workspaceName']}/{kind}/{inputs['endpointName']}"
    )


def from_inputs(token: str, inputs: Mapping[str, Any], subscription_id: str) -> dict[str, Any]:
    """The body that the ordinary type would send for these inputs."""
    request, _ = contract.request(token, inputs, subscription_id)
    return request.body


def writable(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What Azure shows, without what the service fills in: a body to PUT back."""
    body = {k: v for k, v in resource.items() if k not in _FILLED}
    properties = resource.get("properties") or {}
    body["properties"] = {k: v for k, v in properties.items() if k not in _FILLED_PROPERTIES}
    identity = resource.get("identity")
    if isinstance(identity, Mapping):
        body["identity"] = {k: v for k, v in identity.items() if k not in _FILLED_IDENTITY}
        users = identity.get("userAssignedIdentities")
        if isinstance(users, Mapping):
            body["identity"]["userAssignedIdentities"] = {id_: {} for id_ in users}
    return body


def traffic_of(resource: Mapping[str, Any] | None) -> dict[str, Any]:
    """Live and mirrored traffic, as the part of a body."""
    properties = (resource or {}).get("properties") or {}
    return {
        name: dict(properties.get(name) or {})
        for name in ("traffic", "mirrorTraffic")
        if properties.get(name)
    }
