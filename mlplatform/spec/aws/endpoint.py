"""Endpoints on SageMaker."""

from __future__ import annotations

from mlplatform.catalog import aws as catalog
from mlplatform.catalog import frameworks, regions
from mlplatform.catalog.machine import Machine
from mlplatform.spec import artifacts, hardware, serving
from mlplatform.spec.aws.copies import copies
from mlplatform.spec.aws.scaling import NEEDED, scaling
from mlplatform.spec.hardware import Shop
from mlplatform.spec.models.artifact import ModelModel
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.aws_serving import AwsEndpointModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import (
    Artifact,
    AwsAsynchronous,
    AwsCapture,
    AwsEndpoint,
    AwsRollout,
    AwsServerless,
    AwsVariant,
)
from mlplatform.spec.scope import Scope

REGION_WITH_EVERY_IMAGE = "us-east-1"
MOST_CONCURRENCY = 200
"""Of a serverless endpoint (botocore, ServerlessMaxConcurrency)."""
MOST_ALARMS = 10
"""botocore sagemaker AlarmList."""


def endpoint(
    scope: Scope, settings: AwsModel, workload: WorkloadModel, asked: EndpointModel
) -> AwsEndpoint | None:
    """The endpoint on SageMaker; ``None`` with a problem when it cannot be."""
    own = asked.aws
    if own is None:
        scope.findings.missing(f"{scope.endpoint}.aws", NEEDED)
        return None
    _mode(scope, settings, asked, own)
    machine = None if asked.mode == "serverless" else _machine(scope, asked, own)
    gpu = machine is not None and machine.accelerator is not None
    # A region that does not exist is on the list already; its missing images need not be.
    region = settings.region if settings.region in regions.AWS else REGION_WITH_EVERY_IMAGE
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.aws(framework, version, region=region, gpu=gpu),
        least=1 if asked.mode == "real_time" and own.copies is None else 0,
        resolve=(lambda model, at: _many_models(scope, model, at)) if own.multi_model else None,
    )
    copied = copies(scope, settings, asked, own, machine)
    # Where copies share the instances, SageMaker itself brings as many as they need.
    scaled = scaling(scope, asked, own, machine) if own.copies is None else None
    if machine is not None and machine.burstable and scaled is not None:
        scope.findings.problem(
            f"{scope.endpoint}.aws.instance_type",
            machine.name,
            "burstable types cannot be autoscaled; allowed: a fixed-performance type such as "
            "ml.m5.large",
        )
    if served is None or (machine is None and asked.mode != "serverless"):
        return None
    return AwsEndpoint(
        instance_type=machine.name if machine is not None else None,
        variants=tuple(_variant(scope, asked, one) for one in served),
        scaling=scaled,
        serverless=_serverless(asked, own),
        asynchronous=_asynchronous(asked, own),
        capture=_capture(scope, asked),
        copies=copied,
        rollout=_rollout(scope, asked),
        multi_model=own.multi_model,
        invoked_by=tuple(own.invoked_by),
    )


def _machine(scope: Scope, asked: EndpointModel, own: AwsEndpointModel) -> Machine | None:
    shop = Shop(
        cloud="aws",
        noun="SageMaker instance types",
        names=catalog.endpoint_types(),
        machine=catalog.machine,
        by_accelerator=catalog.BY_ACCELERATOR,
        default=catalog.DEFAULT,
    )
    return hardware.choose(
        shop,
        own.instance_type,
        hardware.wish(asked, scope.endpoint),
        at=f"{scope.endpoint}.aws.instance_type",
        workload=scope.workload,
        findings=scope.findings,
    )


def _mode(scope: Scope, settings: AwsModel, asked: EndpointModel, own: AwsEndpointModel) -> None:
    """What goes with the mode. Sources: SageMaker guide, "Serverless Inference" (feature
    exclusions), "Shadow variants", "Multi-model endpoints", "Asynchronous inference".
    """
    at, findings = scope.endpoint, scope.findings
    shadows = [name for name, v in asked.variants.items() if v.shadow_percent is not None]
    if asked.mode == "batch":
        findings.problem(
            f"{at}.mode",
            asked.mode,
            "not built on aws; allowed: real_time, serverless, asynchronous (which scales to zero "
            "between batches)",
        )
    if asked.mode == "serverless":
        refused = {
            "accelerator": asked.accelerator,
            "aws.instance_type": own.instance_type,
            "capture": asked.capture,
            "rollout": asked.rollout,
            "private": asked.private or None,
            "aws.multi_model": own.multi_model or None,
            "variants": asked.variants if len(asked.variants) > 1 else None,
        }
        for key, value in refused.items():
            if value is not None:
                shown = True if not isinstance(value, str) else value
                findings.problem(f"{at}.{key}", shown, "not possible with mode serverless")
        if asked.scaling.max > MOST_CONCURRENCY:
            findings.problem(
                f"{at}.scaling.max",
                asked.scaling.max,
                f"requests at a time with mode serverless, allowed: at most {MOST_CONCURRENCY}",
            )
        if settings.network is not None:
            scope.gap(
                f"{at}.mode",
                asked="containers in the environment's network",
                given="containers in SageMaker's own network",
                reason="serverless endpoints take no VPC",
            )
    for key in ("serverless", "asynchronous"):
        if getattr(own, key) is not None and asked.mode != key:
            findings.problem(f"{at}.aws.{key}", asked.mode, f"allowed: only with mode {key}")
    if shadows and len(asked.variants) != 2:
        findings.problem(
            f"{at}.variants",
            sorted(asked.variants),
            "allowed with shadow_percent: one shadow beside one other variant",
        )
    if shadows and asked.mode != "real_time":
        findings.problem(f"{at}.mode", asked.mode, "allowed with a shadow variant: real_time")
    if own.multi_model and len(asked.variants) > 1:
        findings.problem(
            f"{at}.variants", sorted(asked.variants), "allowed with multi_model: one variant"
        )
    if asked.private:
        _private(scope, settings)


def _private(scope: Scope, settings: AwsModel) -> None:
    at = f"{scope.endpoint}.private"
    if settings.network is None:
        scope.findings.problem(at, True, "allowed: together with clouds.aws.network")
        return
    scope.gap(
        at,
        asked="reachable from the environment's network only",
        given="containers in isolated subnets, and a private way to SageMaker's API from there",
        reason="SageMaker's API takes signed requests from anywhere; who may ask is for the "
        "policies of the callers (invoked_by)",
    )


def _many_models(scope: Scope, model: ModelModel, at: str) -> Artifact | None:
    """A folder of .tar.gz files, or the prefix where they are."""
    if model.artifact is None:
        scope.findings.missing(f"{at}.artifact", "a folder of models")
        return None
    found = artifacts.content(model.artifact, scope, at=f"{at}.artifact", prefix="models")
    if found is None:
        return None
    wrong = [key for key, _ in found.files if not key.endswith(".tar.gz")]
    if wrong or (found.path is not None and found.path.is_file()):
        scope.findings.problem(
            f"{at}.artifact",
            model.artifact if isinstance(model.artifact, str) else model.artifact.aws,
            "allowed with multi_model: a folder that holds .tar.gz files only, or s3://bucket/"
            "prefix/",
        )
        return None
    return found


def _variant(scope: Scope, asked: EndpointModel, one: serving.Serving) -> AwsVariant:
    shadow_percent = asked.variants[one.name].shadow_percent
    if shadow_percent is not None and one.min < one.max:
        scope.gap(
            f"{scope.endpoint}.variants.{one.name}",
            asked=f"{one.min} to {one.max} instances",
            given=f"{one.min}",
            reason="a shadow variant is no scalable target",
        )
    return AwsVariant(
        name=one.name,
        weight=one.weight if shadow_percent is None else shadow_percent,
        min_instances=one.min,
        max_instances=one.max,
        artifact=one.artifact,
        image_uri=one.image.image_uri,
        container_environment=one.image.environment,
        shadow=shadow_percent is not None,
    )


def _serverless(asked: EndpointModel, own: AwsEndpointModel) -> AwsServerless | None:
    if asked.mode != "serverless":
        return None
    return AwsServerless(
        memory_mib=own.serverless.memory_mib if own.serverless is not None else 2048,
        max_concurrency=asked.scaling.max,
        provisioned_concurrency=asked.scaling.min,
    )


def _asynchronous(asked: EndpointModel, own: AwsEndpointModel) -> AwsAsynchronous | None:
    if asked.mode != "asynchronous":
        return None
    given = own.asynchronous
    return AwsAsynchronous(
        max_concurrent_per_instance=given.max_concurrent_per_instance if given else None,
        notify=given.notify if given else False,
        retention_days=given.retention_days if given else 30,
    )


def _capture(scope: Scope, asked: EndpointModel) -> AwsCapture | None:
    if asked.capture is None:
        return None
    percent = asked.capture.sampling_percent
    if percent != int(percent):
        scope.findings.problem(
            f"{scope.endpoint}.capture.sampling_percent", percent, "allowed on aws: whole percents"
        )
    return AwsCapture(
        sampling_percent=percent,
        retention_days=asked.capture.retention_days,
    )


def _rollout(scope: Scope, asked: EndpointModel) -> AwsRollout | None:
    given = asked.rollout
    if given is None:
        return None
    at, alarms = f"{scope.endpoint}.rollout", given.alarms
    if given.strategy == "linear" and given.step_percent < 10:
        scope.findings.problem(
            f"{at}.step_percent", given.step_percent, "allowed on aws with linear: 10 to 50"
        )
    error_percent = alarms.error_percent if alarms else None
    latency_ms = alarms.latency_ms if alarms else None
    served = [v for v in asked.variants.values() if v.shadow_percent is None]
    kinds = sum(value is not None for value in (error_percent, latency_ms))
    if len(served) * kinds > MOST_ALARMS:
        scope.findings.problem(
            f"{at}.alarms",
            len(served) * kinds,
            f"{kinds} for each of {len(served)} variants, allowed on aws: {MOST_ALARMS} in all",
        )
    return AwsRollout(
        strategy=given.strategy,
        step_percent=given.step_percent,
        wait_s=given.wait_s,
        error_percent=error_percent,
        latency_ms=latency_ms,
    )
