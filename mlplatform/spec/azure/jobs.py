"""Jobs on Azure ML: image, code, data, nodes, search, schedule."""

from __future__ import annotations

import re
from math import prod

from mlplatform.catalog import azure_training as catalog
from mlplatform.catalog import frameworks
from mlplatform.spec import artifacts, schedules
from mlplatform.spec.models.azure import AzureTrainingModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.models.training import ParameterModel, TrainingModel
from mlplatform.spec.plan.azure_training import AzureJob, AzureRange, AzureSearch
from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.schedules import DAY_S
from mlplatform.spec.scope import Scope

_DEFAULTS = AzureTrainingModel.model_validate({})
_OF_JOBS = ("image", "hyperparameters", "data", "tuning", "max_run_s")
_OWN_OF_JOBS = ("nodes", "environment", "sampling", "stop_after_reports")
_OF_SEARCHES = ("sampling", "stop_after_reports")
_ARGUMENT = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
"""A shell reads the command, so a name is a word of it."""
_SET_HERE = "MLP_"
RUN_MOST_S = 21 * DAY_S
SPOT_RUN_MOST_S = 7 * DAY_S
"""Lifetime of a job, and of one on low-priority nodes (learn.microsoft.com, Manage and increase
quotas)."""


def job(scope: Scope, workload: WorkloadModel, accelerators: int) -> AzureJob | None:
    """What runs on the cluster; ``None`` without a program, or with a problem.

    accelerators: of each node.
    """
    asked = workload.training
    if asked is None:
        return None
    at, own = f"{scope.at}.training", asked.azure or _DEFAULTS
    if asked.code is None:
        _without_code(scope, asked, at)
        return None
    code = _code(scope, asked, at)
    image = _image(scope, workload, asked, gpu=accelerators > 0, at=at)
    processes = _processes(scope, workload, asked, own, accelerators, at)
    data = {
        name: artifacts.content(given, scope, at=f"{at}.data.{name}", prefix=f"data/{name}")
        for name, given in asked.data.items()
    }
    search = _search(scope, asked, own, at)
    cron = _cron(scope, asked, at)
    _words(scope, asked, own, at)
    if code is None or image is None or asked.entry_point is None:
        return None
    image_uri, packages = image
    return AzureJob(
        image_uri=image_uri,
        pip_packages=packages,
        code=code,
        entry_point=asked.entry_point,
        hyperparameters={name: _text(value) for name, value in asked.hyperparameters.items()},
        data={name: one for name, one in data.items() if one is not None},
        nodes=own.nodes,
        processes_per_node=processes,
        max_run_s=asked.max_run_s,
        environment=own.environment,
        keeps_checkpoints=asked.spot,
        search=search,
        cron=cron,
        run=asked.run,
    )


def _without_code(scope: Scope, asked: TrainingModel, at: str) -> None:
    """Azure ML runs a command; without a program there is none."""
    wanted = [key for key in ("entry_point", "schedule", "run") if getattr(asked, key)]
    if wanted:
        words = f"the folder with the program, for {', '.join(wanted)}: Azure ML runs a command"
        scope.findings.missing(f"{at}.code", words)
    unused = [key for key in _OF_JOBS if key in asked.model_fields_set]
    own = asked.azure.model_fields_set if asked.azure is not None else set()
    unused += [f"azure.{key}" for key in _OWN_OF_JOBS if key in own]
    if unused and not wanted:
        scope.gap(
            at,
            asked=f"what jobs do: {', '.join(unused)}",
            given="the cluster, identity and store that they run with",
            reason="Azure ML runs a command, and there is no code",
        )


def _code(scope: Scope, asked: TrainingModel, at: str) -> Artifact | None:
    if isinstance(asked.code, str) and "://" in asked.code:
        words = "allowed on azure: a folder of the project, whose content names the version"
        scope.findings.problem(f"{at}.code", asked.code, words)
        return None
    found = artifacts.content(str(asked.code), scope, at=f"{at}.code", prefix="code")
    if asked.entry_point is None:
        scope.findings.missing(f"{at}.entry_point", f"the file of {asked.code} that is run")
    elif found is not None and found.path is not None:
        if not found.path.is_dir():
            scope.findings.problem(f"{at}.code", asked.code, "allowed: a folder")
        elif not (
            artifacts.inside(found.path, asked.entry_point)
            and (found.path / asked.entry_point).is_file()
        ):
            words = f"no such file in {asked.code}"
            scope.findings.problem(f"{at}.entry_point", asked.entry_point, words)
    return found


def _words(scope: Scope, asked: TrainingModel, own: AzureTrainingModel, at: str) -> None:
    """Names that go into the command, what only a search has, and how long a run may take."""
    problem = scope.findings.problem
    searched = asked.tuning.parameters if asked.tuning is not None else {}
    for where, names in (
        ("hyperparameters", asked.hyperparameters),
        ("tuning.parameters", searched),
    ):
        for name in names:
            if _ARGUMENT.fullmatch(name) is None:
                words = "allowed: letters, digits and _ . -, as the program gets it as --<name>"
                problem(f'{at}.{where}["{name}"]', name, words)
    for name in own.environment:
        if _VARIABLE.fullmatch(name) is None or name.startswith(_SET_HERE):
            words = (
                f"allowed: letters, digits and _, first no digit, not beginning with {_SET_HERE}"
            )
            problem(f'{at}.azure.environment["{name}"]', name, words)
    for key in _OF_SEARCHES if asked.tuning is None else ():
        if key in own.model_fields_set:
            problem(f"{at}.azure.{key}", getattr(own, key), "allowed with tuning: of a search")
    most = SPOT_RUN_MOST_S if asked.spot else RUN_MOST_S
    if asked.max_run_s > most:
        words = f"allowed on azure{' with spot' if asked.spot else ''}: at most {most}"
        problem(f"{at}.max_run_s", asked.max_run_s, f"{words} ({most // DAY_S} days)")


def _image(
    scope: Scope, workload: WorkloadModel, asked: TrainingModel, *, gpu: bool, at: str
) -> tuple[str, tuple[str, ...]] | None:
    if asked.image is not None and asked.image.azure is not None:
        return asked.image.azure, ()
    model = workload.model
    if scope.findings.is_mended(f"{scope.at}.model"):
        return None  # it is on the list already
    if model is None or model.framework is None or model.version is None:
        words = "an image, or model.framework and model.version to choose one"
        scope.findings.missing(f"{at}.image.azure", words)
        return None
    # What a model is served with is what it is trained with.
    served = frameworks.azure(model.framework, model.version, gpu=gpu)
    if served is None:
        versions = ", ".join(frameworks.versions(model.framework, "azure"))
        words = f"Azure ML has packages of {versions}; or give training.image.azure"
        scope.findings.problem(f"{scope.at}.model.version", model.version, words)
        return None
    return catalog.image(gpu=gpu), catalog.packages(served.pip_packages)


def _processes(
    scope: Scope,
    workload: WorkloadModel,
    asked: TrainingModel,
    own: AzureTrainingModel,
    accelerators: int,
    at: str,
) -> int:
    if own.nodes > asked.max_nodes:
        words = f"allowed: max_nodes, {asked.max_nodes}"
        scope.findings.problem(f"{at}.azure.nodes", own.nodes, words)
    pytorch = workload.model is not None and workload.model.framework == "pytorch"
    if own.nodes > 1 and not pytorch:
        words = "allowed above 1 with model.framework pytorch, whose launcher ties nodes together"
        scope.findings.problem(f"{at}.azure.nodes", own.nodes, words)
    return max(1, accelerators) if pytorch else 1


def _cron(scope: Scope, asked: TrainingModel, at: str) -> str | None:
    if asked.schedule is None:
        return None
    found = schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
    if asked.tuning is not None:
        scope.gap(
            f"{at}.schedule",
            asked=f"a search at {asked.schedule}",
            given="a search by `run: true`, or when someone starts one",
            reason="schedules of Azure ML start commands and pipelines, no searches",
        )
        return None
    return found.text if found is not None else None


def _search(
    scope: Scope, asked: TrainingModel, own: AzureTrainingModel, at: str
) -> AzureSearch | None:
    tuning = asked.tuning
    if tuning is None:
        return None
    problem, path = scope.findings.problem, f"{at}.tuning"
    if tuning.parallel_runs > tuning.max_runs:
        words = f"allowed: at most max_runs, {tuning.max_runs}"
        problem(f"{path}.parallel_runs", tuning.parallel_runs, words)
    if own.nodes * tuning.parallel_runs > asked.max_nodes:
        words = f"allowed: max_nodes ({asked.max_nodes}) over azure.nodes ({own.nodes})"
        problem(f"{path}.parallel_runs", tuning.parallel_runs, words)
    for name in tuning.parameters.keys() & asked.hyperparameters.keys():
        words = "is fixed in hyperparameters; allowed: one of both"
        problem(f"{path}.parameters.{name}", name, words)
    ranges = {
        name: found
        for name, one in tuning.parameters.items()
        if (found := _range(scope, one, f"{path}.parameters.{name}")) is not None
    }
    _sampling(scope, own, ranges, at)
    runs = prod(len(one.values) for one in ranges.values())
    if own.sampling == "grid" and runs > tuning.max_runs:
        words = f"allowed with azure.sampling grid: {runs} or more, all of it"
        problem(f"{path}.max_runs", tuning.max_runs, words)
    return AzureSearch(
        metric=tuning.metric,
        maximize=tuning.goal == "maximize",
        max_runs=tuning.max_runs,
        parallel_runs=tuning.parallel_runs,
        sampling=own.sampling,
        parameters=ranges,
        stop_after_reports=own.stop_after_reports,
    )


def _sampling(
    scope: Scope, own: AzureTrainingModel, ranges: dict[str, AzureRange], at: str
) -> None:
    """learn.microsoft.com, Hyperparameter tuning a model: sampling of the space, early ends."""
    for name, one in ranges.items():
        where = f"{at}.tuning.parameters.{name}"
        if own.sampling == "grid" and not one.values:
            scope.findings.problem(where, name, "allowed with azure.sampling grid: `values`")
        if own.sampling == "bayesian" and one.log:
            words = "allowed with azure.sampling bayesian: linear"
            scope.findings.problem(f"{where}.scale", "log", words)
    if own.sampling == "bayesian" and own.stop_after_reports is not None:
        words = "allowed with azure.sampling random or grid: a Bayesian search needs whole runs"
        scope.findings.problem(f"{at}.azure.stop_after_reports", own.stop_after_reports, words)


def _range(scope: Scope, asked: ParameterModel, at: str) -> AzureRange | None:
    if asked.values is not None and asked.min is None and asked.max is None:
        return AzureRange(values=tuple(asked.values))
    if asked.values is not None or asked.min is None or asked.max is None:
        scope.findings.problem(at, "given", "allowed: min and max, or values")
        return None
    if asked.min >= asked.max or (asked.scale == "log" and asked.min <= 0):
        words = "allowed: below max" + (", above 0 with scale: log" if asked.scale == "log" else "")
        scope.findings.problem(f"{at}.min", asked.min, words)
        return None
    if asked.integer and not (asked.min.is_integer() and asked.max.is_integer()):
        scope.findings.problem(at, [asked.min, asked.max], "allowed with integer: whole numbers")
        return None
    return AzureRange(
        low=asked.min, high=asked.max, integer=asked.integer, log=asked.scale == "log"
    )


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
