"""What a workspace leans on: logs, application insights, container registry."""

from __future__ import annotations

import uuid

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict, not_found
from mlplatform.sandbox.clouds.azure.kinds import deleted
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import Json, World


class LogWorkspace(Kind):
    """A Log Analytics workspace. Deleted, it is recovered by another one of its name."""

    slow = True
    regional = True
    purged_by = "force"

    def before_write(self, world: World, write: Write) -> None:
        before = deleted.held(world, write.address.id)
        if write.old is None and before and before["location"] != write.new["location"]:
            raise conflict(
                f"A deleted workspace '{write.address.name}' in {before['location']} holds the "
                "name: recover it there, or purge it."
            )

    def after_delete(self, world: World, resource: Json) -> None:
        deleted.keep(world, resource, deleted.WORKSPACE_DAYS)

    def fill(self, world: World, write: Write) -> None:
        before = deleted.held(world, write.address.id) or {"properties": write.old_properties}
        customer = before["properties"].get("customerId", str(uuid.uuid4()))
        deleted.purge(world, write.address.id)
        write.new["properties"] = {
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            **write.properties,
            "customerId": customer,
        }


class Component(Kind):
    """Application Insights; only workspace-based components can be made."""

    created = 200
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        linked = write.properties.get("WorkspaceResourceId")
        if not linked:
            raise bad_request(
                "Classic Application Insights is retired: WorkspaceResourceId is required."
            )
        if not world.exists(str(linked)):
            raise not_found(str(linked))

    def fill(self, world: World, write: Write) -> None:
        del world
        key = write.old_properties.get("InstrumentationKey", str(uuid.uuid4()))
        write.new["properties"] = {
            "Application_Type": "web",
            **write.properties,
            "ApplicationId": write.address.name,
            "AppId": write.old_properties.get("AppId", str(uuid.uuid4())),
            "InstrumentationKey": key,
            "ConnectionString": f"InstrumentationKey={key}",
            "Name": write.address.name,
        }


class Registry(Kind):
    """A container registry; its name is one in the world."""

    slow = True
    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        for other in world.of_type(write.address.type):
            same = str(other["name"]).lower() == str(write.address.name).lower()
            if same and str(other["id"]).lower() != write.address.key:
                raise conflict(
                    f"The registry DNS name {write.address.name}.azurecr.io is already in use.",
                    code="AlreadyInUse",
                )
        if not (write.new.get("sku") or {}).get("name"):
            raise bad_request("The sku is required.", target="sku")

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {
            "adminUserEnabled": False,
            **write.properties,
            "loginServer": f"{str(write.address.name).lower()}.azurecr.io",
        }
