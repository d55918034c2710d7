"""The local Azure inside the test's process: quick to start, with its faults within reach."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.azure import __main__ as main
from mlplatform.sandbox.clouds.azure import demands, listening, server, tls
from mlplatform.sandbox.clouds.azure.existing import existing
from mlplatform.sandbox.clouds.azure.world import World
from mlplatform.sandbox.clouds.control import Control
from mlplatform.sandbox.clouds.faults import Faults
from mlplatform.sandbox.clouds.request_log import RequestLog

GROUP = "rg"
WORKSPACE = "ws1"
LOCATION = "westeurope"
ML = "Microsoft.MachineLearningServices/workspaces"
ML_API = "2025-12-01"


class Credential:
    """A fixed token, as azure-core's clients want it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **options: Any) -> Any:
        from azure.core.credentials import AccessToken

        del scopes, options
        return AccessToken(self._token, int(time.time()) + 3600)


@dataclass(frozen=True, kw_only=True)
class LocalAzure:
    """A running local Azure."""

    world: World
    faults: Faults
    log: RequestLog
    public: dict[str, Any]
    environ: dict[str, str]

    @property
    def subscription(self) -> str:
        return str(self.public["subscription_id"])

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}"

    @property
    def workspace_id(self) -> str:
        return f"{self.group_id}/providers/{ML}/{WORKSPACE}"

    @property
    def credential(self) -> Credential:
        return Credential(str(self.public["token"]))

    def call(
        self, method: str, path: str, body: Any = None, *, api: str = ML_API, **headers: str
    ) -> requests.Response:
        """One raw request, as it is answered."""
        return requests.request(
            method,
            f"{self.public['arm_endpoint']}{path}",
            params={"api-version": api} if api else {},
            json=body,
            headers={"Authorization": "Bearer x", **headers},
            verify=str(self.public["ca_certificate"]),
            timeout=10,
        )

    def put(self, path: str, body: Any) -> dict[str, Any]:
        """PUT that must be accepted; what is there afterwards."""
        answer = self.call("PUT", path, body)
        assert answer.status_code < 300, answer.text
        return self.get(path)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def workspace(self) -> str:
        """A workspace with its dependents; its id."""
        self.put(self.group_id, {"location": LOCATION})
        provided = f"{self.group_id}/providers"
        account = f"{provided}/Microsoft.Storage/storageAccounts/mlstore1"
        vault = f"{provided}/Microsoft.KeyVault/vaults/mlvault1"
        sku = {"name": "Standard_LRS"}
        self.put(account, {"location": LOCATION, "kind": "StorageV2", "sku": sku})
        properties = {"enableRbacAuthorization": True, "tenantId": self.public["tenant_id"]}
        self.put(vault, {"location": LOCATION, "properties": properties})
        self.put(
            self.workspace_id,
            {
                "location": LOCATION,
                "identity": {"type": "SystemAssigned"},
                "properties": {"storageAccount": account, "keyVault": vault},
            },
        )
        return self.workspace_id


@contextmanager
def local_azure(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, delay_s: float = 0.0
) -> Iterator[LocalAzure]:
    """Serve until the block ends, with the environment that its clients need."""
    arm_socket, blob_socket = frame.listen(0), frame.listen(0)
    tls.prepare(folder / "tls")
    context = tls.server_context(folder / "tls")
    world = World(folder, delay_s=delay_s)
    faults, log = demands.faults(), RequestLog()
    control = Control(faults=faults, log=log, resources=lambda: existing(world), reset=world.reset)
    arm = listening.TlsServer(arm_socket, context, server.arm_handler(world, faults, log, control))
    blob = listening.TlsServer(blob_socket, context, server.blob_handler(world, log))
    world.arm_endpoint = f"https://localhost:{arm.port}"
    world.blob_endpoint = f"https://localhost:{blob.port}"
    public, environ = main.addresses(folder, world.arm_endpoint, world.blob_endpoint)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AZUREML_CURRENT_CLOUD", raising=False)
    for service in (arm, blob):
        service.start()
    try:
        yield LocalAzure(world=world, faults=faults, log=log, public=public, environ=environ)
    finally:
        for service in (arm, blob):
            service.stop()
