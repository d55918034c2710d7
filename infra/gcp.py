"""The Google Cloud plan wired to components: services, one key and one bucket, then each
workload's endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.core.labels import lower_labels
from components.core.naming import physical_name
from components.gcp.access import Access, AccessArgs
from components.gcp.archives import is_archive, unpacked
from components.gcp.endpoint import Endpoint, EndpointArgs, VariantArgs
from components.gcp.keys import Keys, KeysArgs
from components.gcp.place import Place
from components.gcp.services import Services, ServicesArgs
from components.gcp.storage import Storage, StorageArgs
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import Artifact, GcpEndpoint, GcpPlan

BUCKET_NAME_MAX = 63
ACCOUNT_ID_MAX = 30
ENDPOINT_ID_MAX = 63
AUTO_NAME_DIGITS = 8
"""Lengths: Cloud Storage "bucket naming"; iam CreateServiceAccountRequest.accountId; aiplatform
endpointId; a dash and seven digits that Pulumi adds to an automatic name."""


@dataclass(frozen=True, kw_only=True)
class _Common:
    """What every workload of the environment shares."""

    environment: str
    place: Place
    keys: Keys
    storage: Storage
    labels: dict[str, str]


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
    common = _Common(
        environment=environment, place=place, keys=keys, storage=storage, labels=labels
    )
    return {
        workload.name: _serve(workload.name, workload.endpoint, common, here)
        for workload in plan.workloads
        if workload.endpoint is not None
    }


def _serve(
    workload: str, plan: GcpEndpoint, common: _Common, opts: pulumi.ResourceOptions
) -> dict[str, Any]:
    environment, storage = common.environment, common.storage
    name = physical_name(environment, workload, max_length=ENDPOINT_ID_MAX)
    access = Access(
        name,
        AccessArgs(
            place=common.place,
            account_id=physical_name(environment, workload, max_length=ACCOUNT_ID_MAX),
            bucket=storage.bucket,
            object_prefix=f"{workload}/",
            image_uris=[variant.image_uri for variant in plan.variants],
        ),
        opts=opts,
        after=[storage],
    )
    uploads: dict[str, pulumi.Resource] = {}
    for variant in plan.variants:
        for key, path in files(variant.artifact):
            if key not in uploads:
                uploads[key] = storage.upload(key.replace("/", "-"), path, key)
    endpoint = Endpoint(
        name,
        EndpointArgs(
            place=common.place,
            endpoint_id=name,
            service_account=access.email,
            machine_type=plan.machine_type,
            accelerator_type=plan.accelerator_type,
            accelerator_count=plan.accelerator_count,
            target_metric=plan.target_metric,
            target_value=round(plan.target_value),
            key_name=common.keys.key_name,
            variants=[
                VariantArgs(
                    name=variant.name,
                    weight=variant.weight,
                    min_replicas=variant.min_replicas,
                    max_replicas=variant.max_replicas,
                    image_uri=variant.image_uri,
                    artifact_uri=artifact_uri(variant.artifact, storage.bucket),
                )
                for variant in plan.variants
            ],
            labels=common.labels,
        ),
        opts=opts,
        after=[access, common.keys, *uploads.values()],
    )
    return {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_url": endpoint.endpoint_url,
        "service_account": access.email,
    }


def files(artifact: Artifact) -> list[tuple[str, Any]]:
    """(object name, file) of everything to upload: an archive's files, for Vertex AI unpacks
    none.
    """
    found: list[tuple[str, Any]] = []
    for key, path in artifact.files:
        if is_archive(path):
            folder = key.rsplit("/", 1)[0]
            inside = unpacked(path, str(artifact.sha256))
            found += [(f"{folder}/{name}", file) for name, file in inside]
        else:
            found.append((key, path))
    return found


def artifact_uri(artifact: Artifact, bucket: str) -> str:
    """The folder in which Vertex AI finds the model: the given URI, or the upload's."""
    if artifact.uri is not None:
        return artifact.uri
    assert artifact.object_key is not None  # a local artifact always has a key
    local_file = any(key == artifact.object_key for key, _ in artifact.files)
    folder = artifact.object_key.rsplit("/", 1)[0] if local_file else artifact.object_key
    return f"gs://{bucket}/{folder}"


def project_number(project: str, opts: pulumi.InvokeOptions) -> str:
    """Google's own number of the project, by which its service agents are named."""
    return str(gcp.organizations.get_project(project_id=project, opts=opts).number)


def make_storage_agent(project: str, opts: pulumi.InvokeOptions) -> None:
    """Ask for Cloud Storage's agent: asking makes it, and a grant to none would fail."""
    gcp.storage.get_project_service_account(project=project, opts=opts)
