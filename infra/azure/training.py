"""One workload's training cluster on Azure ML."""

from __future__ import annotations

from typing import Any

from components.azure.access import (
    PULL_IMAGES,
    READ_BLOBS,
    WRITE_BLOBS,
    Access,
    AccessArgs,
    GrantArgs,
)
from components.azure.training import Training, TrainingArgs
from components.core.naming import physical_name
from infra.azure.common import GROUP_NAME_MAX, IDENTITY_NAME_MAX, Common
from mlplatform.spec import AzureTraining


def train(workload: str, plan: AzureTraining, common: Common) -> dict[str, Any]:
    """Declare a cluster with an identity of its own; return its outputs."""
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
            tags=common.tags,
        ),
        opts=common.opts,
        after=[access],
    )
    return {
        "training_cluster": training.cluster_name,
        "training_results": training.results,
        "training_identity_id": access.identity_id,
    }
