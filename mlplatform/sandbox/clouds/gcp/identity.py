"""IAM: service accounts and custom roles.

Sources: iam v1 discovery document; cloud.google.com/iam/docs/service-accounts-delete-undelete;
cloud.google.com/iam/docs/creating-custom-roles (a deleted role keeps its id for 37 days).
"""

from __future__ import annotations

import re
import time

from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_ACCOUNT_ID = re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]")
_POOLS = "projects.locations.workloadIdentityPools"
_ROLE_ID = re.compile(r"[a-zA-Z0-9_.]{3,64}")


class Identity(Documented):
    """`projects.serviceAccounts` and `projects.roles`."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "iam.v1", r"/v1/projects/[^/]+/(serviceAccounts|roles)")
        self.hooks |= {
            "projects.serviceAccounts.create": self._create_account,
            "projects.serviceAccounts.get": self._account,
            "projects.serviceAccounts.patch": self._patch_account,
            "projects.serviceAccounts.delete": self._delete_account,
            "projects.serviceAccounts.disable": lambda a: self._switch(a, True),
            "projects.serviceAccounts.enable": lambda a: self._switch(a, False),
            "projects.serviceAccounts.getIamPolicy": self._account_policy,
            "projects.roles.create": self._create_role,
            "projects.roles.patch": self._patch_role,
            "projects.roles.delete": self._delete_role,
            "projects.roles.undelete": self._undelete_role,
        }

    def _create_account(self, asked: Asked) -> Document:
        project = asked.name.split("/")[1]
        ident = str(asked.body.get("accountId", ""))
        if not _ACCOUNT_ID.fullmatch(ident):
            raise Refusal("INVALID_ARGUMENT", f"Invalid account id: {ident!r}")
        email = f"{ident}@{project}.iam.gserviceaccount.com"
        name = f"projects/{project}/serviceAccounts/{email}"
        if self.key(name) in self.world.objects:
            message = f"Service account {ident} already exists within project projects/{project}."
            raise Refusal("ALREADY_EXISTS", message)
        given = asked.body.get("serviceAccount", {})
        stored = {
            **{k: v for k, v in given.items() if k in ("displayName", "description")},
            "name": name,
            "projectId": project,
            "uniqueId": str(self.world.next_number()),
            "email": email,
            "oauth2ClientId": str(self.world.next_number()),
            "etag": self.world.etag(),
            "createdAt": time.time(),
        }
        self.world.objects[self.key(name)] = stored
        return _shown(stored)

    def _account(self, asked: Asked) -> Document:
        stored = self._stored(asked.name)
        if self.world.fresh(float(stored["createdAt"])):
            # A new account is not found for a while, even by its own service.
            raise Refusal("NOT_FOUND", f"Unknown service account: {asked.name}")
        return _shown(stored)

    def _stored(self, name: str) -> Document:
        email = name.rpartition("/")[2]
        for key in (name, f"projects/{_project_of(email)}/serviceAccounts/{email}"):
            found = self.world.objects.get(self.key(key))
            if found is not None:
                return found
        raise Refusal("NOT_FOUND", f"Unknown service account: {email}")

    def _patch_account(self, asked: Asked) -> Document:
        stored = self._stored(asked.name)
        given = asked.body.get("serviceAccount", {})
        for field in str(asked.body.get("updateMask", "")).split(","):
            if field not in ("displayName", "description", "display_name"):
                message = f"Invalid field in update_mask: {field}"
                raise Refusal("INVALID_ARGUMENT", message)
            stored["displayName" if field == "display_name" else field] = given.get(field, "")
        self.world.objects[self.key(stored["name"])] = stored
        return _shown(stored)

    def _delete_account(self, asked: Asked) -> Document:
        stored = self._stored(asked.name)
        del self.world.objects[self.key(stored["name"])]
        self.world.policies.pop(self.key(stored["name"]), None)
        return {}

    def _switch(self, asked: Asked, disabled: bool) -> Document:
        stored = {**self._stored(asked.name), "disabled": disabled}
        self.world.objects[self.key(stored["name"])] = stored
        return {}

    def _account_policy(self, asked: Asked) -> Document:
        self._account(asked)
        return self.world.policies.get(self.key(asked.name), {"version": 1, "etag": "ACAB"})

    def _create_role(self, asked: Asked) -> Document:
        ident = str(asked.body.get("roleId", ""))
        if not _ROLE_ID.fullmatch(ident):
            raise Refusal("INVALID_ARGUMENT", f"The role id {ident!r} is not valid.")
        name = f"{asked.name}/{ident}"
        former = self.world.objects.get(self.key(name))
        if former is not None:
            state = "marked for deletion" if former.get("deleted") else "already there"
            raise Refusal("ALREADY_EXISTS", f"A role named {ident} is {state}.")
        role = {**asked.body.get("role", {}), "name": name, "etag": self.world.etag()}
        self.world.objects[self.key(name)] = role
        return role

    def _patch_role(self, asked: Asked) -> Document:
        role = self.world.get(self.key(asked.name))
        mask = asked.query.get("updateMask", "")
        for field in mask.split(",") if mask else list(asked.body):
            if field in asked.body:
                role[field] = asked.body[field]
            else:
                role.pop(field, None)
        role["etag"] = self.world.etag()
        self.world.objects[self.key(asked.name)] = role
        return role

    def _delete_role(self, asked: Asked) -> Document:
        role = {**self.world.get(self.key(asked.name)), "deleted": True}
        self.world.objects[self.key(asked.name)] = role
        return role

    def _undelete_role(self, asked: Asked) -> Document:
        role = self.world.get(self.key(asked.name))
        if not role.pop("deleted", False):
            raise Refusal("FAILED_PRECONDITION", f"The role {asked.name} is not deleted.")
        self.world.objects[self.key(asked.name)] = role
        return role


class Federation(Documented):
    """`workloadIdentityPools.*` and their providers: what is deleted keeps its id for 30 days."""

    def __init__(self, world: World) -> None:
        paths = r"/v1/projects/[^/]+/locations/global/workloadIdentityPools"
        super().__init__(world, "iam.v1", paths)
        for kind in (_POOLS, f"{_POOLS}.providers"):
            self.hooks |= {
                f"{kind}.create": self._create,
                f"{kind}.delete": self._delete,
                f"{kind}.undelete": self._undelete,
                f"{kind}.list": self._list,
            }

    def _create(self, asked: Asked) -> Document:
        owner, _, kind = asked.name.rpartition("/")
        if kind == "providers" and self.world.get(self.key(owner))["state"] != "ACTIVE":
            raise Refusal("FAILED_PRECONDITION", f"{owner} is deleted.")
        if kind == "providers" and "google.subject" not in asked.body.get("attributeMapping", {}):
            raise Refusal("INVALID_ARGUMENT", "The attribute mapping must map google.subject.")
        return self.create(asked, extra={"state": "ACTIVE"})

    def _delete(self, asked: Asked) -> Document:
        return self._turned(asked, asked.name, "DELETED")

    def _undelete(self, asked: Asked) -> Document:
        return self._turned(asked, asked.name, "ACTIVE")

    def _turned(self, asked: Asked, name: str, state: str) -> Document:
        stored = self.world.get(self.key(name))
        if stored["state"] == state:
            raise Refusal("FAILED_PRECONDITION", f"{name} is {state} already.")
        self.world.objects[self.key(name)] = {**stored, "state": state}
        return self._answered(asked, {})

    def _list(self, asked: Asked) -> Document:
        found = self.list(asked)
        if asked.query.get("showDeleted") == "true":
            return found
        return {k: [one for one in v if one["state"] == "ACTIVE"] for k, v in found.items()}


def _shown(stored: Document) -> Document:
    return {k: v for k, v in stored.items() if k != "createdAt"}


def _project_of(email: str) -> str:
    return email.partition("@")[2].partition(".")[0]
