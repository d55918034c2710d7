"""One workload's endpoint on SageMaker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws import purposes
from components.aws.access import Access, AccessArgs
from components.aws.endpoint import Endpoint, topic_name
from components.aws.scaling import (
    Metric,
    ScalingArgs,
    ScheduleArgs,
    StepArgs,
    StepsArgs,
    TrackingArgs,
)
from components.aws.serving import (
    AsynchronousArgs,
    CaptureArgs,
    CopiesArgs,
    EndpointArgs,
    NetworkArgs,
    RolloutArgs,
    ServerlessArgs,
    VariantArgs,
)
from infra.aws.common import ANSWERS, CAPTURED, REQUESTS, Common, Inside, artifact_uri
from mlplatform.spec import AwsEndpoint, AwsMetric, AwsScaling, AwsVariant


def serve(workload: str, plan: AwsEndpoint, common: Common) -> tuple[dict[str, Any], Endpoint]:
    """Declare everything of one endpoint; return its outputs and what others build on."""
    name, inside = common.name(workload), _inside(plan, common)
    keeps_data = plan.capture is not None or plan.asynchronous is not None
    access = _access(workload, plan, common)
    uploads: dict[str, aws.s3.BucketObjectv2] = {}
    for variant in plan.variants:
        for key, path in variant.artifact.files:
            if key not in uploads:
                # One file is known by its folder, which has the hash; others by all of their key.
                suffix = key.rsplit("/", 1)[0] if key == variant.artifact.object_key else key
                uploads[key] = common.storage.upload(suffix.replace("/", "-"), path, key)
    retention = common.plan.foundation.log_retention_days
    after: list[pulumi.Resource] = [access, common.keys, *uploads.values()]
    if keeps_data:
        after += [common.capture, common.data_keys]
    endpoint = Endpoint(
        name,
        EndpointArgs(
            place=common.place,
            endpoint_name=name,
            role_arn=access.role_arn,
            instance_type=plan.instance_type,
            volume_key_arn=common.keys.use_arn,
            variants=[_variant(one, plan, common) for one in plan.variants],
            scaling=scaling(plan.scaling) if plan.scaling is not None else None,
            serverless=ServerlessArgs(
                memory_mib=plan.serverless.memory_mib,
                max_concurrency=plan.serverless.max_concurrency,
                provisioned_concurrency=plan.serverless.provisioned_concurrency,
            )
            if plan.serverless is not None
            else None,
            network=NetworkArgs(
                subnet_ids=inside.subnet_ids, security_group_ids=inside.security_group_ids
            )
            if inside is not None
            else None,
            capture=_capture(workload, plan, common),
            asynchronous=_asynchronous(workload, plan, common),
            copies=CopiesArgs(
                name=common.name(workload, "copies"),
                min=plan.copies.min,
                max=plan.copies.max,
                memory_mib=plan.copies.memory_mib,
                cpu_cores=plan.copies.cpu_cores,
                accelerators=plan.copies.accelerators,
                scaling=scaling(plan.copies.scaling),
            )
            if plan.copies is not None
            else None,
            rollout=RolloutArgs(
                strategy=plan.rollout.strategy,
                step_percent=plan.rollout.step_percent,
                wait_s=plan.rollout.wait_s,
                error_percent=plan.rollout.error_percent,
                latency_ms=plan.rollout.latency_ms,
            )
            if plan.rollout is not None
            else None,
            log_retention_days=retention,
            log_key_arn=common.data_keys.key_arn if retention else None,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[*after, *(inside.after if inside is not None else ())],
    )
    for role_name in plan.invoked_by:
        endpoint.grant_invoke(role_name)
    outputs = {
        "endpoint_name": endpoint.endpoint_name,
        "endpoint_arn": endpoint.endpoint_arn,
        "endpoint_url": endpoint.endpoint_url,
        "role_arn": access.role_arn,
    }
    if plan.copies is not None:
        outputs["inference_component_name"] = common.name(workload, "copies")
    if plan.asynchronous is not None:
        outputs["requests_uri"] = f"s3://{common.capture.bucket}/{workload}/{REQUESTS}"
    return outputs, endpoint


def _inside(plan: AwsEndpoint, common: Common) -> Inside | None:
    """The network, for kinds of endpoints that can stand in one."""
    return common.inside if plan.serverless is None and plan.copies is None else None


def _access(workload: str, plan: AwsEndpoint, common: Common) -> Access:
    name, stores = common.name(workload), common.stores(workload)
    waiting = plan.asynchronous
    if waiting is not None or plan.capture is not None:
        stores = replace(stores, keys=[*stores.keys, common.data_keys.reference])
    inside = _inside(plan, common)
    return Access(
        name,
        AccessArgs(
            place=common.place,
            role_name=common.role_name(workload, "serve"),
            description=f"Runs the SageMaker endpoint {name}",
            statements=purposes.serve(
                stores,
                endpoint_name=name,
                image_uris=[variant.image_uri for variant in plan.variants],
                artifact_uris=[v.artifact.uri for v in plan.variants if v.artifact.uri is not None],
                network=inside.permissions if inside is not None else None,
                captured=(common.capture.bucket, f"{workload}/{CAPTURED}")
                if plan.capture is not None
                else None,
                async_bucket=common.capture.bucket if waiting is not None else "",
                topic_arns=[
                    common.place.arn("sns", topic_name(name, what))
                    for what in ("answered", "failed")
                ]
                if waiting is not None and waiting.notify
                else [],
            ),
            tags=common.tags,
        ),
        opts=common.opts,
    )


def _variant(plan: AwsVariant, endpoint: AwsEndpoint, common: Common) -> VariantArgs:
    uri = artifact_uri(plan.artifact, common.storage.bucket)
    return VariantArgs(
        name=plan.name,
        weight=plan.weight,
        min_instances=plan.min_instances,
        max_instances=plan.max_instances,
        model_data_url=f"{uri.rstrip('/')}/" if endpoint.multi_model else uri,
        image_uri=plan.image_uri,
        environment=plan.container_environment,
        shadow=plan.shadow,
        multi_model=endpoint.multi_model,
    )


def _capture(workload: str, plan: AwsEndpoint, common: Common) -> CaptureArgs | None:
    if plan.capture is None:
        return None
    return CaptureArgs(
        uri=f"s3://{common.capture.bucket}/{workload}/{CAPTURED}".rstrip("/"),
        key_arn=common.data_keys.use_arn,
        sampling_percent=plan.capture.sampling_percent,
    )


def _asynchronous(workload: str, plan: AwsEndpoint, common: Common) -> AsynchronousArgs | None:
    if plan.asynchronous is None:
        return None
    return AsynchronousArgs(
        answers_uri=f"s3://{common.capture.bucket}/{workload}/{ANSWERS}answered",
        failures_uri=f"s3://{common.capture.bucket}/{workload}/{ANSWERS}failed",
        key_arn=common.data_keys.use_arn,
        max_concurrent_per_instance=plan.asynchronous.max_concurrent_per_instance,
        notify=plan.asynchronous.notify,
    )


def scaling(plan: AwsScaling) -> ScalingArgs:
    """The plan's autoscaling in the component's words."""
    steps = plan.steps
    return ScalingArgs(
        targets=[
            TrackingArgs(
                name=one.name,
                value=one.value,
                metric=one.metric if isinstance(one.metric, str) else _metric(one.metric),
            )
            for one in plan.targets
        ],
        steps=StepsArgs(
            name=steps.name,
            metric=_metric(steps.metric),
            out=[StepArgs(at=at, by=by) for at, by in steps.out],
            into=[StepArgs(at=at, by=by) for at, by in steps.into],
        )
        if steps is not None
        else None,
        schedules=[
            ScheduleArgs(name=one.name, schedule=one.expression, min=one.min, max=one.max)
            for one in plan.schedules
        ],
        scale_in_cooldown_s=plan.scale_in_cooldown_s,
        scale_out_cooldown_s=plan.scale_out_cooldown_s,
        from_zero=_metric(plan.from_zero) if plan.from_zero is not None else None,
    )


def _metric(plan: AwsMetric) -> Metric:
    return Metric(
        namespace=plan.namespace,
        name=plan.name,
        dimensions=plan.dimensions,
        statistic=plan.statistic,
    )
