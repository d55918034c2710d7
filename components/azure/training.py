"""Training on Azure ML: a cluster that goes down to nothing, where its models go, and its job.

Creates, for a component named ``NAME``; ``H`` is a hash of the content:

==================  ======================================================  =================
child               type                                                    when
==================  ======================================================  =================
``NAME-cluster-H``  azure-native:machinelearningservices:Compute            always
``NAME-trained``    azure-native:storage:BlobContainer                      always
``NAME-results``    azure-native:machinelearningservices:Datastore          always
``NAME-code-H``     azure-native:machinelearningservices:CodeVersion        with ``job``
``NAME-env-H``      azure-native:machinelearningservices:EnvironmentVersion  with ``job``
``NAME-schedule``   azure-native:machinelearningservices:Schedule           with ``job.cron``
``NAME-run``        mlgap:azure:Job                                         with ``job.run``
==================  ======================================================  =================

The definition of the job is the same whether a schedule starts it, the stack, or a person. What it
names exists, so that the last of them needs no more than the output.

Only scale settings and identity of a cluster change in place (azure-ai-ml's update carries no
more), while the provider previews an update of everything. So what is fixed is part of the
cluster's name: a change makes a new cluster beside the old one, which then goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices, storage

from components.azure import job as jobs
from components.azure.assets import ASSET_HASH, digest
from components.azure.cluster import CLUSTER_NAME_MAX, ClusterArgs, cluster
from components.azure.job import JobArgs
from components.azure.storage import Storage
from components.azure.workspace import Workspace
from components.core.base import MlComponent
from components.core.naming import physical_name
from mlplatform.gaps.sdk import azure as mlgap

_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class TrainingArgs:
    """What a caller decides."""

    workspace: Workspace
    storage: Storage
    environment: str
    workload: str
    identity_id: str
    """Of the identity that jobs run under."""
    vm_size: str
    max_nodes: int
    """1 or more; the least is 0 always."""
    idle_before_scale_down_s: int
    low_priority: bool = False
    """Capacity that may be taken away at any time."""
    public_nodes: bool = False
    """Nodes with addresses of their own: the only way where the workspace has no managed network
    ("Secure an Azure ML training environment", no public IP)."""
    job: JobArgs | None = None
    protect_results: bool = False
    """Keeps the models that jobs made from being deleted until protection is lifted."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.max_nodes < 1:
            raise ValueError(f"max_nodes: got {self.max_nodes}, allowed: 1 or more")
        if self.idle_before_scale_down_s < 0:
            raise ValueError(
                f"idle_before_scale_down_s: got {self.idle_before_scale_down_s}, allowed: 0 or more"
            )

    @property
    def fixed(self) -> str:
        """Stands for everything of a cluster that never changes."""
        parts = (self.vm_size, self.low_priority, self.public_nodes, self.identity_id)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:_DIGEST]


class Training(MlComponent):
    """One cluster for one workload, and what runs on it."""

    kind = "azure:Training"

    cluster_name: str
    results: str
    """Datastore that jobs of the workload may write to."""
    definition: dict[str, Any] | None
    """The job for the workspace's API, known at preview; ``None`` without one."""
    schedule_name: str | None
    run_name: pulumi.Output[str] | None

    def __init__(
        self,
        name: str,
        args: TrainingArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.workspace.place
        self.cluster_name = physical_name(
            args.environment, args.workload, args.fixed, max_length=CLUSTER_NAME_MAX
        )
        made = cluster(
            self._child("cluster", args.fixed),
            ClusterArgs(
                workspace=args.workspace,
                cluster_name=self.cluster_name,
                identity_id=args.identity_id,
                vm_size=args.vm_size,
                max_nodes=args.max_nodes,
                idle_before_scale_down_s=args.idle_before_scale_down_s,
                low_priority=args.low_priority,
                public_nodes=args.public_nodes,
                tags=args.tags,
            ),
            self._opts(depends_on=[*after, args.workspace]),
        )
        container = self.container_name(args.environment, args.workload)
        trained = storage.BlobContainer(
            self._child("trained"),
            resource_group_name=place.resource_group,
            account_name=args.storage.account_name,
            container_name=container,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[args.storage]),
                pulumi.ResourceOptions(protect=args.protect_results or None),
            ),
        )
        self.results = f"trained_{args.workload.replace('-', '_')}"
        results = machinelearningservices.Datastore(
            self._child("results"),
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            name=self.results,
            properties=machinelearningservices.AzureBlobDatastoreArgs(
                datastore_type="AzureBlob",
                account_name=args.storage.account_name,
                container_name=container,
                credentials=machinelearningservices.NoneDatastoreCredentialsArgs(
                    credentials_type="None"
                ),
                service_data_access_auth_identity="WorkspaceSystemAssignedIdentity",
            ),
            skip_validation=True,
            opts=self._opts(depends_on=[trained, args.workspace]),
        )
        self.definition, self.schedule_name, self.run_name = None, None, None
        if args.job is not None:
            self._job(name, args, args.job, [*after, made, results])
        self.register_outputs({"cluster_name": self.cluster_name, "results": self.results})

    def _job(
        self, name: str, args: TrainingArgs, job: JobArgs, needed: Sequence[pulumi.Resource]
    ) -> None:
        workspace = args.workspace
        ready = self._opts(depends_on=[*needed, workspace])
        code = job.code_sha256[:ASSET_HASH]
        conda = jobs.conda_file(job.pip_packages)
        environment = digest(job.image_uri, conda or "")
        assets = [
            machinelearningservices.CodeVersion(
                self._child("code", code),
                resource_group_name=workspace.place.resource_group,
                workspace_name=workspace.workspace_name,
                name=name,
                version=code,
                properties=machinelearningservices.CodeVersionPropertiesArgs(
                    code_uri=job.code_uri,
                    properties={"hash_sha256": job.code_sha256, "hash_version": "202208"},
                ),
                opts=ready,
            ),
            machinelearningservices.EnvironmentVersion(
                self._child("env", environment),
                resource_group_name=workspace.place.resource_group,
                workspace_name=workspace.workspace_name,
                name=name,
                version=environment,
                properties=machinelearningservices.EnvironmentVersionPropertiesArgs(
                    image=job.image_uri, conda_file=conda, os_type="Linux"
                ),
                opts=ready,
            ),
        ]
        self.definition = jobs.definition(
            job,
            code_id=f"{workspace.workspace_id}/codes/{name}/versions/{code}",
            environment_id=f"{workspace.workspace_id}/environments/{name}/versions/{environment}",
            compute_id=f"{workspace.workspace_id}/computes/{self.cluster_name}",
            results_uri=workspace.folder_uri(self.results, "runs"),
        )
        if job.cron is not None:
            self.schedule_name = name
            machinelearningservices.Schedule(
                self._child("schedule"),
                resource_group_name=workspace.place.resource_group,
                workspace_name=workspace.workspace_name,
                name=name,
                properties=machinelearningservices.SchedulePropertiesArgs(
                    is_enabled=True,
                    trigger=machinelearningservices.CronTriggerArgs(
                        trigger_type="Cron", expression=job.cron, time_zone="UTC"
                    ),
                    action=machinelearningservices.JobScheduleActionArgs(
                        action_type="CreateJob", job_definition=self.definition
                    ),
                ),
                opts=self._opts(depends_on=[*needed, workspace, *assets]),
            )
        if job.run:
            self.run_name = mlgap.Job(
                self._child("run"),
                resource_group_name=workspace.place.resource_group,
                workspace_name=workspace.workspace_name,
                job_name=name,
                definition=self.definition,
                opts=self._opts(depends_on=[*needed, workspace, *assets]),
            ).run_name

    @staticmethod
    def container_name(environment: str, workload: str) -> str:
        """Where jobs of a workload put their models: a container of its own."""
        return physical_name(environment, workload, "trained", max_length=63)
