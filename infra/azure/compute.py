"""Compute that all workloads of an Azure environment share."""

from __future__ import annotations

from typing import Any

from components.azure.instance import Instance, InstanceArgs
from components.azure.kubernetes import Kubernetes, KubernetesArgs, PodArgs
from components.azure.workspace import ServerlessComputeArgs
from components.core.naming import physical_name
from infra.azure.common import (
    GROUP_NAME_MAX,
    INSTANCE_NAME_MAX,
    KUBERNETES_NAME_MAX,
    Common,
)
from mlplatform.spec import AzureCompute, AzurePlan


def serverless(plan: AzureCompute) -> ServerlessComputeArgs | None:
    """Network of jobs that name no compute."""
    if plan.serverless is None:
        return None
    return ServerlessComputeArgs(
        subnet_id=plan.serverless.subnet_id, public_addresses=plan.serverless.public_addresses
    )


def share(plan: AzurePlan, common: Common) -> dict[str, Any]:
    """Declare machines and attached clusters; return their names, and the vCPUs of everything."""
    environment = common.environment
    instances = {
        one.name: Instance(
            physical_name(environment, "instance", one.name, max_length=GROUP_NAME_MAX),
            InstanceArgs(
                workspace=common.workspace,
                # Unique in the region; the person's part last, as a letter has to follow a dash.
                compute_name=physical_name(
                    environment, common.place.unique, one.name, max_length=INSTANCE_NAME_MAX
                ),
                user_object_id=one.user_object_id,
                vm_size=one.vm_size,
                idle_before_shutdown_minutes=one.idle_before_shutdown_minutes,
                start_cron=one.start_cron,
                stop_cron=one.stop_cron,
                public_address=plan.network.isolation is None,
                tags=common.tags,
            ),
            opts=common.opts,
        ).compute_name
        for one in plan.compute.instances
    }
    clusters = {
        one.name: Kubernetes(
            physical_name(environment, "kubernetes", one.name, max_length=GROUP_NAME_MAX),
            KubernetesArgs(
                workspace=common.workspace,
                compute_name=physical_name(environment, one.name, max_length=KUBERNETES_NAME_MAX),
                cluster_id=one.cluster_id,
                namespace=one.namespace,
                instance_types={
                    kind.name: PodArgs(
                        cpu=kind.cpu,
                        memory=kind.memory,
                        gpus=kind.gpus,
                        node_selector=kind.node_selector,
                    )
                    for kind in one.instance_types
                },
                default_instance_type=one.default_instance_type,
                tags=common.tags,
            ),
            opts=common.opts,
        ).compute_name
        for one in plan.compute.kubernetes
    }
    outputs: dict[str, Any] = {}
    if instances:
        outputs["compute_instances"] = instances
    if clusters:
        outputs["kubernetes"] = clusters
    if plan.quotas:
        outputs["quota_vcpus"] = {one.name: one.needed_vcpus for one in plan.quotas}
    return outputs
