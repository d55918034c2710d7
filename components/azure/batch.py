"""Azure ML batch endpoint: files scored by a cluster that is there while there is work.

Creates, for a component named ``NAME`` and each variant ``V``; ``H`` is a hash of the content:

====================  =======================================================  ================
child                 type                                                     when
====================  =======================================================  ================
``NAME-cluster-H``    azure-native:machinelearningservices:Compute             always
``NAME-V-model-H``    azure-native:machinelearningservices:ModelVersion        always
``NAME-env-H``        azure-native:machinelearningservices:Environment...      once per content
``NAME-code-H``       azure-native:machinelearningservices:CodeVersion         ``scoring``
``NAME``              azure-native:machinelearningservices:BatchEndpoint       always
``NAME-V-H``          azure-native:machinelearningservices:BatchDeployment     always
``NAME-default``      mlgap:azure:BatchDefault                                 always
====================  =======================================================  ================

A deployment is made for each content: the new one comes first, then the default moves to it, and
the old one goes last. Callers who name no deployment get the default, that of the heaviest variant.

What never changes of a cluster is part of its name, as with training: another size is a cluster
beside the old one, which goes once the deployments have moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.azure.assets import Asset, Assets, ScoringArgs, digest, environment_version
from components.azure.cluster import ClusterArgs, cluster
from components.azure.workspace import Workspace
from components.core.base import MlComponent
from components.core.naming import physical_name
from mlplatform.gaps.sdk import azure as mlgap

OUTPUT = "predictions.csv"
NAME_HASH = 6
CLUSTER_NAME_MAX = 24
"""Of a compute (learn.microsoft.com, Manage and increase quotas: compute names)."""
_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class BatchVariantArgs:
    """One deployment."""

    name: str
    model_uri: str
    model_hash: str
    image_uri: str
    pip_packages: Sequence[str] = ()
    weight: float = 100
    """The heaviest one is the endpoint's default; the first of equals."""


@dataclass(frozen=True, kw_only=True)
class BatchArgs:
    """What a caller decides."""

    workspace: Workspace
    endpoint_name: str
    """3 to 32 characters, unique in the region."""
    asset_name: str
    environment: str
    workload: str
    identity_id: str
    instance_type: str
    min_nodes: int
    max_nodes: int
    variants: Sequence[BatchVariantArgs]
    scoring: ScoringArgs | None
    idle_before_scale_down_s: int = 300
    low_priority: bool = False
    files_per_batch: int = 10
    batches_per_node: int = 1
    retries: int = 3
    timeout_s: int = 300
    """For one batch of files."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.min_nodes <= self.max_nodes or not self.max_nodes:
            raise ValueError(
                f"min_nodes: got {self.min_nodes} with max_nodes {self.max_nodes}, "
                "allowed: 0 to max_nodes, which is 1 or more"
            )
        names = [variant.name for variant in self.variants]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"variants: got {names}, allowed: one or more, each name once")

    @property
    def fixed(self) -> str:
        """Stands for everything of the cluster that never changes."""
        public = self.workspace.isolation is None
        parts = (self.instance_type, self.low_priority, public, self.identity_id)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:_DIGEST]


class Batch(MlComponent):
    """One batch endpoint, its deployments and the cluster that they share."""

    kind = "azure:Batch"

    endpoint_name: pulumi.Output[str]
    deployment_names: Mapping[str, str]
    """By variant; known at preview."""

    def __init__(
        self,
        name: str,
        args: BatchArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        workspace, place = args.workspace, args.workspace.place
        ready = self._opts(depends_on=[*after, workspace])
        assets = Assets(workspace=workspace, name=args.asset_name, child=self._child, opts=ready)
        code = assets.code(args.scoring) if args.scoring is not None else None
        scoring = self._cluster(args, ready)
        endpoint = ml.BatchEndpoint(
            name,
            resource_group_name=place.resource_group,
            workspace_name=workspace.workspace_name,
            endpoint_name=args.endpoint_name,
            location=place.location,
            properties=ml.BatchEndpointPropertiesArgs(auth_mode="AADToken"),
            tags=dict(args.tags),
            # A resource of its own sets it: no drift.
            opts=pulumi.ResourceOptions.merge(
                ready, pulumi.ResourceOptions(ignore_changes=["properties.defaults"])
            ),
        )
        names, deployed = {}, []
        for variant in args.variants:
            content = digest(
                variant.model_hash,
                environment_version(variant.image_uri, variant.pip_packages),
                args.scoring.sha256 if args.scoring is not None else "",
            )[:NAME_HASH]
            names[variant.name] = f"{variant.name}-{content}"
            deployed.append(
                self._deploy(args, variant, names[variant.name], endpoint, scoring, assets, code)
            )
        heaviest = max(args.variants, key=lambda variant: variant.weight)
        mlgap.BatchDefault(
            self._child("default"),
            resource_group_name=place.resource_group,
            workspace_name=workspace.workspace_name,
            endpoint_name=endpoint.name,
            deployment_name=names[heaviest.name],
            endpoint_tags=dict(args.tags),
            opts=self._opts(depends_on=[endpoint, *deployed]),
        )
        self.endpoint_name = endpoint.name
        self.deployment_names = names
        self.register_outputs({"endpoint_name": self.endpoint_name})

    def _cluster(self, args: BatchArgs, ready: pulumi.ResourceOptions) -> ml.Compute:
        return cluster(
            self._child("cluster", args.fixed),
            ClusterArgs(
                workspace=args.workspace,
                cluster_name=physical_name(
                    args.environment, args.workload, args.fixed, max_length=CLUSTER_NAME_MAX
                ),
                identity_id=args.identity_id,
                vm_size=args.instance_type,
                min_nodes=args.min_nodes,
                max_nodes=args.max_nodes,
                idle_before_scale_down_s=args.idle_before_scale_down_s,
                low_priority=args.low_priority,
                # Without a network of its own a node needs an address to be reached by.
                public_nodes=args.workspace.isolation is None,
                tags=args.tags,
            ),
            ready,
        )

    def _deploy(
        self,
        args: BatchArgs,
        variant: BatchVariantArgs,
        deployment_name: str,
        endpoint: ml.BatchEndpoint,
        cluster: ml.Compute,
        assets: Assets,
        code: Asset | None,
    ) -> ml.BatchDeployment:
        place = args.workspace.place
        model = assets.model(variant.name, variant.model_uri, variant.model_hash)
        environment = assets.environment(variant.image_uri, variant.pip_packages)
        served = [one.made for one in (model, environment, code) if one is not None]
        return ml.BatchDeployment(
            self._child(deployment_name),
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            endpoint_name=endpoint.name,
            deployment_name=deployment_name,
            location=place.location,
            properties=ml.BatchDeploymentPropertiesArgs(
                model=ml.IdAssetReferenceArgs(reference_type="Id", asset_id=model.id),
                environment_id=environment.id,
                code_configuration=ml.CodeConfigurationArgs(
                    code_id=code.id, scoring_script=args.scoring.script
                )
                if code is not None and args.scoring is not None
                else None,
                compute=cluster.id,
                resources=ml.DeploymentResourceConfigurationArgs(instance_count=args.max_nodes),
                mini_batch_size=args.files_per_batch,
                max_concurrency_per_instance=args.batches_per_node,
                retry_settings=ml.BatchRetrySettingsArgs(
                    max_retries=args.retries, timeout=f"PT{args.timeout_s}S"
                ),
                output_action="AppendRow",
                output_file_name=OUTPUT,
                logging_level="Info",
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=served),
        )
