"""Tokens and cloud metadata: what Azure's clients ask before they speak to Resource Manager."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from mlplatform.sandbox.clouds.azure.world import DEPLOYER, TENANT

_LIFETIME_S = 24 * 3600
CLOUD = "MlPlatformSandbox"
"""Name of this cloud in the metadata."""


def access_token(tenant: str = TENANT) -> str:
    """An unsigned token with the claims that clients look at. It opens nothing but the sandbox."""

    def part(value: dict[str, Any]) -> str:
        text = json.dumps(value, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    claims = {"tid": tenant, "oid": DEPLOYER, "appid": DEPLOYER, "exp": 4102444800, "ver": "1.0"}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.sandbox"


def tenant_of(authorization: str) -> str:
    """The tenant that a caller's token belongs to; the sandbox's own for a token without one."""
    try:
        claims = authorization.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["tid"]
    except (IndexError, KeyError, TypeError, ValueError):
        return TENANT
    return str(found)


def token_answer(resource: str, tenant: str = TENANT) -> dict[str, Any]:
    """What both the OAuth endpoint and a managed identity's endpoint answer."""
    ends = int(time.time()) + _LIFETIME_S
    return {
        "access_token": access_token(tenant),
        "token_type": "Bearer",
        "expires_in": str(_LIFETIME_S),
        "ext_expires_in": str(_LIFETIME_S),
        "expires_on": str(ends),
        "not_before": str(int(time.time())),
        "resource": resource,
    }


def openid_configuration(base: str, tenant: str) -> dict[str, Any]:
    return {
        "issuer": f"{base}/{tenant}/v2.0",
        "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/{tenant}/discovery/v2.0/keys",
        "tenant_region_scope": None,
    }


def instance_discovery(base: str) -> dict[str, Any]:
    host = base.removeprefix("https://")
    return {
        "tenant_discovery_endpoint": f"{base}/{TENANT}/v2.0/.well-known/openid-configuration",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }


def cloud_metadata(base: str, storage_suffix: str) -> dict[str, Any]:
    """One cloud, as `https://management.azure.com/metadata/endpoints` describes a cloud."""
    return {
        "name": CLOUD,
        "portal": f"{base}/",
        "resourceManager": f"{base}/",
        "microsoftGraphResourceId": f"{base}/",
        "gallery": f"{base}/",
        "graph": f"{base}/",
        "authentication": {
            "loginEndpoint": base,
            "audiences": [f"{base}/", base],
            "tenant": TENANT,
            "identityProvider": "AAD",
        },
        "suffixes": {
            "storage": storage_suffix,
            "keyVaultDns": "vault.azure.net",
            "acrLoginServer": "azurecr.io",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "sqlServerHostname": "database.windows.net",
        },
    }
