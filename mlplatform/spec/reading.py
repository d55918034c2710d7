"""The one way in: plain configuration values to a plan, or to one list of problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from mlplatform.spec import aws, azure, gcp, serving
from mlplatform.spec.findings import Findings
from mlplatform.spec.model import (
    NOT_BUILT,
    AwsModel,
    AzureModel,
    GcpModel,
    SpecModel,
    WorkloadModel,
)
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
from mlplatform.spec.problems import SpecError
from mlplatform.spec.serving import Scope

CloudModel = TypeVar("CloudModel", AwsModel, GcpModel, AzureModel)

_STACK = re.compile(r"(?P<environment>.+?)(-(?P<cloud>aws|gcp|azure))?")


def read(config: Mapping[str, Any], *, stack: str, root: Path) -> Platform:
    """Turn a stack's configuration into the plan.

    Args:
        config: every key of the ``mlplatform:`` namespace, as plain values.
        stack: ``dev`` for all clouds of environment ``dev``; ``dev-aws`` for one of them.
        root: the folder that local artifacts are relative to.

    Raises ``SpecError`` with every problem at once.
    """
    found = _STACK.fullmatch(stack)
    assert found is not None  # the expression matches every name
    environment, only = found["environment"], found["cloud"]
    model, problems = parse(config)
    if model is None:
        raise SpecError(problems)
    findings = Findings(strict=model.strict, problems=problems)
    platform = _plan(model, config, environment, only, root, findings)
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
    here = clouds.aws or _stand_in(AwsModel, "aws", named, region="us-east-1")
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
    there = clouds.gcp or _stand_in(GcpModel, "gcp", named, region="us-central1")
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
    yonder = clouds.azure or _stand_in(AzureModel, "azure", named, location="westeurope")
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


def _stand_in(
    model: type[CloudModel], cloud: str, named: Mapping[str, Any], **place: str
) -> CloudModel | None:
    """Settings for a cloud whose own are wrong, so that its workloads are checked all the same.

    The plan made with them is thrown away: the problem with the settings is on the list.
    """
    if cloud not in named or f"clouds.{cloud}" in NOT_BUILT:
        return None
    nobody = {"account_id": "", "project": "", "subscription_id": "", "tenant_id": ""}
    fields: dict[str, Any] = {**nobody, "project_number": None, **place}
    return model.model_construct(None, **fields)


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
