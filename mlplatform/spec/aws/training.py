"""Training on SageMaker: machine, image, code, data, spot and warm instances, schedule, search."""

from __future__ import annotations

from mlplatform.catalog import aws as catalog
from mlplatform.catalog import frameworks
from mlplatform.catalog.machine import Machine
from mlplatform.spec import artifacts, hardware, schedules
from mlplatform.spec.hardware import Shop
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.aws_training import AwsTrainingModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.models.training import ParameterModel, TrainingModel
from mlplatform.spec.plan.aws_training import AwsRange, AwsTraining, AwsTuning
from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.scope import Scope

DEFAULT = "ml.m5.xlarge"
"""For training without an accelerator."""
WARM_MOST_S = 21600
"""botocore sagemaker KeepAlivePeriodInSeconds."""
WAIT_MOST_S = 2_419_200
"""28 days, the longest run."""
CODE_PATH = "/opt/ml/input/data/code"
"""Where the channel ``code`` lies in a container (SageMaker guide, "How Amazon SageMaker AI
provides training information")."""
_DISTRIBUTIONS = {
    "torch": {"sagemaker_torch_distributed_enabled": "true"},
    "mpi": {"sagemaker_mpi_enabled": "true"},
}
"""Hyperparameters that SageMaker's training toolkit reads (sagemaker-training, params.py)."""
_RESERVED = ("code",)
_DEFAULTS = AwsTrainingModel.model_validate({})


def training(scope: Scope, settings: AwsModel, workload: WorkloadModel) -> AwsTraining | None:
    """The training definition; ``None`` with a problem when it cannot be."""
    asked = workload.training
    if asked is None:
        return None
    at, findings = f"{scope.at}.training", scope.findings
    own = asked.aws or _DEFAULTS
    machine = _machine(scope, asked, own, at)
    if own.instance_count > asked.max_nodes:
        findings.problem(
            f"{at}.aws.instance_count", own.instance_count, f"allowed: max_nodes, {asked.max_nodes}"
        )
    gpu = machine is not None and machine.accelerator is not None
    image = _image(scope, settings, workload, asked, at, gpu=gpu)
    code = _code(scope, asked, at)
    for name in _RESERVED:
        if name in asked.data and asked.code is not None:
            findings.problem(f"{at}.data.{name}", name, "taken by `code`; allowed: another name")
    data = {
        name: artifacts.content(given, scope, at=f"{at}.data.{name}", prefix=f"data/{name}")
        for name, given in asked.data.items()
    }
    schedule = (
        schedules.read(asked.schedule, f"{at}.schedule", findings) if asked.schedule else None
    )
    tuning = _tuning(scope, asked, own, at)
    wait_s = _wait(scope, asked, own, at)
    if machine is None or image is None:
        return None
    return AwsTraining(
        image_uri=image,
        instance_type=machine.name,
        instance_count=own.instance_count,
        volume_gib=own.volume_gib,
        spot=asked.spot,
        max_run_s=asked.max_run_s,
        max_wait_s=wait_s,
        keep_alive_s=_warm(scope, asked, at),
        network_isolation=own.network_isolation,
        sharded=own.sharded,
        code=code,
        entry_point=asked.entry_point,
        hyperparameters=_hyperparameters(asked, own),
        data={name: found for name, found in data.items() if found is not None},
        environment=own.environment,
        metrics=own.metrics,
        schedule=schedule.eventbridge if schedule is not None else None,
        run=asked.run,
        tuning=tuning,
    )


def _machine(scope: Scope, asked: TrainingModel, own: AwsTrainingModel, at: str) -> Machine | None:
    count = asked.accelerators_per_node
    by_accelerator = {
        name: found
        for name in catalog.BY_ACCELERATOR
        if (found := catalog.smallest_for_training(name, count)) is not None
    }
    shop = Shop(
        cloud="aws",
        noun="SageMaker training types",
        names=catalog.training_types(),
        machine=catalog.training_machine,
        by_accelerator=by_accelerator,
        default=DEFAULT,
    )
    place = f"{at}.aws.instance_type"
    machine = hardware.choose(
        shop,
        own.instance_type,
        hardware.wish(asked, at),
        at=place,
        workload=scope.workload,
        findings=scope.findings,
    )
    if machine is None or asked.accelerator is None or machine.accelerator_count == count:
        return machine
    if machine.accelerator_count < count:
        scope.findings.problem(
            place,
            machine.name,
            f"it has {machine.accelerator_count} accelerators, asked for: {count} in each node",
        )
        return None
    scope.gap(
        f"{at}.accelerators_per_node",
        asked=str(count),
        given=f"{machine.accelerator_count} ({machine.name})",
        reason="the machine comes with so many",
    )
    return machine


def _image(
    scope: Scope,
    settings: AwsModel,
    workload: WorkloadModel,
    asked: TrainingModel,
    at: str,
    *,
    gpu: bool,
) -> str | None:
    if asked.image is not None and asked.image.aws is not None:
        return asked.image.aws
    model = workload.model
    if model is None or model.framework is None or model.version is None:
        scope.findings.missing(
            f"{at}.image.aws", "an image, or model.framework and model.version to choose one"
        )
        return None
    found = frameworks.aws_training(model.framework, model.version, region=settings.region, gpu=gpu)
    if found is None:
        scope.findings.problem(
            f"{scope.at}.model.version",
            model.version,
            f"SageMaker has no {model.framework} training image of it in {settings.region}; "
            f"allowed: {', '.join(frameworks.versions(model.framework, 'aws'))}, or training.image",
        )
    return found


def _code(scope: Scope, asked: TrainingModel, at: str) -> Artifact | None:
    findings = scope.findings
    if asked.code is None:
        if asked.entry_point is not None:
            findings.missing(f"{at}.code", "the folder that holds entry_point")
        return None
    found = artifacts.content(asked.code, scope, at=f"{at}.code", prefix="code")
    if asked.entry_point is None:
        findings.missing(f"{at}.entry_point", "the file in `code` that is run")
    elif found is not None and found.path is not None:
        if not found.path.is_dir():
            findings.problem(f"{at}.code", asked.code, "allowed: a folder")
        elif not (found.path / asked.entry_point).is_file():
            findings.problem(f"{at}.entry_point", asked.entry_point, "no such file in `code`")
    return found


def _hyperparameters(asked: TrainingModel, own: AwsTrainingModel) -> dict[str, str]:
    """As SageMaker takes them: text; with what tells its toolkit where the program is."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in asked.hyperparameters.items()
    }
    if asked.code is not None and asked.entry_point is not None:
        given |= {
            "sagemaker_program": asked.entry_point,
            "sagemaker_submit_directory": CODE_PATH,
        }
    if own.distribution is not None:
        given |= _DISTRIBUTIONS[own.distribution]
    return given


def _warm(scope: Scope, asked: TrainingModel, at: str) -> int:
    """Warm instances are paid for and have quotas of their own, so only who asks gets them."""
    wanted = asked.idle_before_scale_down_s
    if "idle_before_scale_down_s" not in asked.model_fields_set or wanted == 0:
        return 0
    path = f"{at}.idle_before_scale_down_s"
    if asked.spot or asked.tuning is not None:
        scope.gap(
            path,
            asked=f"{wanted} s",
            given="instances go at the end of a run",
            reason="SageMaker keeps neither spot instances nor those of a search warm",
        )
        return 0
    if wanted > WARM_MOST_S:
        scope.gap(
            path,
            asked=f"{wanted} s",
            given=f"{WARM_MOST_S} s",
            reason="the longest that SageMaker keeps instances warm",
        )
    return min(wanted, WARM_MOST_S)


def _wait(scope: Scope, asked: TrainingModel, own: AwsTrainingModel, at: str) -> int | None:
    if not asked.spot:
        if own.max_wait_s is not None:
            scope.findings.problem(f"{at}.aws.max_wait_s", own.max_wait_s, "allowed with spot only")
        return None
    wait_s = own.max_wait_s or min(2 * asked.max_run_s, WAIT_MOST_S)
    if wait_s < asked.max_run_s:
        scope.findings.problem(
            f"{at}.aws.max_wait_s", wait_s, f"allowed: at least max_run_s, {asked.max_run_s}"
        )
    return wait_s


def _tuning(scope: Scope, asked: TrainingModel, own: AwsTrainingModel, at: str) -> AwsTuning | None:
    wanted = asked.tuning
    if wanted is None:
        return None
    at = f"{at}.tuning"
    if wanted.parallel_runs > wanted.max_runs:
        scope.findings.problem(
            f"{at}.parallel_runs", wanted.parallel_runs, f"allowed: max_runs, {wanted.max_runs}"
        )
    if wanted.metric not in own.metrics:
        scope.findings.missing(
            f"{scope.at}.training.aws.metrics",
            f'the regular expression that finds the metric: {{"{wanted.metric}": "...([0-9.]+)"}}',
        )
    for name in wanted.parameters.keys() & asked.hyperparameters.keys():
        scope.findings.problem(
            f"{at}.parameters.{name}", name, "is fixed in hyperparameters; allowed: one of both"
        )
    ranges = [
        _range(scope, name, one, f"{at}.parameters.{name}")
        for name, one in wanted.parameters.items()
    ]
    return AwsTuning(
        metric=wanted.metric,
        goal=wanted.goal.capitalize(),
        max_runs=wanted.max_runs,
        parallel_runs=wanted.parallel_runs,
        ranges=tuple(one for one in ranges if one is not None),
    )


def _range(scope: Scope, name: str, asked: ParameterModel, at: str) -> AwsRange | None:
    bounds = (asked.min, asked.max)
    if asked.values is not None:
        if bounds != (None, None):
            scope.findings.problem(at, name, "allowed: `values`, or `min` and `max`")
        return AwsRange(name=name, kind="Categorical", values=tuple(asked.values))
    if asked.min is None or asked.max is None or asked.min >= asked.max:
        scope.findings.problem(at, name, "allowed: `values`, or `min` below `max`")
        return None
    if asked.scale == "log" and asked.min <= 0:
        scope.findings.problem(f"{at}.min", asked.min, "allowed with scale log: above 0")
    whole = asked.integer
    if whole and not (asked.min.is_integer() and asked.max.is_integer()):
        scope.findings.problem(at, name, "allowed with integer: whole numbers")
    return AwsRange(
        name=name,
        kind="Integer" if whole else "Continuous",
        low=f"{int(asked.min)}" if whole else f"{asked.min!r}",
        high=f"{int(asked.max)}" if whole else f"{asked.max!r}",
        scale="Logarithmic" if asked.scale == "log" else "Linear",
    )
