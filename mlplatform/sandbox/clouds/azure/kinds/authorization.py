"""Role assignments and role definitions, and what they allow."""

from __future__ import annotations

import re

from mlplatform.catalog.azure_roles import Role
from mlplatform.contracts.azure import access
from mlplatform.sandbox.clouds.azure.answer import ArmError, bad_request, conflict, not_found
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import DEPLOYER, Json, World, now

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"


class RoleDefinition(Kind):
    """A custom role; its name is one in the directory, and an assigned one stays."""

    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        if not _GUID.fullmatch(str(write.address.name)):
            raise bad_request(
                f"The role definition ID '{write.address.name}' is not valid. The role definition "
                "ID must be a GUID.",
                code="InvalidRoleDefinitionId",
            )
        if not given.get("roleName") or not given.get("assignableScopes"):
            raise bad_request(
                "A role definition needs roleName and assignableScopes.",
                code="RoleDefinitionMissingProperties",
            )
        for other in world.of_type(_DEFINITIONS):
            same = str(other["properties"]["roleName"]).lower() == str(given["roleName"]).lower()
            if same and str(other["name"]).lower() != str(write.address.name).lower():
                raise conflict(
                    f"There already exists a role definition with the name '{given['roleName']}'.",
                    code="RoleDefinitionWithSameNameExists",
                )

    def before_delete(self, world: World, resource: Json) -> None:
        for assignment in world.of_type("Microsoft.Authorization/roleAssignments"):
            if _role(assignment["properties"]["roleDefinitionId"]) == _role(resource["id"]):
                raise bad_request(
                    "There are existing role assignments referencing the role.",
                    code="RoleDefinitionHasAssignments",
                )

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {
            "type": "CustomRole",
            **write.properties,
            "createdOn": write.old_properties.get("createdOn", now()),
            "updatedOn": now(),
        }


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


def may(world: World, principal: str, operation: str, resource: str, *, data: bool) -> bool:
    """Whether the assignments that exist let a principal do an operation."""
    assignments = [
        access.Assignment(
            principal=str(one["properties"]["principalId"]),
            role=str(one["properties"]["roleDefinitionId"]),
            scope=str(one["properties"]["scope"]),
        )
        for one in world.of_type("Microsoft.Authorization/roleAssignments")
    ]
    return access.may(
        assignments, principal, operation, resource, data=data, custom=custom_roles(world)
    )


def custom_roles(world: World) -> dict[str, Role]:
    """The roles that somebody defined, by GUID."""
    found = {}
    for one in world.of_type(_DEFINITIONS):
        given = one["properties"]
        parts: dict[str, tuple[str, ...]] = {
            kind: tuple(
                str(action)
                for permission in given.get("permissions") or ()
                for action in permission.get(kind) or ()
            )
            for kind in ("actions", "notActions", "dataActions", "notDataActions")
        }
        found[_role(one["id"])] = Role(
            name=str(given["roleName"]),
            actions=parts["actions"],
            not_actions=parts["notActions"],
            data_actions=parts["dataActions"],
            not_data_actions=parts["notDataActions"],
        )
    return found
