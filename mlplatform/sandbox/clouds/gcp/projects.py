"""Resource Manager and Service Usage: projects, their policies, their services and agents.

A project exists when its id is well-formed; nothing is billed here, so all services are on.
"""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.gcp import policies
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]|\d+")
_AGENTS = {
    "aiplatform.googleapis.com": "gcp-sa-aiplatform",
    "artifactregistry.googleapis.com": "gcp-sa-artifactregistry",
    "notebooks.googleapis.com": "gcp-sa-notebooks",
}


class Projects(Documented):
    """`projects.get` and the project's IAM policy."""

    def __init__(self, world: World, version: str = "v1") -> None:
        document = f"cloudresourcemanager.{version}"
        super().__init__(world, document, rf"/{version}/projects/[^/:]+(:\w+)?$")
        self.hooks |= {
            "projects.get": self._get,
            "projects.getIamPolicy": lambda a: policies.read(world, self._policy_key(a)),
            "projects.setIamPolicy": lambda a: policies.write(
                world, self._policy_key(a), a.body.get("policy", {})
            ),
        }

    def _get(self, asked: Asked) -> Document:
        project = self._project(asked)
        number = self.world.project_number(project)
        if self.document.endswith("v3"):
            shown = {"name": f"projects/{number}", "state": "ACTIVE", "displayName": project}
        else:
            shown = {"projectNumber": number, "lifecycleState": "ACTIVE", "name": project}
        return {**shown, "projectId": project, "createTime": "2026-01-01T00:00:00Z"}

    def _policy_key(self, asked: Asked) -> str:
        return f"cloudresourcemanager/projects/{self._project(asked)}"

    def _project(self, asked: Asked) -> str:
        project = asked.name.split("/")[1]
        if not _PROJECT.fullmatch(project):
            message = "The caller does not have permission, or the project does not exist."
            raise Refusal("PERMISSION_DENIED", message)
        return project


class Services(Documented):
    """`services.*`: which services are on, and the accounts that act for them."""

    def __init__(self, world: World, version: str) -> None:
        super().__init__(world, f"serviceusage.{version}", rf"/{version}/projects/[^/]+/services")
        self.hooks |= {
            "services.enable": lambda a: self._set(a, "ENABLED"),
            "services.disable": lambda a: self._set(a, "DISABLED"),
            "services.get": self._state,
            "services.generateServiceIdentity": self._identity,
        }

    def _state(self, asked: Asked) -> Document:
        project, service = asked.name.split("/")[1], asked.name.split("/")[3]
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", service):
            raise Refusal("NOT_FOUND", f"Service {service} is not found.")
        number = self.world.project_number(project)
        shown = {
            "name": f"projects/{number}/services/{service}",
            "parent": f"projects/{number}",
            "config": {"name": service},
            "state": "ENABLED",
        }
        return {**shown, **self.world.objects.get(self.key(asked.name), {})}

    def _set(self, asked: Asked, state: str) -> Document:
        self._state(asked)
        self.world.objects[self.key(asked.name)] = {"state": state}
        return self._answered(asked, {"service": self._state(asked)})

    def _identity(self, asked: Asked) -> Document:
        project, service = asked.name.split("/")[1], asked.name.split("/")[3]
        if service not in _AGENTS:
            message = f"Service {service} has no service identity here."
            raise Refusal("INVALID_ARGUMENT", message)
        number = self.world.project_number(project)
        email = f"service-{number}@{_AGENTS[service]}.iam.gserviceaccount.com"
        self.world.objects[policies.agent_key(email)] = {"email": email}
        return self._answered(asked, {"email": email, "uniqueId": number})
