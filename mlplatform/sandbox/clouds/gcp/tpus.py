"""Cloud TPU: machines, and the queue that makes them when there is room; here there always is."""

from __future__ import annotations

from mlplatform.sandbox.clouds.gcp import operations, policies
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_NODES = "projects.locations.nodes"
_QUEUE = "projects.locations.queuedResources"


class Tpus(Documented):
    """`nodes.*` and `queuedResources.*`."""

    def __init__(self, world: World) -> None:
        paths = r"/v2/projects/[^/]+/locations/[^/]+/(nodes|queuedResources|operations)"
        super().__init__(world, "tpu.v2", paths)
        self.hooks |= {
            f"{_NODES}.create": self._create,
            f"{_QUEUE}.create": self._enqueue,
            f"{_QUEUE}.delete": self._dequeue,
            "projects.locations.operations.get": lambda a: operations.poll(world, a.name),
        }

    def _create(self, asked: Asked) -> Document:
        body = asked.body
        if not body.get("runtimeVersion"):
            raise Refusal("INVALID_ARGUMENT", "runtime_version must be set.")
        if "acceleratorType" in body and "acceleratorConfig" in body:
            raise Refusal("INVALID_ARGUMENT", "Set accelerator_type or accelerator_config.")
        account = body.get("serviceAccount", {}).get("email")
        if account:
            policies.account_usable(self.world, str(account))
        return self.create(asked, extra={"state": "READY", "health": "HEALTHY"})

    def _enqueue(self, asked: Asked) -> Document:
        parent, _, _ = asked.name.rpartition("/")
        request = f"{asked.name}/{asked.query.get('queuedResourceId', '')}"
        answer = self.create(asked, extra={"state": {"state": "ACTIVE"}})
        now = self.world.now()
        for spec in asked.body.get("tpu", {}).get("nodeSpec", ()):
            name = f"{parent}/nodes/{spec.get('nodeId') or self.world.next_number()}"
            made = {"name": name, "state": "READY", "createTime": now, "queuedResource": request}
            self.world.objects[self.key(name)] = {**spec.get("node", {}), **made}
        return answer

    def _dequeue(self, asked: Asked) -> Document:
        """The machines go with their request."""
        prefix = self.key(asked.name.rpartition("/queuedResources/")[0] + "/nodes/")
        for key, node in list(self.world.children(prefix)):
            if node.get("queuedResource") == asked.name:
                del self.world.objects[key]
        return self.delete(asked)
