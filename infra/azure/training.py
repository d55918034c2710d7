"""One workload's training on Azure ML: cluster, identity, job."""

from __future__ import annotations

from typing import Any

import pulumi

from components.azure.access import (
    PULL_IMAGES,
    READ_BLOBS,
    WRITE_BLOBS,
    Access,
    AccessArgs,
    GrantArgs,
)
from components.azure.job import JobArgs, RangeArgs, SearchArgs
from components.azure.training import Training, TrainingArgs
from components.core.naming import physical_name
from infra.azure.common import (
    ASSET_NAME_MAX,
    GROUP_NAME_MAX,
    IDENTITY_NAME_MAX,
    Common,
    model_uri,
)
from mlplatform.spec import Artifact, AzureJob, AzureSearch, AzureTraining


def train(workload: str, plan: AzureTraining, common: Common) -> dict[str, Any]:
    """Declare a cluster with an identity of its own, and its job; return their outputs."""
    environment, storage = common.environment, common.storage
    name = physical_name(environment, workload, "train", max_length=GROUP_NAME_MAX)
    trained = storage.container_id.rsplit("/", 1)[0]
    trained = f"{trained}/{Training.container_name(environment, workload)}"
    access = Access(
        f"{name}-access",
        AccessArgs(
            place=common.place,
            identity_name=physical_name(
                environment, workload, "train", max_length=IDENTITY_NAME_MAX
            ),
            grants=[
                GrantArgs(
                    suffix="images",
                    scope=common.workspace.registry_id,
                    scope_name=common.workspace.registry_id,
                    role=PULL_IMAGES,
                ),
                GrantArgs(
                    suffix="artifacts",
                    scope=storage.container_id,
                    scope_name=storage.container_id,
                    role=READ_BLOBS,
                ),
                GrantArgs(suffix="trained", scope=trained, scope_name=trained, role=WRITE_BLOBS),
            ],
            tags=common.tags,
        ),
        opts=common.opts,
        after=[storage, common.workspace],
    )
    uploads: dict[str, pulumi.Resource] = {}
    if plan.job is not None:
        for artifact in (plan.job.code, *plan.job.data.values()):
            for key, path in artifact.files:
                if key not in uploads:
                    uploads[key] = storage.upload(f"{workload}-{key.replace('/', '-')}", path, key)
    training = Training(
        name,
        TrainingArgs(
            workspace=common.workspace,
            storage=storage,
            environment=environment,
            workload=workload,
            identity_id=access.identity_id,
            vm_size=plan.vm_size,
            max_nodes=plan.max_nodes,
            idle_before_scale_down_s=plan.idle_before_scale_down_s,
            low_priority=plan.low_priority,
            public_nodes=plan.public_nodes,
            job=_job(workload, plan.job, common) if plan.job is not None else None,
            protect_results=bool(common.stateful.protect),
            tags=common.tags,
        ),
        opts=common.opts,
        after=[access, *common.images, *uploads.values()],
    )
    made: dict[str, Any] = {
        "training_cluster": training.cluster_name,
        "training_results": training.results,
        "training_identity_id": access.identity_id,
    }
    if training.definition is not None:
        made["training_definition"] = training.definition
    if training.schedule_name is not None:
        made["training_schedule"] = training.schedule_name
    if training.run_name is not None:
        made["training_run"] = training.run_name
    return made


def _job(workload: str, plan: AzureJob, common: Common) -> JobArgs:
    return JobArgs(
        experiment=physical_name(common.environment, workload, max_length=ASSET_NAME_MAX),
        code_uri=f"{common.storage.container_url}/{plan.code.object_key}",
        code_sha256=str(plan.code.sha256),
        entry_point=plan.entry_point,
        image_uri=plan.image_uri,
        pip_packages=plan.pip_packages,
        max_run_s=plan.max_run_s,
        hyperparameters=plan.hyperparameters,
        data={
            name: (_input_type(one), model_uri(one, common.workspace))
            for name, one in plan.data.items()
        },
        environment=plan.environment,
        nodes=plan.nodes,
        processes_per_node=plan.processes_per_node,
        keeps_checkpoints=plan.keeps_checkpoints,
        search=_search(plan.search) if plan.search is not None else None,
        cron=plan.cron,
        run=plan.run,
    )


def _input_type(artifact: Artifact) -> str:
    """A URI is a folder when it ends as one."""
    if artifact.uri is not None:
        return "uri_folder" if artifact.uri.endswith("/") else "uri_file"
    return "uri_folder" if artifact.path is not None and artifact.path.is_dir() else "uri_file"


def _search(plan: AzureSearch) -> SearchArgs:
    return SearchArgs(
        metric=plan.metric,
        maximize=plan.maximize,
        max_runs=plan.max_runs,
        parallel_runs=plan.parallel_runs,
        sampling=plan.sampling,
        stop_after_reports=plan.stop_after_reports,
        parameters={
            name: RangeArgs(
                values=one.values, low=one.low, high=one.high, integer=one.integer, log=one.log
            )
            for name, one in plan.parameters.items()
        },
    )
