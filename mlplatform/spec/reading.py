"""The one way in: plain configuration values to a plan, or to one list of problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlplatform.spec import aws, azure, gcp, serving
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.spec import (
    BUILT_PER_CLOUD,
    CloudsModel,
    SpecModel,
    WorkloadModel,
)
from mlplatform.spec.parsing import parse, places, value_at
from mlplatform.spec.plan import Labels, Platform
from mlplatform.spec.problems import SpecError, SpecProblem
from mlplatform.spec.scope import Asked, Scope

_STACK = re.compile(r"(?P<environment>.+?)(-(?P<cloud>aws|gcp|azure))?")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,14}[a-z0-9]")
_STACK_WORDS = (
    "allowed: 2 to 16 lower-case letters, digits and dashes, since every physical name holds it; "
    "-aws, -gcp or -azure may follow"
)


def read(config: Mapping[str, Any], *, stack: str, root: Path) -> Platform:
    """Turn a stack's configuration into the plan.

    Args:
        config: every key of the ``mlplatform:`` namespace, as plain values.
        stack: ``dev`` for all clouds of environment ``dev``; ``dev-aws`` for one of them.
        root: the folder that local artifacts are relative to.

    Raises ``SpecError`` with every problem at once.
    """
    found = _STACK.fullmatch(stack)
    environment, only = (found["environment"], found["cloud"]) if found else (stack, None)
    parsed = parse(config)
    findings = Findings(strict=parsed.model.strict, mended=parsed.mended, problems=parsed.problems)
    if _ENVIRONMENT.fullmatch(environment) is None:
        findings.problems.append(SpecProblem(path="stack", got=stack, message=_STACK_WORDS))
    platform = _plan(parsed.model, config, environment, only, root, findings)
    if findings.problems:
        raise SpecError(findings.problems)
    return platform


def _plan(
    model: SpecModel,
    given: Mapping[str, Any],
    environment: str,
    only: str | None,
    root: Path,
    findings: Findings,
) -> Platform:
    clouds = model.clouds
    named = given["clouds"] if isinstance(given.get("clouds"), Mapping) else {}
    for name, settings in named.items():
        if settings is None and name in CloudsModel.model_fields:
            words = "allowed: a mapping; leave the key out to do without this cloud"
            findings.problem(f"clouds.{name}", None, words)
    for name, workload in model.workloads.items():
        _check_workload(name, workload, environment, set(named), findings)

    def asked(cloud: str, built: frozenset[str]) -> list[Asked]:
        found = [
            Asked(
                scope=Scope(
                    cloud=cloud,
                    workload=name,
                    environment=environment,
                    root=root,
                    findings=findings,
                ),
                workload=workload,
            )
            for name, workload in model.workloads.items()
            if workload.clouds is None or cloud in workload.clouds
        ]
        for one in found:
            _refuse_unbuilt(given, one.scope, built)
        return found

    aws_plan = gcp_plan = azure_plan = None
    if clouds.aws is not None and only in (None, "aws"):
        aws_plan = aws.plan(clouds.aws, asked("aws", aws.BUILT), findings)
    if clouds.gcp is not None and only in (None, "gcp"):
        gcp_plan = gcp.plan(clouds.gcp, asked("gcp", gcp.BUILT), findings)
    if clouds.azure is not None and only in (None, "azure"):
        azure_plan = azure.plan(clouds.azure, asked("azure", azure.BUILT), findings)
    if not named:
        findings.missing("clouds", "at least one of aws, gcp, azure")
    elif only is not None and only not in named:
        findings.missing(f"clouds.{only}", f"it, since the stack's name ends in -{only}")
    return Platform(
        environment=environment,
        labels=Labels(**model.labels.model_dump()),
        aws=aws_plan,
        gcp=gcp_plan,
        azure=azure_plan,
        gaps=tuple(findings.gaps),
    )


def _refuse_unbuilt(given: Mapping[str, Any], scope: Scope, built: frozenset[str]) -> None:
    """A key that another cloud builds and this one does not is refused, never ignored."""
    for key in BUILT_PER_CLOUD:
        if key in built:
            continue
        for place in places(given, f"{scope.at}.{key}"):
            scope.findings.problem(
                ".".join(map(str, place)),
                value_at(given, place),
                f"known, but this version does not build it on {scope.cloud}; take it out, or "
                f"leave {scope.cloud} out of the workload's clouds",
            )


def _check_workload(
    name: str,
    workload: WorkloadModel,
    environment: str,
    enabled: set[str],
    findings: Findings,
) -> None:
    for cloud in workload.clouds or ():
        if cloud not in enabled:
            findings.problem(
                f"workloads.{name}.clouds",
                cloud,
                f"allowed: {', '.join(sorted(enabled))}, which this environment enables",
            )
    if workload.endpoint is not None:
        serving.check(name, environment, workload.endpoint, findings)
