"""The network of a Google Cloud environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.core.naming import physical_name
from components.gcp.network import Network, NetworkArgs
from components.gcp.place import Place
from infra.gcp.common import NETWORK_NAME_MAX
from mlplatform.spec import GcpExistingNetwork, GcpNetwork


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A network that is there, or will be."""

    network: str
    attachment: str | None
    subnetwork: str | None = None
    made: tuple[pulumi.Resource, ...] = ()


def connect(
    plan: GcpNetwork | GcpExistingNetwork | None,
    environment: str,
    place: Place,
    labels: Mapping[str, str],
    *,
    opts: pulumi.ResourceOptions,
    after: Sequence[pulumi.Resource],
) -> Connected | None:
    """Declare a new network, or name the existing one; None where there is none."""
    if plan is None:
        return None
    if isinstance(plan, GcpExistingNetwork):
        return Connected(network=plan.id, attachment=plan.attachment)
    name = physical_name(environment, "network", max_length=NETWORK_NAME_MAX)
    made = Network(
        name,
        NetworkArgs(
            place=place,
            network_name=name,
            machines_cidr=plan.machines_cidr,
            interfaces_cidr=plan.interfaces_cidr,
            labels=labels,
        ),
        opts=opts,
        after=after,
    )
    return Connected(
        network=made.network,
        attachment=made.attachment,
        subnetwork=made.subnetwork,
        made=(made,),
    )
