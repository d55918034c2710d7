"""Network of the environment: nothing comes in, private endpoints and training are in it.

Creates, for a component named ``NAME``:

====================  ==========================================================
child                 type
====================  ==========================================================
``NAME``              gcp:compute/network:Network
``NAME-machines``     gcp:compute/subnetwork:Subnetwork
``NAME-interfaces``   gcp:compute/subnetwork:Subnetwork
``NAME-training``     gcp:compute/networkAttachment:NetworkAttachment
``NAME-endpoints``    gcp:networkconnectivity/serviceConnectionPolicy:Service...
====================  ==========================================================

Private endpoints get their addresses from ``machines``, by the service connection policy that
Vertex AI's service class needs. Training and kept machines get an interface each in
``interfaces``, through the network attachment: Google advises this way, and a subnet for nothing
else, over peering, whose connection stays in use for a while after the last job and then cannot
be deleted (Vertex AI, "Use Private Service Connect interface for Vertex AI Training").

There is no firewall rule: what no rule allows, a network keeps out (VPC, "Implied rules").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

SERVICE_CLASS = "gcp-vertexai"
"""Vertex AI's own name among those who may make addresses (Private Service Connect automation)."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a caller decides. All plain values: endpoints and runs name the network in a preview."""

    place: Place
    network_name: str
    """Up to 52 lower-case letters, digits and dashes, first a letter; its parts are named by it."""
    machines_cidr: str
    interfaces_cidr: str
    """IPv4 blocks, /29 at least, that do not overlap."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Network(MlComponent):
    """One network with two subnets in one region."""

    kind = "gcp:Network"

    network: str
    """``projects/P/global/networks/N``; known at preview, as all of these."""
    subnetwork: str
    """``projects/P/regions/R/subnetworks/S`` of machines."""
    attachment: str
    """``projects/P/regions/R/networkAttachments/A`` that training comes in by."""

    def __init__(
        self,
        name: str,
        args: NetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the services that must be on."""
        super().__init__(name, opts)
        place, short = args.place, args.network_name
        region = f"projects/{place.project}/regions/{place.region}"
        self.network = f"projects/{place.project}/global/networks/{short}"
        self.subnetwork = f"{region}/subnetworks/{short}-machines"
        self.attachment = f"{region}/networkAttachments/{short}-training"
        network = gcp.compute.Network(
            name,
            name=short,
            project=place.project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=self._opts(depends_on=after),
        )
        machines = self._subnet("machines", args.machines_cidr, args, network)
        # Other ranges may overlap with the present ones of either subnet: by what it says of the
        # other, which cannot change in place, this one goes before that one and comes after it.
        interfaces = self._subnet(
            "interfaces",
            args.interfaces_cidr,
            args,
            network,
            description=pulumi.Output.concat("Interfaces of training, beside ", machines.id),
        )
        gcp.compute.NetworkAttachment(
            self._child("training"),
            name=f"{short}-training",
            project=place.project,
            region=place.region,
            # Vertex AI puts the project that it runs the machines in on the list by itself.
            connection_preference="ACCEPT_MANUAL",
            subnetworks=[interfaces.id],
            # A subnet in use cannot go, so who uses it goes first and comes after the next one.
            opts=self._opts(replace_on_changes=["subnetworks"]),
        )
        gcp.networkconnectivity.ServiceConnectionPolicy(
            self._child("endpoints"),
            name=f"{short}-endpoints",
            project=place.project,
            location=place.region,
            service_class=SERVICE_CLASS,
            network=self.network,
            psc_config=gcp.networkconnectivity.ServiceConnectionPolicyPscConfigArgs(
                subnetworks=[machines.id]
            ),
            labels=dict(args.labels),
            opts=self._opts(replace_on_changes=["pscConfig"]),
        )
        self.register_outputs({"network": self.network, "attachment": self.attachment})

    def _subnet(
        self,
        suffix: str,
        cidr: str,
        args: NetworkArgs,
        network: pulumi.Resource,
        *,
        description: pulumi.Input[str] | None = None,
    ) -> gcp.compute.Subnetwork:
        return gcp.compute.Subnetwork(
            self._child(suffix),
            name=f"{args.network_name}-{suffix}",
            project=args.place.project,
            region=args.place.region,
            network=self.network,
            description=description,
            ip_cidr_range=cidr,
            private_ip_google_access=True,
            log_config=gcp.compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_10_MIN",
                flow_sampling=0.5,
                metadata="INCLUDE_ALL_METADATA",
            ),
            opts=self._opts(depends_on=[network], replace_on_changes=["ipCidrRange"]),
        )
