"""Compute of the whole environment on Azure ML: machines of people, attached clusters, the network
of jobs without a compute.
"""

from __future__ import annotations

import re
from datetime import date

from mlplatform.catalog import azure as catalog
from mlplatform.spec import schedules
from mlplatform.spec.azure.network import is_managed
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.models.azure_compute import (
    AzureInstanceModel,
    AzureKubernetesModel,
    AzureServerlessComputeModel,
)
from mlplatform.spec.plan.azure_compute import (
    AzureCompute,
    AzureInstance,
    AzureKubernetes,
    AzureKubernetesType,
    AzureServerlessCompute,
)
from mlplatform.spec.schedules import Schedule

AT = "clouds.azure.compute"
_GROUP = r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/"
_CLUSTER = re.compile(
    _GROUP + r"Microsoft\.(ContainerService/managedClusters|Kubernetes/connectedClusters)/[^/]+",
    re.IGNORECASE,
)
_SUBNET = re.compile(
    _GROUP + r"Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+", re.IGNORECASE
)


def compute(settings: AzureModel, findings: Findings) -> AzureCompute:
    """What is to be there; what cannot be is a problem and is left out."""
    asked = settings.compute
    if asked is None:
        return AzureCompute()
    instances = (_instance(name, one, findings) for name, one in asked.instances.items())
    clusters = (_kubernetes(name, one, findings) for name, one in asked.kubernetes.items())
    isolated = is_managed(settings)
    return AzureCompute(
        instances=tuple(one for one in instances if one is not None),
        kubernetes=tuple(one for one in clusters if one is not None),
        serverless=_serverless(asked.serverless, isolated, findings)
        if asked.serverless is not None
        else None,
    )


def _instance(name: str, asked: AzureInstanceModel, findings: Findings) -> AzureInstance | None:
    at = f"{AT}.instances.{name}"
    size = asked.vm_size or catalog.DEFAULT
    machine = catalog.machine(size)
    if machine is None:
        findings.not_among(f"{at}.vm_size", size, catalog.instance_types(), "VM sizes")
    elif machine.is_retired(date.today()):
        words = f"retired since {machine.retired}; use {machine.replacement}"
        findings.problem(f"{at}.vm_size", size, words)
    idle = asked.idle_before_shutdown_s
    if idle % 60:
        findings.problem(f"{at}.idle_before_shutdown_s", idle, "allowed: whole minutes")
    start, stop = (
        schedules.read(text, f"{at}.{key}", findings) if text is not None else None
        for key, text in (("start", asked.start), ("stop", asked.stop))
    )
    if start is not None and stop is not None and _meet(start, stop):
        words = "allowed: other times than `start`, or nobody knows whether it runs"
        findings.problem(f"{at}.stop", asked.stop, words)
    if machine is None:
        return None
    return AzureInstance(
        name=name,
        user_object_id=asked.user_object_id,
        vm_size=machine.name,
        idle_before_shutdown_minutes=idle // 60,
        start_cron=start.text if start is not None else None,
        stop_cron=stop.text if stop is not None else None,
    )


def _meet(one: Schedule, other: Schedule) -> bool:
    """Whether some minute of some day is in both."""
    pairs = (
        (one.minutes, other.minutes),
        (one.hours, other.hours),
        (one.days, other.days),
        (one.months, other.months),
        (one.weekdays, other.weekdays),
    )
    return all(a is None or b is None or set(a) & set(b) for a, b in pairs)


def _kubernetes(
    name: str, asked: AzureKubernetesModel, findings: Findings
) -> AzureKubernetes | None:
    at = f"{AT}.kubernetes.{name}"
    if _CLUSTER.fullmatch(asked.cluster_id) is None:
        findings.problem(
            f"{at}.cluster_id",
            asked.cluster_id,
            "allowed: the id of a Microsoft.ContainerService/managedClusters or a "
            "Microsoft.Kubernetes/connectedClusters",
        )
        return None
    default = asked.default_instance_type
    if default is not None and default not in asked.instance_types:
        findings.not_among(
            f"{at}.default_instance_type", default, asked.instance_types, "instance types"
        )
    return AzureKubernetes(
        name=name,
        cluster_id=asked.cluster_id,
        namespace=asked.namespace,
        instance_types=tuple(
            AzureKubernetesType(
                name=kind,
                cpu=one.cpu,
                memory=one.memory,
                gpus=one.gpus,
                node_selector=dict(one.node_selector),
            )
            for kind, one in asked.instance_types.items()
        ),
        default_instance_type=default,
    )


def _serverless(
    asked: AzureServerlessComputeModel, isolated: bool, findings: Findings
) -> AzureServerlessCompute:
    at = f"{AT}.serverless"
    if asked.subnet_id is None and not isolated:
        findings.missing(f"{at}.subnet_id", "a subnet, or clouds.azure.network.isolation")
    elif asked.subnet_id is not None and isolated:
        findings.problem(
            f"{at}.subnet_id",
            asked.subnet_id,
            "allowed without clouds.azure.network.isolation: jobs run in the managed network",
        )
    elif asked.subnet_id is not None and _SUBNET.fullmatch(asked.subnet_id) is None:
        words = "allowed: the id of a Microsoft.Network/virtualNetworks/subnets"
        findings.problem(f"{at}.subnet_id", asked.subnet_id, words)
    return AzureServerlessCompute(
        subnet_id=asked.subnet_id, public_addresses=asked.public_addresses
    )
