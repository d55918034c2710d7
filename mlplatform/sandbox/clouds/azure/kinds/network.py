"""Virtual networks, private endpoints, private zones."""

from __future__ import annotations

import ipaddress

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict, not_found
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World

_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
_PARTS = {
    "microsoft.machinelearningservices/workspaces": {"amlworkspace"},
    "microsoft.storage/storageaccounts": {"blob", "file", "dfs", "queue", "table", "web"},
    "microsoft.keyvault/vaults": {"vault"},
    "microsoft.containerregistry/registries": {"registry"},
}
"""Sub-resources (learn.microsoft.com, What is a private endpoint: private-link resource)."""


class VirtualNetwork(Kind):
    """A write carries all subnets: one that is left out is deleted, unless something lies in it."""

    slow = True
    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        whole = [
            ipaddress.ip_network(str(prefix))
            for prefix in sub(write.properties, "addressSpace", "addressPrefixes") or ()
        ]
        if not whole:
            raise bad_request("addressSpace.addressPrefixes is required.", target="addressSpace")
        wanted = [str(one["name"]) for one in write.properties.get("subnets") or ()]
        for one in write.properties.get("subnets") or ():
            given = ipaddress.ip_network(str(sub(one, "properties", "addressPrefix")))
            if not any(
                given.version == space.version and given.subnet_of(space)  # type: ignore[arg-type]
                for space in whole
            ):
                raise bad_request(
                    f"The subnet '{one['name']}' with prefix '{given}' is not in the address space "
                    "of its network.",
                    code="NetcfgInvalidSubnet",
                )
        for old in world.of_type(_SUBNETS, write.address.id):
            if old["name"] not in wanted:
                _refuse_used(world, str(old["id"]))
                world.delete(str(old["id"]))

    def fill(self, world: World, write: Write) -> None:
        for one in write.properties.get("subnets") or ():
            one["id"] = f"{write.address.id}/subnets/{one['name']}"
            one["type"] = _SUBNETS
            one["properties"] = {**(one.get("properties") or {}), "provisioningState": "Succeeded"}
            world.put(one)

    def before_delete(self, world: World, resource: Json) -> None:
        for one in world.of_type(_SUBNETS, str(resource["id"])):
            _refuse_used(world, str(one["id"]))


class PrivateEndpoint(Kind):
    """Lies in a subnet, connects to one thing, and is approved at once by who may approve."""

    slow = True
    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        subnet = str(sub(write.properties, "subnet", "id") or "")
        if not world.exists(subnet):
            raise not_found(subnet)
        place = (world.get(subnet.rpartition("/subnets/")[0]) or {}).get("location")
        if place != write.new.get("location"):
            raise bad_request(
                f"The private endpoint and its network must be in one location, '{place}'.",
                code="InvalidResourceLocation",
                target="location",
            )
        for connection in write.properties.get("privateLinkServiceConnections") or ():
            target = str(sub(connection, "properties", "privateLinkServiceId") or "")
            resource = world.get(target)
            if resource is None:
                raise not_found(target)
            allowed = _PARTS.get(str(resource["type"]).lower(), set())
            asked = {str(one).lower() for one in sub(connection, "properties", "groupIds") or ()}
            if not asked or not asked <= allowed:
                raise bad_request(
                    f"The groupIds {sorted(asked)} are none of {sorted(allowed)}, those of "
                    f"'{target}'.",
                    code="InvalidPrivateLinkGroupIds",
                )
            if resource["type"].lower().endswith("/registries"):
                _check_premium(resource)

    def fill(self, world: World, write: Write) -> None:
        del world
        state = {"status": "Approved", "description": "", "actionsRequired": "None"}
        for one in write.properties.get("privateLinkServiceConnections") or ():
            one["properties"]["privateLinkServiceConnectionState"] = state
            one["id"] = f"{write.address.id}/privateLinkServiceConnections/{one.get('name')}"


class ZoneGroup(Kind):
    """The zones that a private endpoint is named in."""

    slow = True

    def before_write(self, world: World, write: Write) -> None:
        for one in write.properties.get("privateDnsZoneConfigs") or ():
            zone = str(sub(one, "properties", "privateDnsZoneId") or "")
            if not world.exists(zone):
                raise not_found(zone)


class Zone(Kind):
    """A private zone lies nowhere in particular; one that is linked stays."""

    slow = True
    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        del world
        if str(write.new.get("location", "")).lower() != "global":
            raise bad_request("A private zone lies in location 'global'.", target="location")

    def before_delete(self, world: World, resource: Json) -> None:
        if world.of_type(f"{resource['type']}/virtualNetworkLinks", str(resource["id"])):
            raise conflict(
                f"The private zone '{resource['name']}' has virtual network links; delete them "
                "first.",
                code="CannotDeleteResource",
            )


class ZoneLink(Kind):
    """One link for a zone and a network."""

    slow = True
    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        linked = str(sub(write.properties, "virtualNetwork", "id") or "")
        if not world.exists(linked):
            raise not_found(linked)
        for other in world.of_type(write.address.type, write.address.parent):
            same = str(sub(other, "properties", "virtualNetwork", "id")).lower() == linked.lower()
            if same and str(other["id"]).lower() != write.address.key:
                raise conflict(f"A link of this zone to the network '{linked}' exists already.")

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {**write.properties, "virtualNetworkLinkState": "Completed"}


def _check_premium(registry: Json) -> None:
    if str(sub(registry, "sku", "name")).lower() != "premium":
        raise bad_request(
            f"Private endpoints need the Premium SKU; '{registry['name']}' has "
            f"{sub(registry, 'sku', 'name')}.",
            code="SkuNotSupported",
        )


def _refuse_used(world: World, subnet: str) -> None:
    for one in world.of_type("Microsoft.Network/privateEndpoints"):
        if str(sub(one, "properties", "subnet", "id")).lower() == subnet.lower():
            raise bad_request(
                f"The subnet '{subnet}' is in use by '{one['id']}' and cannot be deleted.",
                code="InUseSubnetCannotBeDeleted",
            )
