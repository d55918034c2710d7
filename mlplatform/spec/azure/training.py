"""Training compute on Azure ML; what runs on it is in `jobs`."""

from __future__ import annotations

from mlplatform.catalog import azure as catalog
from mlplatform.spec import hardware
from mlplatform.spec.azure import jobs
from mlplatform.spec.azure.network import is_managed
from mlplatform.spec.hardware import Shop
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import AzureTraining
from mlplatform.spec.scope import Scope


def training(scope: Scope, settings: AzureModel, workload: WorkloadModel) -> AzureTraining | None:
    """The cluster of a workload, with its job; ``None`` without one, or with a problem."""
    asked = workload.training
    if asked is None:
        return None
    at = f"{scope.at}.training"
    own = asked.azure
    shop = Shop(
        cloud="azure",
        noun="VM sizes",
        names=catalog.instance_types(),
        machine=catalog.machine,
        by_accelerator=catalog.BY_ACCELERATOR,
        default=catalog.DEFAULT,
    )
    machine = hardware.choose(
        shop,
        own.vm_size if own is not None else None,
        hardware.wish(asked, at),
        at=f"{at}.azure.vm_size",
        workload=scope.workload,
        findings=scope.findings,
    )
    job = jobs.job(
        scope,
        workload,
        asked.accelerators_per_node if machine is not None and machine.accelerator else 0,
    )
    if machine is None:
        return None
    if machine.accelerator is not None and machine.accelerator_count < asked.accelerators_per_node:
        counts = sorted(
            {
                found.accelerator_count
                for name in catalog.instance_types()
                if (found := catalog.machine(name)) and found.accelerator == machine.accelerator
            }
        )
        scope.findings.problem(
            f"{at}.accelerators_per_node",
            asked.accelerators_per_node,
            f"{machine.name} has {machine.accelerator_count}; sizes with {machine.accelerator} "
            f"have {', '.join(map(str, counts))}: name one in azure.vm_size",
        )
        return None
    if machine.accelerator is None and asked.accelerators_per_node > 1:
        scope.findings.problem(
            f"{at}.accelerators_per_node",
            asked.accelerators_per_node,
            f"{machine.name} has no accelerator; allowed: 1, or ask for an accelerator",
        )
    isolated = is_managed(settings)
    if not isolated:
        scope.gap(
            f"{at}.azure",
            asked="nodes without public addresses",
            given="nodes with public addresses and no open ports",
            reason="Azure ML needs a managed network for them: clouds.azure.network.isolation",
        )
    return AzureTraining(
        vm_size=machine.name,
        max_nodes=asked.max_nodes,
        idle_before_scale_down_s=asked.idle_before_scale_down_s,
        low_priority=asked.spot,
        public_nodes=not isolated,
        job=job,
    )
