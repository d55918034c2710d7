"""All services together: which one answers a call, faults on the way, and the request log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from mlplatform.sandbox.clouds.control import Control
from mlplatform.sandbox.clouds.faults import Fault, Faults
from mlplatform.sandbox.clouds.gcp import operations, policies, wire
from mlplatform.sandbox.clouds.gcp.alerts import Alerts
from mlplatform.sandbox.clouds.gcp.buckets import Buckets
from mlplatform.sandbox.clouds.gcp.call import Answer, Call, Match, Service
from mlplatform.sandbox.clouds.gcp.credentials import project_of
from mlplatform.sandbox.clouds.gcp.endpoints import Endpoints
from mlplatform.sandbox.clouds.gcp.features import FeatureStore
from mlplatform.sandbox.clouds.gcp.identity import Federation, Identity
from mlplatform.sandbox.clouds.gcp.jobs import Jobs
from mlplatform.sandbox.clouds.gcp.keyrings import KeyRings
from mlplatform.sandbox.clouds.gcp.models import Models
from mlplatform.sandbox.clouds.gcp.monitors import Monitors
from mlplatform.sandbox.clouds.gcp.networks import ConnectionPolicies, Networks
from mlplatform.sandbox.clouds.gcp.pools import Pools
from mlplatform.sandbox.clouds.gcp.projects import Projects, Services
from mlplatform.sandbox.clouds.gcp.quotas import Quotas
from mlplatform.sandbox.clouds.gcp.refusal import Refusal, status_for
from mlplatform.sandbox.clouds.gcp.repositories import Repositories
from mlplatform.sandbox.clouds.gcp.tables import Tables
from mlplatform.sandbox.clouds.gcp.tpus import Tpus
from mlplatform.sandbox.clouds.gcp.vertex import Vertex, aliases, log_name
from mlplatform.sandbox.clouds.gcp.wire import Method
from mlplatform.sandbox.clouds.gcp.world import Document, World
from mlplatform.sandbox.clouds.request_log import RequestLog

_NOT_RESOURCES = ("agents/", "serviceusage/")
"""What Google makes by itself, and switches that always exist."""


_PROJECT_IN_PATH = re.compile(r"^/(?:compute/)?(?:v\d\w*|ui)/projects/([^/:]+)")


class NoAnswer(Exception):  # noqa: N818 - reads as what happened
    """The client must not get an answer: the connection is closed."""


class GoogleCloud:
    """One local cloud; `origin` is its REST address, such as http://127.0.0.1:8080."""

    def __init__(self, directory: Path, delay_s: float, origin: str) -> None:
        self.world = World(directory, delay_s)
        self.faults = Faults()
        self.log = RequestLog()
        self.vertex = Vertex(self.world)
        models = Models(self.vertex)
        Monitors(self.vertex, models)
        Endpoints(self.vertex, models, Pools(self.vertex))
        FeatureStore(self.vertex)
        Jobs(self.vertex, models)
        self._services: tuple[Service, ...] = (
            Buckets(self.world, origin),
            Projects(self.world, "v1"),
            Projects(self.world, "v3"),
            Services(self.world, "v1"),
            Services(self.world, "v1beta1"),
            Identity(self.world),
            Federation(self.world),
            KeyRings(self.world),
            Networks(self.world),
            ConnectionPolicies(self.world),
            Quotas(self.world),
            Repositories(self.world),
            Alerts(self.world),
            Tables(self.world),
            Tpus(self.world),
            self.vertex,
        )
        self.control = Control(
            faults=self.faults, log=self.log, resources=self.resources, reset=self.world.reset
        )

    def rest(self, call: Call) -> Answer:
        """The answer to a REST call; errors are answers too."""
        match = self._match(call)
        if match is None:
            refusal = Refusal("NOT_FOUND", f"Method not found: {call.http} {call.path}")
            return Answer(value=refusal.body(), status=404)
        text = f"{call.path} {call.content[:10_000].decode(errors='replace')}"
        try:
            self._refuse_foreign(call)
            answer = self._performed(match.operation, match.aliases, match.run, text)
        except Refusal as refusal:
            self.log.note(match.operation, refusal.http)
            return Answer(value=refusal.body(), status=refusal.http)
        self.log.note(match.operation, answer.status)
        return answer

    def grpc(self, method: Method, content: bytes) -> tuple[Document, Method]:
        """The JSON answer to a gRPC call of Vertex AI; raises Refusal."""

        def run() -> Answer:
            return Answer(value=self.vertex.do(method, wire.decode(method.request, content)))

        return self.logged(log_name(method), aliases(method), run), method

    def logged(self, operation: str, names: tuple[str, ...], run: Callable[[], Answer]) -> Document:
        """Perform a call that did not come over REST."""
        try:
            answer = self._performed(operation, names, run, "")
        except Refusal as refusal:
            self.log.note(operation, refusal.http)
            raise
        self.log.note(operation, 200)
        value: Document = answer.value
        return value

    def resources(self) -> list[str]:
        """Everything that exists, one line each, bindings too."""
        with self.world.lock:
            operations.settle_all(self.world)
            lines = [k for k in self.world.objects if not k.startswith(_NOT_RESOURCES)]
            for key, policy in self.world.policies.items():
                lines += [f"{key} {role} {m}" for role, m in policies.members(policy)]
            return sorted(lines)

    def _refuse_foreign(self, call: Call) -> None:
        """A project's own credentials do not open another one."""
        owner = project_of(call.headers.get("authorization", ""))
        named = _PROJECT_IN_PATH.search(call.path)
        if owner is None or named is None:
            return
        if named[1] not in (owner, self.world.project_number(owner)):
            message = f"Permission denied on resource project {named[1]}, or it does not exist."
            raise Refusal("PERMISSION_DENIED", message)

    def _match(self, call: Call) -> Match | None:
        operation = _service_operation(call)
        if operation is not None:
            run = _Run(self.vertex.operation, operation)
            return Match(operation="operations.get", run=run)
        with self.world.lock:
            for service in self._services:
                found = service.match(call)
                if found is not None:
                    return found
        return None

    def _performed(
        self, operation: str, names: tuple[str, ...], run: Callable[[], Answer], text: str
    ) -> Answer:
        fault = self.faults.take(operation, *names, text=text)
        if fault is not None:
            self._before(fault, operation)
        with self.world.lock:
            operations.settle_all(self.world)
            answer = run()
        if fault is not None and fault.kind == "lost_answer":
            self.log.note(operation, 0)
            raise NoAnswer
        return answer

    def _before(self, fault: Fault, operation: str) -> None:
        """What a fault does before the call is performed."""
        time.sleep(fault.delay_s)
        if fault.kind == "no_answer":
            self.log.note(operation, 0)
            raise NoAnswer
        if fault.kind in ("throttle", "quota"):
            words = f"Quota exceeded for quota metric of {operation}."
            raise Refusal("RESOURCE_EXHAUSTED", fault.message or words)
        if fault.kind == "error":
            http = fault.status or 500
            status = fault.code or status_for(http)
            raise Refusal(status, fault.message or f"{operation} failed on demand.", http=http)


class _Run:
    """Reads one operation of a service other than Vertex AI."""

    def __init__(self, read: Callable[[str, str], Document], name: str) -> None:
        self._read = read
        self._name = name

    def __call__(self) -> Answer:
        return Answer(value=self._read(self._name, "get"))


def _service_operation(call: Call) -> str | None:
    """`/v1/operations/ID`: Service Usage and Resource Manager keep theirs under no project."""
    parts = call.path.strip("/").split("/")
    if call.http == "GET" and len(parts) == 3 and parts[1] == "operations":
        return f"operations/{parts[2]}"
    return None
