"""Role assignments."""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.azure.answer import ArmError, bad_request, conflict, not_found
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import DEPLOYER, World, now

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FIXED = ("principalId", "roleDefinitionId", "scope")


class RoleAssignment(Kind):
    """One principal, one role, one scope; nothing of it can be changed."""

    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        name = str(write.address.name)
        if not _GUID.fullmatch(name):
            raise bad_request(
                f"The role assignment ID '{name}' is not valid. The role assignment ID must be a "
                "GUID.",
                code="InvalidRoleAssignmentId",
            )
        for required in ("principalId", "roleDefinitionId"):
            if not given.get(required):
                raise bad_request(f"{required} is required.", code="InvalidRequestContent")
        scope = write.address.parent
        if "/providers/" in scope.lower() and not world.exists(scope):
            raise not_found(scope)
        self._check_principal(world, str(given["principalId"]), given.get("principalType"))
        if write.old is not None:
            self._check_unchanged(write)
        self._check_duplicate(world, write)

    def _check_unchanged(self, write: Write) -> None:
        old, new = write.old_properties, write.properties
        for name in ("principalId", "roleDefinitionId"):
            if str(old.get(name, "")).lower() != str(new.get(name, "")).lower():
                raise bad_request(
                    "Tenant ID, application ID, principal ID, and scope are not allowed to be "
                    "updated.",
                    code="RoleAssignmentUpdateNotPermitted",
                )

    def _check_principal(self, world: World, principal: str, type_: object) -> None:
        age = world.principal_age_s(principal)
        # With a type given, Azure does not look the principal up and so does not trip over a
        # directory that has not heard of it yet.
        if age is None or (age < world.delay_s and not type_):
            raise ArmError(
                400,
                "PrincipalNotFound",
                f"Principal {principal.replace('-', '')} does not exist in the directory. Check "
                "that you have the correct principal ID. If you are creating this principal and "
                "then immediately assigning a role, this error might be related to a replication "
                "delay.",
            )
        if principal.lower() != DEPLOYER and type_ and type_ != "ServicePrincipal":
            raise bad_request(
                f"The PrincipalId '{principal}' has type 'ServicePrincipal', which is different "
                f"from specified PrincipalType '{type_}'.",
                code="UnmatchedPrincipalType",
            )

    def _check_duplicate(self, world: World, write: Write) -> None:
        new = write.properties
        for other in world.of_type(write.address.type, write.address.parent):
            given = other["properties"]
            same = (
                str(given["scope"]).lower() == write.address.parent.lower()
                and str(given["principalId"]).lower() == str(new["principalId"]).lower()
                and _role(given["roleDefinitionId"]) == _role(new["roleDefinitionId"])
            )
            if same and str(other["id"]).lower() != write.address.key:
                raise conflict(
                    "The role assignment already exists. The ID of the existing role assignment "
                    f"is {str(other['name']).replace('-', '')}.",
                    code="RoleAssignmentExists",
                )

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {
            "principalType": "ServicePrincipal",
            **write.properties,
            "scope": write.address.parent,
            "createdOn": write.old_properties.get("createdOn", now()),
            "updatedOn": now(),
        }


def _role(id_: object) -> str:
    return str(id_).rstrip("/").rsplit("/", 1)[-1].lower()
