"""An existing Kubernetes cluster as compute of an Azure ML workspace.

Creates, for a component named ``NAME``:

========  ==============================================  ======
child     type                                            when
========  ==============================================  ======
``NAME``  azure-native:machinelearningservices:Compute    always
========  ==============================================  ======

The cluster stays its owners': it must have the extension ``Microsoft.AzureML.Kubernetes``, and
deleting the compute only detaches it. An attachment keeps its properties, so a change of them
attaches it anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices

from components.azure.workspace import Workspace
from components.core.base import MlComponent


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """What one pod gets: requests and limits alike, so that it is neither starved nor evicted."""

    cpu: str
    memory: str
    gpus: int = 0
    node_selector: Mapping[str, str] = field(default_factory=dict)

    def wire(self) -> machinelearningservices.InstanceTypeSchemaArgs:
        given = {"cpu": self.cpu, "memory": self.memory}
        if self.gpus:
            given["nvidia.com/gpu"] = str(self.gpus)
        return machinelearningservices.InstanceTypeSchemaArgs(
            node_selector=dict(self.node_selector) or None,
            resources=machinelearningservices.InstanceTypeSchemaResourcesArgs(
                requests=given, limits=given
            ),
        )


@dataclass(frozen=True, kw_only=True)
class KubernetesArgs:
    """What a caller decides."""

    workspace: Workspace
    compute_name: str
    """2 to 16 characters."""
    cluster_id: str
    namespace: str = "default"
    instance_types: Mapping[str, PodArgs] = field(default_factory=dict)
    default_instance_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        default = self.default_instance_type
        if default is not None and default not in self.instance_types:
            raise ValueError(
                f"default_instance_type: got {default!r}, allowed: one of "
                f"{sorted(self.instance_types)}"
            )


class Kubernetes(MlComponent):
    """One attached cluster."""

    kind = "azure:Kubernetes"

    compute_name: str

    def __init__(
        self,
        name: str,
        args: KubernetesArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.workspace.place
        self.compute_name = args.compute_name
        machinelearningservices.Compute(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            compute_name=args.compute_name,
            location=place.location,
            identity=machinelearningservices.ManagedServiceIdentityArgs(type="SystemAssigned"),
            properties=machinelearningservices.KubernetesArgs(
                compute_type="Kubernetes",
                resource_id=args.cluster_id,
                properties=machinelearningservices.KubernetesPropertiesArgs(
                    namespace=args.namespace,
                    instance_types={n: one.wire() for n, one in args.instance_types.items()}
                    or None,
                    default_instance_type=args.default_instance_type,
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[*after, args.workspace]),
                pulumi.ResourceOptions(
                    replace_on_changes=["properties"], delete_before_replace=True
                ),
            ),
        )
        self.register_outputs({"compute_name": self.compute_name})
