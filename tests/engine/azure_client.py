"""What stands in the local Azure: read by Microsoft's own clients, and its history from the cloud.

The clients get what ``sandbox env --json`` prints and nothing else.
"""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

_GROUP = "ml-dev"


class _Credential:
    """The sandbox's token, as azure-core's clients want it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **options: Any) -> Any:
        from azure.core.credentials import AccessToken

        del scopes, options
        return AccessToken(self._token, int(time.time()) + 3600)


@dataclass(frozen=True, kw_only=True)
class AzureClients:
    """MLClient of the workspace, and the management clients beside it."""

    public: dict[str, str]
    ml: Any
    monitor: Any
    authorization: Any
    storage: Any
    identities: Any
    network: Any
    dns: Any

    def traffic(self, endpoint: str) -> dict[str, int]:
        """Percent by variant."""
        shares = self.ml.online_endpoints.get(endpoint).traffic
        return {self._variant(endpoint, name): share for name, share in shares.items()}

    def deployments(self, endpoint: str) -> dict[str, Any]:
        """Deployments by variant; fails when two stand for the same one."""
        found = list(self.ml.online_deployments.list(endpoint))
        by_variant = {deployment.tags["mlgap-variant"]: deployment for deployment in found}
        assert len(by_variant) == len(found), [deployment.name for deployment in found]
        return by_variant

    def machines(self, endpoint: str) -> dict[str, tuple[str, int]]:
        """Instance type and live count by variant."""
        return {
            variant: (deployment.instance_type, deployment.instance_count)
            for variant, deployment in self.deployments(endpoint).items()
        }

    def autoscale(self, endpoint: str) -> dict[str, Any]:
        """Autoscale settings by the variant that they move; fails when one moves nothing."""
        names = {d.name: variant for variant, d in self.deployments(endpoint).items()}
        targets = {
            setting.target_resource_uri.partition(f"/onlineEndpoints/{endpoint}/deployments/")[2]: (
                setting
            )
            for setting in self.monitor.autoscale_settings.list_by_resource_group(_GROUP)
        }
        return {names[name]: setting for name, setting in targets.items() if name}

    def bounds(self, endpoint: str) -> dict[str, tuple[int, int]]:
        found = {}
        for variant, setting in self.autoscale(endpoint).items():
            assert setting.enabled, f"autoscale of {variant} is off"
            (profile,) = setting.profiles
            found[variant] = (int(profile.capacity.minimum), int(profile.capacity.maximum))
        return found

    def move_count(self, endpoint: str, variant: str, count: int) -> None:
        """What autoscale does under load, done by hand."""
        deployment = self.deployments(endpoint)[variant]
        # Not by azure-ai-ml, which cannot send back a data collector that it has read.
        body = {"sku": {"name": "Default", "capacity": count}}
        self._send("PATCH", f"{deployment.id}?api-version=2025-12-01", body)
        deadline = time.monotonic() + 30
        while True:
            found = self._send("GET", f"{deployment.id}?api-version=2025-12-01")
            if found["properties"]["provisioningState"] == "Succeeded":
                assert found["sku"]["capacity"] == count
                return
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def control(self, method: str, path: str, body: Json | None = None) -> Any:
        """The local cloud's own door for faults and lists."""
        return self._send(method, f"/_sandbox/{path}", body)

    def raw(self, method: str, id_: str, body: Json | None = None) -> Any:
        """Resource Manager without a client, for what other teams have."""
        return self._send(method, f"{id_}?api-version=2024-03-01", body)

    def blob(self, account: str, container: str, name: str) -> str:
        """The text of a blob, by azure-storage-blob."""
        from azure.storage.blob import BlobServiceClient

        service = BlobServiceClient(
            f"{self.public['blob_endpoint']}/{account}",
            credential=_Credential(self.public["token"]),
            connection_verify=self.public["ca_certificate"],
        )
        client = service.get_blob_client(container, name)
        return str(client.download_blob().readall().decode())

    def _send(self, method: str, path: str, body: Json | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.public['arm_endpoint']}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.public['token']}",
            },
        )
        trusted = ssl.create_default_context(cafile=self.public["ca_certificate"])
        with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:
            return json.loads(answer.read() or "null")

    def _variant(self, endpoint: str, deployment: str) -> str:
        tags = self.ml.online_deployments.get(deployment, endpoint).tags
        return str(tags["mlgap-variant"])


@contextmanager
def azure_clients(public: dict[str, str], group: str = _GROUP) -> Iterator[AzureClients]:
    """Until the block ends, Microsoft's clients find the local cloud, and only that.

    ``group``: of the environment; its workspace has the same name.
    """
    with pytest.MonkeyPatch.context() as patch:
        # Documented by azure-ai-ml and by requests.
        patch.setenv("ARM_CLOUD_METADATA_URL", public["metadata_url"])
        patch.setenv("REQUESTS_CA_BUNDLE", public["ca_certificate"])
        patch.setenv("AZUREML_CURRENT_CLOUD", public["cloud"])
        from azure.ai.ml import MLClient
        from azure.mgmt.authorization import AuthorizationManagementClient
        from azure.mgmt.monitor import MonitorManagementClient
        from azure.mgmt.msi import ManagedServiceIdentityClient
        from azure.mgmt.network import NetworkManagementClient
        from azure.mgmt.privatedns import PrivateDnsManagementClient
        from azure.mgmt.storage import StorageManagementClient

        endpoint, subscription = public["arm_endpoint"], public["subscription_id"]
        options: Json = {"base_url": endpoint, "credential_scopes": [f"{endpoint}/.default"]}
        credential: Any = _Credential(public["token"])
        yield AzureClients(
            public=public,
            ml=MLClient(
                credential,
                subscription,
                group,
                group,
                cloud=public["cloud"],
                enable_telemetry=False,
                show_progress=False,
            ),
            monitor=MonitorManagementClient(credential, subscription, **options),
            authorization=AuthorizationManagementClient(credential, subscription, **options),
            storage=StorageManagementClient(credential, subscription, **options),
            network=NetworkManagementClient(credential, subscription, **options),
            dns=PrivateDnsManagementClient(credential, subscription, **options),
            identities=ManagedServiceIdentityClient(credential, subscription, **options),
        )


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One endpoint after one change of it or of its deployments."""

    traffic: dict[str, int]
    ready: frozenset[str]
    """Deployments that serve: created, and neither failed nor going."""


def assert_always_served(moments: list[Moment]) -> None:
    """At every moment the whole traffic goes to deployments that are ready."""
    assert moments
    for moment in moments:
        assert sum(moment.traffic.values()) == 100, moment
        assert set(moment.traffic) <= moment.ready, moment


class History:
    """Every state that the cloud was in, however short, out of the journal that it keeps."""

    def __init__(self, sandbox: Path) -> None:
        self._journal = sandbox / "clouds" / "azure" / "journal"

    def now(self) -> int:
        """A mark for `since`; it holds until the cloud is started again."""
        return self._journal.stat().st_size

    def since(self, mark: int, endpoint: str) -> list[Moment]:
        """What the endpoint went through after the mark, starting with how it stood there."""
        here = f"/onlineendpoints/{endpoint}"
        traffic: dict[str, int] = {}
        ready: dict[str, bool] = {}
        moments: list[Moment] = []
        at = 0
        for line in self._journal.read_bytes().splitlines(keepends=True):
            at += len(line)
            record = json.loads(line.partition(b" ")[2])
            _, found, below = str(record["key"]).partition(here)
            if not found or record["section"] != "resources":
                continue
            value = record.get("value")
            if below.startswith("/deployments/"):
                _take_deployment(ready, below.removeprefix("/deployments/"), value)
            elif value is not None:
                traffic = {k: v for k, v in (value["properties"].get("traffic") or {}).items() if v}
            moment = Moment(
                traffic=traffic, ready=frozenset(name for name, serves in ready.items() if serves)
            )
            if at <= mark:
                moments.clear()
            moments.append(moment)
        return moments


def _take_deployment(ready: dict[str, bool], name: str, value: Json | None) -> None:
    if value is None:
        ready.pop(name, None)
        return
    state = value["properties"]["provisioningState"]
    # An update leaves the containers that serve alone.
    ready[name] = state == "Succeeded" or (state == "Updating" and ready.get(name, False))
