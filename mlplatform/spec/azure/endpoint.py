"""The Azure plan."""

from __future__ import annotations

from mlplatform.catalog import azure as catalog
from mlplatform.catalog import frameworks
from mlplatform.spec import hardware, serving
from mlplatform.spec.azure import network, shares
from mlplatform.spec.hardware import Shop
from mlplatform.spec.models.azure import AzureModel, AzureProbeModel, AzureRequestModel
from mlplatform.spec.models.serving import EndpointModel, RolloutModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import AzureCapture, AzureEndpoint, AzureProbe, AzureRollout, AzureVariant
from mlplatform.spec.scope import Scope
from mlplatform.spec.serving import Serving

ENDPOINT_NAME_MAX = 32
VARIANT_NAME_MAX = 25
"""Names of online endpoints and deployments have 3 to 32 characters (azure-ai-ml); see
docs/adr/0009 for what a deployment's name adds to its variant's."""
DEPLOYMENTS_MOST = 20
"""Of an endpoint (learn.microsoft.com, Manage and increase quotas); support may raise it."""
COOLDOWN_STEP_S = 60
"""Azure Monitor counts in whole minutes, at least one (autoscale setting, scaleAction.cooldown)."""


def endpoint(
    scope: Scope, settings: AzureModel, workload: WorkloadModel, asked: EndpointModel
) -> AzureEndpoint | None:
    """The endpoint on Azure ML; ``None`` with a problem when it cannot be."""
    if asked.private and not network.is_private(settings):
        scope.findings.problem(
            f"{scope.endpoint}.private",
            True,
            "allowed on azure with clouds.azure.network.private: the endpoint is reached through "
            "the workspace's private endpoint",
        )
    if asked.azure is None or asked.azure.target is None:
        scope.findings.missing(
            f"{scope.endpoint}.azure" if asked.azure is None else f"{scope.endpoint}.azure.target",
            "a target for Azure ML, such as cpu_percent",
        )
        return None
    if asked.azure.egress == "workspace" and network.is_managed(settings):
        scope.findings.gap(
            "azure",
            scope.workload,
            f"{scope.endpoint}.azure.egress",
            asked="workspace",
            given="what the managed network of the workspace lets out",
            reason="in a managed network the flag of a deployment no longer applies",
        )
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
        asked.azure.instance_type,
        hardware.wish(asked, scope.endpoint),
        at=f"{scope.endpoint}.azure.instance_type",
        workload=scope.workload,
        findings=scope.findings,
    )
    target = asked.azure.target.model_dump(exclude_none=True)
    if len(target) != 1:
        scope.findings.problem(
            f"{scope.endpoint}.azure.target", target, "allowed: exactly one target"
        )
    gpu = machine is not None and machine.accelerator is not None
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.azure(framework, version, gpu=gpu),
    )
    if machine is not None and not gpu and "gpu_percent" in target:
        scope.findings.problem(
            f"{scope.endpoint}.azure.target.gpu_percent",
            target["gpu_percent"],
            "the endpoint has no accelerator; allowed: cpu_percent",
        )
    _names(scope, asked)
    if machine is None or served is None or len(target) != 1:
        return None
    if not serving.whole_percents(scope, served):
        return None
    shadows = shares.shadows(scope, asked)
    request = asked.azure.request or AzureRequestModel.model_validate({})
    ((metric, value),) = target.items()
    return AzureEndpoint(
        instance_type=machine.name,
        variants=tuple(
            AzureVariant(
                name=one.name,
                weight=int(one.weight),
                min_instances=one.min,
                max_instances=one.max,
                artifact=one.artifact,
                image_uri=one.image.image_uri,
                pip_packages=one.image.pip_packages,
                shadow_percent=shadows.get(one.name, 0),
            )
            for one in served
        ),
        target_metric=metric,
        target_value=value,
        scale_in_cooldown_s=_minutes(asked.scaling.scale_in_cooldown_s, "scale_in", scope),
        scale_out_cooldown_s=_minutes(asked.scaling.scale_out_cooldown_s, "scale_out", scope),
        schedules=shares.schedules_of(scope, asked),
        request_timeout_s=request.timeout_s,
        max_concurrent_per_instance=request.max_concurrent_per_instance,
        liveness=_probe(asked.azure.liveness_probe),
        readiness=_probe(asked.azure.readiness_probe),
        public=not asked.private,
        egress_public=asked.azure.egress == "public",
        capture=_capture(scope, asked, served),
        rollout=_rollout(scope, asked.rollout),
    )


def _probe(asked: AzureProbeModel | None) -> AzureProbe | None:
    return AzureProbe(**asked.model_dump()) if asked is not None else None


def _rollout(scope: Scope, asked: RolloutModel | None) -> AzureRollout | None:
    if asked is None:
        return None
    if asked.strategy == "all_at_once":
        if asked.alarms is not None:
            scope.gap(
                f"{scope.endpoint}.rollout.alarms",
                asked="a rollout that alarms take back",
                given="one that nothing takes back",
                reason="there is no step to look at with strategy all_at_once: canary has one",
            )
        return None
    alarms = asked.alarms
    return AzureRollout(
        strategy=asked.strategy,
        step_percent=asked.step_percent,
        wait_s=asked.wait_s,
        max_error_percent=alarms.error_percent if alarms is not None else None,
        max_latency_ms=alarms.latency_ms if alarms is not None else None,
    )


def _capture(
    scope: Scope, asked: EndpointModel, served: tuple[Serving, ...]
) -> AzureCapture | None:
    if asked.capture is None:
        return None
    for one in served:
        if not one.image.pip_packages:
            scope.gap(
                f"{scope.endpoint}.capture",
                asked=f"requests of variant {one.name} kept",
                given="nothing is kept of it",
                reason="Azure ML collects through the scoring program, and an image of one's own "
                "has its own",
            )
    return AzureCapture(
        sampling_percent=asked.capture.sampling_percent,
        retention_days=asked.capture.retention_days,
    )


def _names(scope: Scope, asked: EndpointModel) -> None:
    if len(asked.variants) > DEPLOYMENTS_MOST:
        scope.findings.problem(
            f"{scope.endpoint}.variants",
            len(asked.variants),
            f"allowed on azure: {DEPLOYMENTS_MOST}, the deployments of an endpoint",
        )
    endpoint_name = f"ml-{scope.environment}-{scope.workload}"
    if len(endpoint_name) > ENDPOINT_NAME_MAX:
        scope.findings.problem(
            f"workloads.{scope.workload}",
            scope.workload,
            f"Azure ML allows {ENDPOINT_NAME_MAX} characters for {endpoint_name}; shorten it",
        )
    for name in asked.variants:
        if len(name) > VARIANT_NAME_MAX:
            scope.findings.problem(
                f"{scope.endpoint}.variants.{name}",
                name,
                f"allowed on azure: {VARIANT_NAME_MAX} characters, as a deployment's name adds "
                "a dash and six characters for its machine",
            )


def _minutes(seconds: int, name: str, scope: Scope) -> int:
    whole = max(1, -(-seconds // COOLDOWN_STEP_S)) * COOLDOWN_STEP_S
    if whole != seconds:
        scope.findings.gap(
            "azure",
            scope.workload,
            f"{scope.endpoint}.scaling.{name}_cooldown_s",
            asked=f"{seconds} s",
            given=f"{whole} s",
            reason="Azure Monitor counts cooldowns in whole minutes, at least one",
        )
    return whole
