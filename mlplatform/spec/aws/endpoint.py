"""The AWS plan."""

from __future__ import annotations

from mlplatform.catalog import aws as catalog
from mlplatform.catalog import frameworks, regions
from mlplatform.spec import hardware, serving
from mlplatform.spec.hardware import Shop
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import AwsEndpoint, AwsVariant
from mlplatform.spec.scope import Scope

REGION_WITH_EVERY_IMAGE = "us-east-1"


def endpoint(
    scope: Scope, settings: AwsModel, workload: WorkloadModel, asked: EndpointModel
) -> AwsEndpoint | None:
    """The endpoint on SageMaker; ``None`` with a problem when it cannot be."""
    if asked.aws is None:
        scope.findings.missing(
            f"{scope.endpoint}.aws",
            "a target for SageMaker: target.invocations_per_instance_per_minute",
        )
        return None
    shop = Shop(
        cloud="aws",
        noun="SageMaker instance types",
        names=catalog.endpoint_types(),
        machine=catalog.machine,
        by_accelerator=catalog.BY_ACCELERATOR,
        default=catalog.DEFAULT,
    )
    at = f"{scope.endpoint}.aws.instance_type"
    machine = hardware.choose(
        shop,
        asked.aws.instance_type,
        hardware.wish(asked, scope.endpoint),
        at=at,
        workload=scope.workload,
        findings=scope.findings,
    )
    if machine is not None and machine.burstable:
        scope.findings.problem(
            at,
            machine.name,
            "burstable types cannot be autoscaled; allowed: a fixed-performance type such as "
            "ml.m5.large",
        )
    gpu = machine is not None and machine.accelerator is not None
    # A region that does not exist is on the list already; its missing images need not be.
    region = settings.region if settings.region in regions.AWS else REGION_WITH_EVERY_IMAGE
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.aws(framework, version, region=region, gpu=gpu),
    )
    if machine is None or served is None:
        return None
    return AwsEndpoint(
        instance_type=machine.name,
        variants=tuple(
            AwsVariant(
                name=one.name,
                weight=one.weight,
                min_instances=one.min,
                max_instances=one.max,
                artifact=one.artifact,
                image_uri=one.image.image_uri,
                container_environment=one.image.environment,
            )
            for one in served
        ),
        invocations_per_instance_per_minute=asked.aws.target.invocations_per_instance_per_minute,
        scale_in_cooldown_s=asked.scaling.scale_in_cooldown_s,
        scale_out_cooldown_s=asked.scaling.scale_out_cooldown_s,
    )
