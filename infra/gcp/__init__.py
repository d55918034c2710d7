"""The Google Cloud plan wired to components: services, one key and one bucket, then each
workload's endpoint.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.core.labels import lower_labels
from components.core.naming import physical_name
from components.gcp.keys import Keys, KeysArgs
from components.gcp.place import Place
from components.gcp.services import Services, ServicesArgs
from components.gcp.storage import Storage, StorageArgs
from infra.gcp.common import (
    AUTO_NAME_DIGITS,
    BUCKET_NAME_MAX,
    ENDPOINT_ID_MAX,
    Common,
)
from infra.gcp.endpoint import serve
from infra.gcp.features import catalogue, store
from infra.gcp.monitoring import watch
from infra.gcp.training import train
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import GcpPlan


def deploy(plan: GcpPlan, settings: Settings) -> dict[str, Any]:
    """Declare everything of the plan; return the stack output ``gcp``."""
    environment = settings.environment
    provider = gcp.Provider("gcp", project=plan.project, region=plan.region)
    # mlgap refuses credentials that cannot see the project before anything is created.
    gaps = GapProvider("mlgap-gcp", gcp={"project": plan.project, "region": plan.region})
    here = pulumi.ResourceOptions(providers={"gcp": provider, "mlgap": gaps})
    stateful = pulumi.ResourceOptions.merge(
        here, pulumi.ResourceOptions(protect=settings.protect or None)
    )
    invoke = pulumi.InvokeOptions(provider=provider)
    make_storage_agent(plan.project, invoke)
    place = Place(
        project=plan.project,
        project_number=plan.project_number or project_number(plan.project, invoke),
        region=plan.region,
    )
    labels = lower_labels(settings.labels, environment)
    services = Services(
        physical_name(environment, "services", max_length=ENDPOINT_ID_MAX),
        ServicesArgs(place=place),
        opts=here,
    )
    keys = Keys(
        physical_name(environment, "models", max_length=ENDPOINT_ID_MAX - AUTO_NAME_DIGITS),
        KeysArgs(place=place, labels=labels),
        opts=stateful,
        after=[services],
    )
    storage = Storage(
        physical_name(environment, "artifacts", max_length=ENDPOINT_ID_MAX),
        StorageArgs(
            place=place,
            bucket=physical_name(
                environment, "artifacts", plan.project, plan.region, max_length=BUCKET_NAME_MAX
            ),
            key_name=keys.key_name,
            force_destroy=not settings.protect,
            labels=labels,
        ),
        opts=stateful,
        after=[keys],
    )
    common = Common(
        environment=environment,
        place=place,
        keys=keys,
        storage=storage,
        labels=labels,
        opts=here,
        stateful=stateful,
    )
    with_features = any(workload.features for workload in plan.workloads)
    tables = catalogue(plan, common, invoke) if with_features else None
    outputs: dict[str, Any] = {}
    for workload in plan.workloads:
        made: dict[str, Any] = {}
        if workload.endpoint is not None:
            found, endpoint = serve(workload.name, workload.endpoint, common)
            made |= found
            if workload.monitoring is not None:
                made |= watch(workload.name, workload.monitoring, endpoint, common)
        if workload.training is not None:
            made |= train(workload.name, workload.training, common)
        if tables is not None and workload.features:
            made |= store(workload.name, workload.features, tables, common)
        if made:
            outputs[workload.name] = made
    return outputs


def project_number(project: str, opts: pulumi.InvokeOptions) -> str:
    """Google's own number of the project, by which its service agents are named."""
    return str(gcp.organizations.get_project(project_id=project, opts=opts).number)


def make_storage_agent(project: str, opts: pulumi.InvokeOptions) -> None:
    """Ask for Cloud Storage's agent: asking makes it, and a grant to none would fail."""
    gcp.storage.get_project_service_account(project=project, opts=opts)
