"""The one way in: plain configuration values to a plan, or to one list of problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlplatform.spec import aws, azure, gcp, serving
from mlplatform.spec.findings import Findings
from mlplatform.spec.model import SpecModel, WorkloadModel
from mlplatform.spec.parsing import parse
from mlplatform.spec.plan import (
    AwsPlan,
    AwsWorkload,
    AzurePlan,
    AzureWorkload,
    GcpPlan,
    GcpWorkload,
    Labels,
    Platform,
)
from mlplatform.spec.problems import SpecError, SpecProblem
from mlplatform.spec.serving import Scope

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
    for name, workload in model.workloads.items():
        _check_workload(name, workload, environment, set(named), findings)

    def on(cloud: str) -> list[tuple[str, WorkloadModel, Scope]]:
        return [
            (
                name,
                workload,
                Scope(
                    cloud=cloud,
                    workload=name,
                    environment=environment,
                    root=root,
                    findings=findings,
                ),
            )
            for name, workload in model.workloads.items()
            if workload.clouds is None or cloud in workload.clouds
        ]

    aws_plan = gcp_plan = azure_plan = None
    here = clouds.aws
    if here is not None and only in (None, "aws"):
        aws.check(here, findings)
        aws_plan = AwsPlan(
            account_id=here.account_id,
            region=here.region,
            workloads=tuple(
                AwsWorkload(
                    name=name,
                    endpoint=aws.endpoint(scope, here, w, w.endpoint) if w.endpoint else None,
                )
                for name, w, scope in on("aws")
            ),
        )
    there = clouds.gcp
    if there is not None and only in (None, "gcp"):
        gcp.check(there, findings)
        gcp_plan = GcpPlan(
            project=there.project,
            project_number=there.project_number,
            region=there.region,
            workloads=tuple(
                GcpWorkload(
                    name=name,
                    endpoint=gcp.endpoint(scope, there, w, w.endpoint) if w.endpoint else None,
                )
                for name, w, scope in on("gcp")
            ),
        )
    yonder = clouds.azure
    if yonder is not None and only in (None, "azure"):
        azure.check(yonder, findings)
        azure_plan = AzurePlan(
            subscription_id=yonder.subscription_id,
            tenant_id=yonder.tenant_id,
            location=yonder.location,
            workloads=tuple(
                AzureWorkload(
                    name=name,
                    endpoint=azure.endpoint(scope, yonder, w, w.endpoint) if w.endpoint else None,
                )
                for name, w, scope in on("azure")
            ),
        )
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
