"""Google's own clients on a sandbox, and the local cloud's door for faults and lists."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.cloud import aiplatform_v1, storage
from google.oauth2.credentials import Credentials

from tests.engine.conftest import Project

STACK = "dev-gcp"
_LOOK_EVERY_S = 0.02


class Google:
    """What ``./mlp sandbox env --json`` prints, in the hands of the vendor's clients."""

    def __init__(self, project: Project, stack: str = STACK) -> None:
        self.public: dict[str, str] = project.addresses(stack)["gcp"]
        channel = grpc.insecure_channel(self.public["grpc_endpoint"])
        endpoint_service = aiplatform_v1.services.endpoint_service
        model_service = aiplatform_v1.services.model_service
        self.endpoints = aiplatform_v1.EndpointServiceClient(
            transport=endpoint_service.transports.EndpointServiceGrpcTransport(channel=channel)
        )
        self.models = aiplatform_v1.ModelServiceClient(
            transport=model_service.transports.ModelServiceGrpcTransport(channel=channel)
        )
        pool_service = aiplatform_v1.services.deployment_resource_pool_service
        self.pools = aiplatform_v1.DeploymentResourcePoolServiceClient(
            transport=pool_service.transports.DeploymentResourcePoolServiceGrpcTransport(
                channel=channel
            )
        )
        self.storage = storage.Client(
            project=self.public["project"],
            credentials=Credentials(token=self.public["token"]),
            client_options={"api_endpoint": self.public["rest_endpoint"]},
        )

    @property
    def parent(self) -> str:
        return f"projects/{self.public['project']}/locations/{self.public['location']}"

    def endpoint(self, name: str) -> Any:
        return self.endpoints.get_endpoint(name=f"{self.parent}/endpoints/{name}")

    def pool(self) -> Any:
        """The one deployment resource pool."""
        (found,) = self.pools.list_deployment_resource_pools(parent=self.parent)
        return found

    def deployed(self, name: str) -> dict[str, Any]:
        """Deployed models by display name; two of one name would be a leftover."""
        found = self.endpoint(name).deployed_models
        names = [model.display_name for model in found]
        assert len(set(names)) == len(names), f"{name} has {names}"
        return dict(zip(names, found, strict=True))

    def split(self, name: str) -> dict[str, int]:
        """Percent of the traffic by display name."""
        endpoint = self.endpoint(name)
        names = {model.id: model.display_name for model in endpoint.deployed_models}
        return {names[ident]: share for ident, share in endpoint.traffic_split.items()}

    def bounds(self, name: str) -> dict[str, tuple[int, int]]:
        resources = {n: d.dedicated_resources for n, d in self.deployed(name).items()}
        return {n: (r.min_replica_count, r.max_replica_count) for n, r in resources.items()}

    def machines(self, name: str) -> set[str]:
        found = self.endpoint(name).deployed_models
        return {model.dedicated_resources.machine_spec.machine_type for model in found}

    def live(self, name: str) -> dict[str, int]:
        """How many replicas run, by display name."""
        found = self.deployed(name).items()
        return {n: model.status.available_replica_count for n, model in found}

    def versions(self) -> dict[str, list[str]]:
        """The versions of every model in the registry."""
        return {
            model.name.rpartition("/")[2]: [
                version.version_id for version in self.models.list_model_versions(name=model.name)
            ]
            for model in self.models.list_models(parent=self.parent)
        }

    def scaled_out(self, name: str, deployed_name: str, replicas: int) -> None:
        """Bring the live count up, as load would do, and leave the bounds as they were.

        No client can set the count: raising the lower bound makes Vertex AI follow.
        """
        model = self.deployed(name)[deployed_name]
        declared = model.dedicated_resources.min_replica_count
        for bound in (replicas, declared):
            model.dedicated_resources.min_replica_count = bound
            self.endpoints.mutate_deployed_model(
                endpoint=f"{self.parent}/endpoints/{name}",
                deployed_model=model,
                update_mask={"paths": ["dedicated_resources.min_replica_count"]},
            ).result(timeout=30)

    def compute(self, path: str) -> Any:
        """One object of Compute Engine."""
        return self.get(path, version="compute/v1")

    def get(self, path: str, *, version: str = "v1") -> Any:
        """One object of a service whose client is not among the project's libraries."""
        url = f"{self.public['rest_endpoint']}/{version}/{path}"
        headers = {"Authorization": f"Bearer {self.public['token']}"}
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as a:
            return json.loads(a.read())

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The local cloud's own door for faults and lists."""
        request = urllib.request.Request(
            f"{self.public['rest_endpoint']}/_sandbox/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def resources(self) -> list[str]:
        found: list[str] = self.control("GET", "resources")
        return found

    def changes(self) -> list[str]:
        """The calls since the last ``DELETE requests`` that changed an endpoint, in order."""
        done = [entry for entry in self.control("GET", "requests") if entry["status"] == 200]
        names = [entry["operation"].rpartition(".")[2] for entry in done]
        verbs = ("DeployModel", "UndeployModel", "MutateDeployedModel", "UpdateEndpoint")
        return [name for name in names if name in verbs]

    @contextmanager
    def watched(self, name: str) -> Iterator[list[tuple[frozenset[str], dict[str, int]]]]:
        """Look at an endpoint all the time: each state of (ids deployed, split by id), once."""
        seen: list[tuple[frozenset[str], dict[str, int]]] = []
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(_LOOK_EVERY_S):
                endpoint = self.endpoint(name)
                ids = frozenset(model.id for model in endpoint.deployed_models)
                state = (ids, dict(endpoint.traffic_split))
                if not seen or seen[-1] != state:
                    seen.append(state)

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield seen
        finally:
            ended.set()
            watcher.join()
