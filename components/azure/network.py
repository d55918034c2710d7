"""Network that the platform is reached through: one subnet for private endpoints, and their names.

Creates, for a component named ``NAME``, each zone ``Z`` and each connection ``C``:

==============  ====================================================  ==========================
child           type                                                  when
==============  ====================================================  ==========================
``NAME``        azure-native:network:VirtualNetwork                   without ``subnet_id``
``NAME-Z``      azure-native:privatedns:PrivateZone                   without ``zones_group_id``
``NAME-Z-use``  azure-native:privatedns:VirtualNetworkLink            without ``zones_group_id``
``NAME-C``      azure-native:network:PrivateEndpoint                  ``connect``
``NAME-C-dns``  azure-native:network:PrivateDnsZoneGroup              ``connect``
==============  ====================================================  ==========================

The subnet stands inside its network: Azure deletes the subnets that a write of a network leaves
out. Training and endpoints run in the workspace's managed network, not here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import network, privatedns

from components.azure.place import Place
from components.core.base import MlComponent

SUBNET = "private-endpoints"
SUBNET_PREFIX_LONGEST = 27
"""Room for endpoints of two workspaces, a registry and stores, and for Azure's own five."""
ZONES: dict[str, tuple[str, ...]] = {
    "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
    "blob": ("privatelink.blob.core.windows.net",),
    "dfs": ("privatelink.dfs.core.windows.net",),
    "file": ("privatelink.file.core.windows.net",),
    "registry": ("privatelink.azurecr.io",),
    "vault": ("privatelink.vaultcore.azure.net",),
}
"""Zones of each sub-resource in the public cloud (learn.microsoft.com, "Azure Private Endpoint
private DNS zone values")."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a caller decides."""

    place: Place
    network_name: str
    address_space: str | None = None
    """CIDR range of a new network; its first quarter is the subnet."""
    subnet_id: str | None = None
    """Of an existing network, instead of a new one."""
    zones_group_id: str | None = None
    """Resource group that holds the private zones already, linked to the network."""
    sub_resources: Sequence[str] = ("amlworkspace", "blob", "file", "registry", "vault")
    """What is connected: zones are made for these."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.address_space is None) == (self.subnet_id is None):
            raise ValueError("allowed: address_space or subnet_id, one of them")
        unknown = sorted(set(self.sub_resources) - set(ZONES))
        if unknown:
            raise ValueError(f"sub_resources: got {unknown}, allowed: {sorted(ZONES)}")


class Network(MlComponent):
    """One subnet and the private zones of what is reached through it."""

    kind = "azure:Network"

    subnet_id: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self,
        name: str,
        args: NetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        self._args = args
        place = args.place
        made: list[pulumi.Resource] = list(after)
        if args.subnet_id is not None:
            self.subnet_id = args.subnet_id
        else:
            network_id = place.id("Microsoft.Network/virtualNetworks", args.network_name)
            self.subnet_id = f"{network_id}/subnets/{SUBNET}"
            made.append(self._network(str(args.address_space), after))
        network_id = self.subnet_id.rpartition("/subnets/")[0]
        self._zones: list[pulumi.Resource] = []
        if args.zones_group_id is None:
            for zone in self._wanted():
                self._zones.append(self._zone(zone, network_id, made))
        self._made = made
        self.register_outputs({"subnet_id": self.subnet_id})

    def connect(
        self,
        suffix: str,
        resource_id: pulumi.Input[str],
        sub_resource: str,
        after: Sequence[pulumi.Resource],
    ) -> network.PrivateEndpoint:
        """Reach one thing through the subnet, under its usual name."""
        place = self._args.place
        endpoint = network.PrivateEndpoint(
            self._child(suffix),
            resource_group_name=place.resource_group,
            private_endpoint_name=f"{self._args.network_name}-{suffix}",
            location=place.location,
            subnet=network.SubnetArgs(id=self.subnet_id),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=suffix,
                    private_link_service_id=resource_id,
                    group_ids=[sub_resource],
                )
            ],
            tags=dict(self._args.tags),
            opts=_replaced(
                self._opts(depends_on=[*self._made, *after]), "privateLinkServiceConnections"
            ),
        )
        network.PrivateDnsZoneGroup(
            self._child(suffix, "dns"),
            resource_group_name=place.resource_group,
            private_endpoint_name=endpoint.name,
            private_dns_zone_group_name="default",
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(
                    name=zone.replace(".", "-"), private_dns_zone_id=self._zone_id(zone)
                )
                for zone in ZONES[sub_resource]
            ],
            opts=self._opts(depends_on=[endpoint, *self._zones]),
        )
        return endpoint

    def _wanted(self) -> list[str]:
        return sorted({zone for one in self._args.sub_resources for zone in ZONES[one]})

    def _zone_id(self, zone: str) -> str:
        group = self._args.zones_group_id or self._args.place.group_id
        return f"{group}/providers/Microsoft.Network/privateDnsZones/{zone}"

    def _network(
        self, address_space: str, after: Sequence[pulumi.Resource]
    ) -> network.VirtualNetwork:
        place = self._args.place
        return network.VirtualNetwork(
            self._name,
            resource_group_name=place.resource_group,
            virtual_network_name=self._args.network_name,
            location=place.location,
            address_space=network.AddressSpaceArgs(address_prefixes=[address_space]),
            subnets=[
                network.SubnetArgs(
                    name=SUBNET,
                    address_prefix=first_quarter(address_space),
                    # Network security groups and routes hold for private endpoints too.
                    private_endpoint_network_policies="Enabled",
                )
            ],
            tags=dict(self._args.tags),
            opts=self._opts(depends_on=after),
        )

    def _zone(
        self, zone: str, network_id: str, after: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        place, tags = self._args.place, dict(self._args.tags)
        made = privatedns.PrivateZone(
            self._child(zone),
            resource_group_name=place.resource_group,
            private_zone_name=zone,
            location="global",
            tags=tags,
            opts=self._opts(depends_on=after),
        )
        link: pulumi.Resource = privatedns.VirtualNetworkLink(
            self._child(zone, "use"),
            resource_group_name=place.resource_group,
            private_zone_name=made.name,
            virtual_network_link_name=self._args.network_name,
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=network_id),
            tags=tags,
            opts=_replaced(self._opts(depends_on=after), "virtualNetwork"),
        )
        return link


def _replaced(opts: pulumi.ResourceOptions, *properties: str) -> pulumi.ResourceOptions:
    """Azure refuses a change of these; the name stands once, so the old one goes first."""
    return pulumi.ResourceOptions.merge(
        opts,
        pulumi.ResourceOptions(replace_on_changes=list(properties), delete_before_replace=True),
    )


def first_quarter(address_space: str) -> str:
    """The subnet's range; a small network is its own subnet."""
    whole = ipaddress.ip_network(address_space)
    if whole.prefixlen + 2 > SUBNET_PREFIX_LONGEST:
        return address_space
    return str(next(whole.subnets(prefixlen_diff=2)))
