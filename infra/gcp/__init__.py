"""The Google Cloud plan wired to components: services, one key and one bucket, then each
workload's endpoint.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.core.labels import lower_labels
from components.core.naming import physical_name
from components.gcp.alerts import DriftAlertArgs
from components.gcp.capture import Capture, CaptureArgs
from components.gcp.images import Images, ImagesArgs
from components.gcp.keys import Keys, KeysArgs
from components.gcp.place import Place
from components.gcp.services import Services, ServicesArgs
from components.gcp.storage import Storage, StorageArgs
from infra.gcp.alerts import alert, channels
from infra.gcp.ci import pipelines
from infra.gcp.common import (
    AUTO_NAME_DIGITS,
    BUCKET_NAME_MAX,
    ENDPOINT_ID_MAX,
    Common,
)
from infra.gcp.endpoint import serve
from infra.gcp.features import catalogue, store
from infra.gcp.monitoring import watch
from infra.gcp.monitors import drifts, monitor
from infra.gcp.network import connect
from infra.gcp.pools import pools
from infra.gcp.quota import quotas
from infra.gcp.training import train
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import GcpNetwork, GcpPlan


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
    endpoints = [one.endpoint for one in plan.workloads if one.endpoint is not None]
    captures = any(one.capture is not None for one in endpoints)
    with_features = any(workload.features for workload in plan.workloads)
    tables, images = captures or with_features, bool(plan.image_repositories)
    alerts = any(workload.alerts is not None for workload in plan.workloads)
    if tables:
        make_tables_agent(plan.project, invoke)
    services = Services(
        physical_name(environment, "services", max_length=ENDPOINT_ID_MAX),
        ServicesArgs(
            place=place,
            tables=tables,
            images=images,
            alerts=alerts,
            networks=isinstance(plan.network, GcpNetwork),
            federation=plan.ci is not None,
        ),
        opts=here,
    )
    network = connect(plan.network, environment, place, labels, opts=here, after=[services])
    keys = Keys(
        physical_name(environment, "models", max_length=ENDPOINT_ID_MAX - AUTO_NAME_DIGITS),
        KeysArgs(
            place=place,
            existing=plan.key_name,
            rotation_period_s=plan.rotation_days * 86_400,
            tables=tables,
            images=images,
            labels=labels,
        ),
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
            log_bucket=plan.log_bucket,
            force_destroy=not settings.protect,
            labels=labels,
        ),
        opts=stateful,
        after=[keys],
    )
    for repository in plan.image_repositories:
        name = physical_name(environment, repository, max_length=ENDPOINT_ID_MAX)
        Images(
            name,
            ImagesArgs(place=place, repository_id=name, key_name=keys.key_name, labels=labels),
            opts=stateful,
            after=[services, keys],
        )
    capture = None
    if captures:
        capture = Capture(
            physical_name(environment, "captured", max_length=ENDPOINT_ID_MAX),
            CaptureArgs(
                place=place,
                dataset_id=physical_name(
                    environment, "captured", max_length=ENDPOINT_ID_MAX
                ).replace("-", "_"),
                key_name=keys.key_name,
                delete_contents=not settings.protect,
                labels=labels,
            ),
            opts=stateful,
            after=[services, keys],
        )
    common = Common(
        environment=environment,
        place=place,
        keys=keys,
        storage=storage,
        labels=labels,
        network=network.network if network is not None else None,
        attachment=network.attachment if network is not None else None,
        subnetwork=network.subnetwork if network is not None else None,
        in_network=network.made if network is not None else (),
        ci=pipelines(plan.ci, environment, place, storage, opts=here),
        capture=capture,
        opts=here,
        stateful=stateful,
    )
    store_of_features = catalogue(plan, common) if with_features else None
    addresses = channels(plan, common, services)
    shared = pools(plan, common)
    outputs: dict[str, Any] = {}
    for workload in plan.workloads:
        made: dict[str, Any] = {}
        if workload.endpoint is not None:
            found, endpoint = serve(workload.name, workload.endpoint, common, shared)
            made |= found
            if workload.monitoring is not None:
                made |= watch(workload.name, workload.monitoring, endpoint, common)
            compared: dict[str, DriftAlertArgs] = {}
            if workload.monitors is not None:
                monitors = monitor(workload.name, workload.monitors, endpoint, common)
                made["model_monitors"] = monitors.monitor_names
                compared = drifts(workload.monitors, monitors)
            if workload.alerts is not None:
                alert(
                    workload.name,
                    workload.alerts,
                    common,
                    addresses=addresses,
                    monitoring_job=made.get("monitoring_job"),
                    drifts=compared,
                    services=services,
                )
        if workload.training is not None:
            made |= train(workload.name, workload.training, common)
        if store_of_features is not None and workload.features:
            made |= store(workload.name, workload.features, store_of_features, common)
        if made:
            outputs[workload.name] = made
    if common.ci is not None:
        outputs["ci"] = {"service_account": common.ci.email, "audiences": common.ci.audiences}
    return outputs | quotas(plan, common)


def project_number(project: str, opts: pulumi.InvokeOptions) -> str:
    """Google's own number of the project, by which its service agents are named."""
    return str(gcp.organizations.get_project(project_id=project, opts=opts).number)


def make_storage_agent(project: str, opts: pulumi.InvokeOptions) -> None:
    """Ask for Cloud Storage's agent: asking makes it, and a grant to none would fail."""
    gcp.storage.get_project_service_account(project=project, opts=opts)


def make_tables_agent(project: str, opts: pulumi.InvokeOptions) -> None:
    """Ask for BigQuery's agent, for the same reason."""
    gcp.bigquery.get_default_service_account(project=project, opts=opts)
