"""A cluster of Azure ML: without local accounts, and without open ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices

from components.azure.workspace import Workspace

CLUSTER_NAME_MAX = 32
"""Microsoft documentation, "Naming rules and restrictions for Azure resources": 3 to 32 characters
for an AmlCompute cluster."""
FIXED = tuple(
    f"properties.properties.{name}" for name in ("vmSize", "vmPriority", "enableNodePublicIp")
)
"""What Azure refuses to change, and the provider takes for an update."""


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """What a caller decides."""

    workspace: Workspace
    cluster_name: str
    identity_id: str
    """Of the identity that nodes work with."""
    vm_size: str
    max_nodes: int
    min_nodes: int = 0
    idle_before_scale_down_s: int = 120
    low_priority: bool = False
    """Capacity that may be taken away at any time."""
    public_nodes: bool = False
    """Nodes with addresses of their own: the only way where the workspace has no managed network
    ("Secure an Azure ML training environment", no public IP)."""
    tags: Mapping[str, str] = field(default_factory=dict)


def cluster(
    child: str, args: ClusterArgs, opts: pulumi.ResourceOptions
) -> machinelearningservices.Compute:
    """Declare it; ``child`` is its logical name."""
    return machinelearningservices.Compute(
        child,
        resource_group_name=args.workspace.place.resource_group,
        workspace_name=args.workspace.workspace_name,
        compute_name=args.cluster_name,
        location=args.workspace.place.location,
        identity=machinelearningservices.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=[args.identity_id]
        ),
        properties=machinelearningservices.AmlComputeArgs(
            compute_type="AmlCompute",
            disable_local_auth=True,
            properties=machinelearningservices.AmlComputePropertiesArgs(
                vm_size=args.vm_size,
                vm_priority="LowPriority" if args.low_priority else "Dedicated",
                os_type="Linux",
                enable_node_public_ip=args.public_nodes,
                remote_login_port_public_access="Disabled",
                isolated_network=False,
                scale_settings=machinelearningservices.ScaleSettingsArgs(
                    min_node_count=args.min_nodes,
                    max_node_count=args.max_nodes,
                    node_idle_time_before_scale_down=f"PT{args.idle_before_scale_down_s}S",
                ),
            ),
        ),
        tags=dict(args.tags),
        opts=opts,
    )
