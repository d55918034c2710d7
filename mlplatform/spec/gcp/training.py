"""Training on Vertex AI: machine, image, code, data, kept machines, spot, search."""

from __future__ import annotations

from mlplatform.catalog import frameworks, gcp_training, regions
from mlplatform.catalog import gcp as catalog
from mlplatform.spec import artifacts, schedules, serving
from mlplatform.spec.gcp import environment, tpus
from mlplatform.spec.gcp.accelerators import granted
from mlplatform.spec.hardware import wish
from mlplatform.spec.models.gcp import GcpModel, GcpTrainingModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.models.training import ParameterModel, TrainingModel
from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.plan.gcp_training import GcpRange, GcpTraining, GcpTuning
from mlplatform.spec.scope import Scope

_DEFAULTS = GcpTrainingModel.model_validate({})


def training(scope: Scope, settings: GcpModel, workload: WorkloadModel) -> GcpTraining | None:
    """How it is trained; ``None`` with a problem when it cannot be."""
    asked = workload.training
    if asked is None:
        return None
    at, findings = f"{scope.at}.training", scope.findings
    own = asked.gcp or _DEFAULTS
    wanted = wish(asked, at)
    accelerator = granted(wanted, scope)
    if accelerator is not None and settings.region in regions.GCP:
        elsewhere = regions.gcp_lacks(settings.region, accelerator)
        if elsewhere is not None:
            words = f"{settings.region} has none; regions that do: {', '.join(elsewhere)}"
            findings.problem(wanted.path, accelerator, words)
    machine = _machine(scope, asked, own, accelerator, at)
    carried = catalog.machine(machine) if machine is not None else None
    if accelerator is None and carried is not None and carried.accelerator is not None:
        accelerator, per_node = carried.accelerator, carried.accelerator_count
    else:
        per_node = asked.accelerators_per_node if accelerator is not None else 0
    if "accelerators_per_node" in asked.model_fields_set and accelerator is None:
        if wanted.want is None:
            words = "allowed with an accelerator only"
            findings.problem(f"{at}.accelerators_per_node", asked.accelerators_per_node, words)
    elif accelerator is not None and per_node != asked.accelerators_per_node:
        path = f"{at}.accelerators_per_node"
        if path.rpartition(".")[2] in asked.model_fields_set:
            words = f"allowed: {per_node}, which come with {machine}"
            findings.problem(path, asked.accelerators_per_node, words)
    image = _image(scope, settings, workload, asked, accelerator, at)
    if own.nodes > asked.max_nodes:
        findings.problem(f"{at}.gcp.nodes", own.nodes, f"allowed: max_nodes, {asked.max_nodes}")
    if own.pool is not None and own.pool.min_nodes >= asked.max_nodes:
        # "Create a persistent resource": the most is above the least.
        words = f"allowed: below max_nodes, {asked.max_nodes}"
        findings.problem(f"{at}.gcp.pool.min_nodes", own.pool.min_nodes, words)
    _gaps(scope, asked, own, at)
    code = _code(scope, asked, at)
    data = {
        name: artifacts.content(given, scope, at=f"{at}.data.{name}", prefix=f"data/{name}")
        for name, given in asked.data.items()
    }
    environment.check(scope, at, own.environment, asked.data)
    tuning = _tuning(scope, asked, at)
    registers = _registers(scope, settings, workload, asked, own, at)
    machines = tuple(
        tpus.tpu(scope, settings, name, one, f"{at}.gcp.tpus.{name}")
        for name, one in own.tpus.items()
    )
    if machine is None or image is None:
        return None
    return GcpTraining(
        image_uri=image,
        machine_type=machine,
        accelerator_type=catalog.ACCELERATORS[accelerator] if accelerator else None,
        accelerator_count=per_node,
        nodes=own.nodes,
        max_nodes=asked.max_nodes,
        pool_min_nodes=own.pool.min_nodes if own.pool is not None else None,
        boot_disk_gib=own.boot_disk_gib,
        spot=asked.spot and own.pool is None,
        max_run_s=asked.max_run_s,
        code=code,
        entry_point=asked.entry_point,
        hyperparameters={name: _text(value) for name, value in asked.hyperparameters.items()},
        data={name: found for name, found in data.items() if found is not None},
        environment=own.environment,
        run=asked.run,
        tuning=tuning,
        serving_image_uri=registers,
        tpus=machines,
    )


def _machine(
    scope: Scope, asked: TrainingModel, own: GcpTrainingModel, accelerator: str | None, at: str
) -> str | None:
    count, path = asked.accelerators_per_node, f"{at}.gcp.machine_type"
    name = own.machine_type
    if name is None:
        name = gcp_training.smallest(accelerator, count) if accelerator else gcp_training.DEFAULT
        if name is None:
            words = f"no machine has so many {accelerator}"
            scope.findings.problem(f"{at}.accelerators_per_node", count, words)
        return name
    if catalog.machine(name) is None:
        scope.findings.not_among(path, name, catalog.machine_types(), "machine types")
        return None
    if accelerator is None:
        return name
    counts = gcp_training.accelerator_counts(name, accelerator)
    if count not in counts:
        listed = f"{accelerator} x {', '.join(map(str, counts))}" if counts else "none of it"
        words = f"allowed for training on {name}: {listed}"
        scope.findings.problem(path, f"{name} with {count} x {accelerator}", words)
        return None
    return name


def _image(
    scope: Scope,
    settings: GcpModel,
    workload: WorkloadModel,
    asked: TrainingModel,
    accelerator: str | None,
    at: str,
) -> str | None:
    if asked.image is not None and asked.image.gcp is not None:
        return asked.image.gcp
    model = workload.model
    if model is None or model.framework is None or model.version is None:
        words = "an image, or model.framework and model.version to choose one"
        scope.findings.missing(f"{at}.image.gcp", words)
        return None
    region, gpu = settings.region, accelerator is not None
    found = gcp_training.image(model.framework, model.version, region=region, gpu=gpu)
    if found is not None:
        return found
    # Any prebuilt image runs a training program ("Prebuilt containers for prediction").
    served = frameworks.gcp(model.framework, model.version, region=region, gpu=gpu)
    if served is None and model.version in frameworks.versions(model.framework, "gcp"):
        words = "Vertex AI has no image of it that uses an accelerator; give training.image.gcp"
        scope.findings.problem(f"{scope.at}.model.framework", model.framework, words)
        return None
    if served is None:
        versions = ", ".join(frameworks.versions(model.framework, "gcp"))
        words = f"Vertex AI has no image of it; it has {versions}; or give training.image.gcp"
        scope.findings.problem(f"{scope.at}.model.version", model.version, words)
        return None
    return served.image_uri


def _registers(
    scope: Scope,
    settings: GcpModel,
    workload: WorkloadModel,
    asked: TrainingModel,
    own: GcpTrainingModel,
    at: str,
) -> str | None:
    """The image that serves what a run leaves; None when nothing is registered."""
    if not own.register_model:
        return None
    path = f"{at}.gcp.register_model"
    if not asked.run:
        words = "allowed with training.run: true only: runs by hand register by hand"
        scope.findings.problem(path, True, words)
    if asked.tuning is not None:
        words = "allowed without training.tuning only: a search has many runs and one best"
        scope.findings.problem(path, True, words)
    if workload.model is None:
        scope.findings.missing(f"{scope.at}.model", "what serves the registered model")
        return None
    gpu = workload.endpoint is not None and workload.endpoint.accelerator is not None
    image = serving.image(
        scope,
        workload.model,
        f"{scope.at}.model",
        lambda framework, version: frameworks.gcp(
            framework, version, region=settings.region, gpu=gpu
        ),
    )
    return image.image_uri if image is not None else None


def _code(scope: Scope, asked: TrainingModel, at: str) -> Artifact | None:
    if asked.code is None:
        if asked.entry_point is not None:
            scope.findings.missing(f"{at}.code", f"the folder with {asked.entry_point}")
        return None
    found = artifacts.content(asked.code, scope, at=f"{at}.code", prefix="code")
    if found is None or found.path is None:
        return found
    if asked.entry_point is None:
        scope.findings.missing(f"{at}.entry_point", f"the file of {asked.code} that is run")
    elif not (found.path / asked.entry_point).is_file():
        words = f"no such file in {asked.code}"
        scope.findings.problem(f"{at}.entry_point", asked.entry_point, words)
    return found


def _tuning(scope: Scope, asked: TrainingModel, at: str) -> GcpTuning | None:
    tuning = asked.tuning
    if tuning is None:
        return None
    at = f"{at}.tuning"
    if tuning.parallel_runs > tuning.max_runs:
        words = f"allowed: at most max_runs, {tuning.max_runs}"
        scope.findings.problem(f"{at}.parallel_runs", tuning.parallel_runs, words)
    parameters = {
        name: found
        for name, one in tuning.parameters.items()
        if (found := _range(scope, one, f"{at}.parameters.{name}")) is not None
    }
    return GcpTuning(
        metric=tuning.metric,
        maximize=tuning.goal == "maximize",
        max_runs=tuning.max_runs,
        parallel_runs=tuning.parallel_runs,
        parameters=parameters,
    )


def _range(scope: Scope, asked: ParameterModel, at: str) -> GcpRange | None:
    if asked.values is not None and asked.min is None and asked.max is None:
        twice = sorted({one for one in asked.values if asked.values.count(one) > 1})
        if twice:
            scope.findings.problem(f"{at}.values", twice, "allowed: each value once")
        return GcpRange(values=tuple(asked.values))
    if asked.values is not None or asked.min is None or asked.max is None:
        scope.findings.problem(at, "given", "allowed: min and max, or values")
        return None
    if asked.min >= asked.max or (asked.scale == "log" and asked.min <= 0):
        words = "allowed: below max" + (", above 0 with scale: log" if asked.scale == "log" else "")
        scope.findings.problem(f"{at}.min", asked.min, words)
        return None
    for key, bound in (("min", asked.min), ("max", asked.max)):
        if asked.integer and bound != int(bound):
            words = "allowed with integer: true: a whole number"
            scope.findings.problem(f"{at}.{key}", bound, words)
    return GcpRange(low=asked.min, high=asked.max, integer=asked.integer, log=asked.scale == "log")


def _gaps(scope: Scope, asked: TrainingModel, own: GcpTrainingModel, at: str) -> None:
    if "idle_before_scale_down_s" in asked.model_fields_set:
        scope.gap(
            f"{at}.idle_before_scale_down_s",
            asked=f"nodes go after {asked.idle_before_scale_down_s} idle seconds",
            given="Vertex AI's own pace" if own.pool else "nodes that go when their run ends",
            reason="a persistent resource has bounds and no idle time; without one none is kept",
        )
    if asked.spot and own.pool is not None:
        scope.gap(
            f"{at}.spot",
            asked="spot capacity",
            given="capacity that stays",
            reason="a persistent resource keeps its machines",
        )
    if asked.schedule is not None:
        schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
        scope.gap(
            f"{at}.schedule",
            asked=asked.schedule,
            given="runs by `run: true`, or when someone starts one",
            reason="Vertex AI schedules pipelines, notebooks and monitoring, no custom jobs",
        )


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
