"""Endpoints that are not called at once: batch, and models of Azure's catalogue."""

from __future__ import annotations

from mlplatform.catalog import azure as catalog
from mlplatform.catalog import frameworks
from mlplatform.spec import hardware, serving
from mlplatform.spec.models.azure import AzureBatchModel, AzureEndpointModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import AzureBatch, AzureServerless, AzureVariant
from mlplatform.spec.scope import Scope

_REAL_TIME_ONLY = ("target", "request", "liveness_probe", "readiness_probe")
_OWN_MACHINES = ("instance_type", "egress")
_PORTABLE_REAL_TIME = ("private", "capture", "rollout")


def check(scope: Scope, asked: EndpointModel) -> None:
    """Blocks of another mode are refused, never ignored; so is the mode that Azure lacks."""
    at = scope.endpoint
    given = asked.azure or AzureEndpointModel.model_validate({})
    for block in ("batch", "serverless"):
        if getattr(given, block) is not None and asked.mode != block:
            scope.findings.problem(f"{at}.azure.{block}", asked.mode, f"allowed with mode {block}")
    if asked.mode == "asynchronous":
        scope.findings.problem(
            f"{at}.mode",
            asked.mode,
            "Azure ML has no queue in front of an endpoint; allowed on azure: real_time, batch, "
            "serverless",
        )
    if asked.mode in ("real_time", "asynchronous"):
        return
    for key in _REAL_TIME_ONLY:
        if getattr(given, key) is not None:
            value = getattr(given, key).model_dump(exclude_none=True)
            scope.findings.problem(f"{at}.azure.{key}", value, "allowed with mode real_time")
    for key in _PORTABLE_REAL_TIME:
        if getattr(asked, key):
            value = getattr(asked, key)
            value = value if isinstance(value, bool) else value.model_dump(exclude_none=True)
            words = "allowed on azure with mode real_time"
            scope.findings.problem(f"{at}.{key}", value, words)
    if asked.scaling.schedules:
        scope.findings.problem(
            f"{at}.scaling.schedules",
            sorted(asked.scaling.schedules),
            "allowed with mode real_time",
        )
    for name, variant in asked.variants.items():
        if variant.shadow_percent is not None or variant.scaling is not None:
            scope.findings.problem(
                f"{at}.variants.{name}",
                variant.model_dump(exclude_none=True),
                "allowed on azure with mode real_time: copies of requests, bounds of its own",
            )
    own = _OWN_MACHINES if asked.mode == "serverless" else ("egress",)
    for key in own:
        if key in given.model_fields_set:
            words = f"no part of mode {asked.mode}; take it out"
            scope.findings.problem(f"{at}.azure.{key}", getattr(given, key), words)
    _given_up(scope, asked)


def _given_up(scope: Scope, asked: EndpointModel) -> None:
    """What other clouds may give in this mode, and Azure ML does not."""
    at = scope.endpoint
    if asked.mode == "serverless" and asked.accelerator is not None:
        scope.gap(
            f"{at}.accelerator",
            asked="machines with an accelerator",
            given="a model of the catalogue, on machines of Azure",
            reason="mode serverless has no machines of one's own",
        )
    live = sorted(name for name, one in asked.variants.items() if one.weight)
    if len(live) > 1:
        scope.gap(
            f"{at}.variants",
            asked=f"requests split over {', '.join(live)}",
            given="the model that azure.serverless names"
            if asked.mode == "serverless"
            else "the heaviest for all who name no deployment",
            reason=f"Azure ML splits nothing in mode {asked.mode}",
        )
    cooldowns = {"scale_in_cooldown_s", "scale_out_cooldown_s"} & asked.scaling.model_fields_set
    if asked.mode == "batch" and cooldowns:
        scope.gap(
            f"{at}.scaling",
            asked=" and ".join(sorted(cooldowns)),
            given="nodes that come at once, and go after azure.batch.idle_before_scale_down_s",
            reason="a cluster of Azure ML has no cooldowns",
        )


def serverless(
    scope: Scope, workload: WorkloadModel, asked: EndpointModel
) -> AzureServerless | None:
    """The endpoint of a catalogue model, where the mode says so."""
    if asked.mode != "serverless":
        return None
    if workload.model is not None or any(one.model for one in asked.variants.values()):
        scope.gap(
            f"{scope.at}.model",
            asked="the workload's model",
            given="the model that azure.serverless names",
            reason="Azure ML serves models of its catalogue without machines, and no others",
        )
    given = asked.azure.serverless if asked.azure is not None else None
    if given is None:
        scope.findings.missing(
            f"{scope.endpoint}.azure.serverless",
            "model_id; Azure ML serves models of its catalogue without machines, and no others",
        )
        return None
    return AzureServerless(
        model_id=given.model_id,
        marketplace=given.marketplace,
        content_safety=given.content_safety,
    )


def batch(scope: Scope, workload: WorkloadModel, asked: EndpointModel) -> AzureBatch | None:
    """The batch endpoint with its cluster, where the mode says so."""
    if asked.mode != "batch":
        return None
    own = asked.azure or AzureEndpointModel.model_validate({})
    machine = hardware.choose(
        hardware.Shop(
            cloud="azure",
            noun="VM sizes",
            names=catalog.instance_types(),
            machine=catalog.machine,
            by_accelerator=catalog.BY_ACCELERATOR,
            default=catalog.DEFAULT,
        ),
        own.instance_type,
        hardware.wish(asked, scope.endpoint),
        at=f"{scope.endpoint}.azure.instance_type",
        workload=scope.workload,
        findings=scope.findings,
    )
    gpu = machine is not None and machine.accelerator is not None
    served = serving.variants(
        scope,
        workload,
        asked,
        lambda framework, version: frameworks.azure(framework, version, gpu=gpu),
        least=0,
    )
    if machine is None or served is None:
        return None
    settings = own.batch or AzureBatchModel.model_validate({})
    return AzureBatch(
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
            )
            for one in served
        ),
        min_nodes=asked.scaling.min,
        max_nodes=asked.scaling.max,
        **settings.model_dump(),
    )
