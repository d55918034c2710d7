"""Deployment resource pools: machines that deployed models share.

Sources: aiplatform discovery document (DeploymentResourcePool: one key for a pool and the endpoints
in it; QueryDeployedModels); "Share resources across deployments" (PyTorch and TensorFlow in Vertex
AI's own containers only, and one image in a pool). That a used pool cannot go, and that its machine
never changes, is believed.
"""

from __future__ import annotations

from mlplatform.catalog import gcp as catalog
from mlplatform.sandbox.clouds.gcp import fields, policies
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.resources import check_dedicated
from mlplatform.sandbox.clouds.gcp.vertex import Asked, Vertex
from mlplatform.sandbox.clouds.gcp.world import Document

COLLECTION = "deploymentResourcePools"
_MUTABLE = (
    "dedicatedResources.minReplicaCount",
    "dedicatedResources.maxReplicaCount",
    "dedicatedResources.autoscalingMetricSpecs",
)


class Pools:
    """Hooks for `DeploymentResourcePoolService`, and what a deployment asks of a pool."""

    def __init__(self, vertex: Vertex) -> None:
        self._vertex = vertex
        vertex.guards[COLLECTION] = self._guard
        vertex.hooks |= {
            "UpdateDeploymentResourcePool": self._update,
            "DeleteDeploymentResourcePool": self._delete,
            "QueryDeployedModels": self._query,
        }

    def admit(self, name: str, endpoint: Document, image: str) -> None:
        """Whether a model may be deployed on the pool.

        Raises:
            Refusal: there is no such pool, or the model cannot share it.
        """
        pool = self._vertex.get(name)
        if not catalog.shares(image):
            message = f"The container image {image} does not support shared resources."
            raise Refusal("INVALID_ARGUMENT", message)
        others = {self._image(deployed) for _, deployed in self._deployed(name)}
        if others - {image}:
            message = f"Deployed models of {name} must have one container image."
            raise Refusal("INVALID_ARGUMENT", message)
        if pool.get("encryptionSpec") != endpoint.get("encryptionSpec"):
            message = f"{name} and the endpoint must have the same encryption_spec."
            raise Refusal("INVALID_ARGUMENT", message)

    def _guard(self, _: str, pool: Document) -> None:
        check_dedicated(pool.get("dedicatedResources", {}))
        account = pool.get("serviceAccount")
        if account:
            policies.account_usable(self._vertex.world, str(account))

    def _update(self, asked: Asked) -> Document:
        mask = [path for path in str(asked.request.get("updateMask", "")).split(",") if path]
        for path in mask:
            if path not in _MUTABLE:
                raise Refusal("INVALID_ARGUMENT", f"Field {path} cannot be updated.")
        return self._vertex.patch(asked)

    def _delete(self, asked: Asked) -> Document:
        used = [endpoint for endpoint, _ in self._deployed(asked.name)]
        if used:
            message = f"{asked.name} has deployed models, on {used[0]}; undeploy them first."
            raise Refusal("FAILED_PRECONDITION", message)
        return self._vertex.delete(asked)

    def _query(self, asked: Asked) -> Document:
        self._vertex.get(asked.name)
        rows = [
            {"endpoint": endpoint, "deployedModelId": deployed["id"]}
            for endpoint, deployed in self._deployed(asked.name)
        ]
        counts = {
            "totalDeployedModelCount": len(rows),
            "totalEndpointCount": len({row["endpoint"] for row in rows}),
        }
        return {**fields.page(rows, asked.request, "deployedModelRefs"), **counts}

    def _deployed(self, name: str) -> list[tuple[str, Document]]:
        found: list[tuple[str, Document]] = []
        for key, endpoint in self._vertex.world.children("aiplatform/projects/"):
            for deployed in endpoint.get("deployedModels", ()) if "/endpoints/" in key else ():
                if deployed.get("sharedResources") == name:
                    found.append((key.partition("/")[2], deployed))
        return found

    def _image(self, deployed: Document) -> str:
        versions = self._vertex.get(str(deployed["model"]))["versions"]
        return str(versions[deployed["modelVersionId"]]["containerSpec"]["imageUri"])
