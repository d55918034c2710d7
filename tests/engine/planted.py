"""The shipped program with a secret in every mlgap resource on Google Cloud that can hold a text.

A walk puts this file in the place of ``__main__.py``. What deploys models to an endpoint has names
and numbers only, and no kind of this stack shares machines.
"""

from __future__ import annotations

from typing import Any

import pulumi

from infra.program import main

PLANTED = "hunter2-planted"
"""Stands nowhere else; good as a label and as a part of an address."""
JOB_SPECS = {
    "mlgap:gcp:CustomJob": "jobSpec",
    "mlgap:gcp:HyperparameterTuningJob": "trialJobSpec",
    "mlgap:gcp:TrainingPipeline": "trainingTaskInputs",
}
"""Each gets an environment variable."""
LABELLED = ("mlgap:gcp:Model", "mlgap:gcp:ModelDeploymentMonitoringJob")
QUOTA, MONITOR = "mlgap:gcp:QuotaPreference", "mlgap:gcp:ModelMonitor"
SCHEDULE = "mlgap:gcp:Schedule"
KINDS = {*JOB_SPECS, *LABELLED, QUOTA, MONITOR, SCHEDULE}


def _plant(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if args.type_ not in KINDS:
        return None
    props: dict[str, Any] = dict(args.props)
    secret = pulumi.Output.secret(PLANTED)
    if args.type_ in JOB_SPECS:
        name = JOB_SPECS[args.type_]
        props[name] = pulumi.Output.all(props[name], secret).apply(_with_variable)
    elif args.type_ in LABELLED:
        props["labels"] = {**props["labels"], "planted": secret}
    elif args.type_ == QUOTA:
        props["justification"] = secret
    elif args.type_ == MONITOR:
        address = secret.apply(lambda text: f"{text}@example.com")
        props["notificationSpec"] = {"emailConfig": {"userEmails": [address]}}
    else:
        request = "createModelMonitoringJobRequest"
        props[request] = pulumi.Output.all(props[request], secret).apply(_with_name)
    return pulumi.ResourceTransformationResult(props=props, opts=args.opts)


def _with_variable(found: list[Any]) -> dict[str, Any]:
    spec, text = found
    pools = []
    for pool in spec["workerPoolSpecs"]:
        container = pool["containerSpec"]
        variables = [*container.get("env", []), {"name": "TOKEN", "value": text}]
        pools.append({**pool, "containerSpec": {**container, "env": variables}})
    return {**spec, "workerPoolSpecs": pools}


def _with_name(found: list[Any]) -> dict[str, Any]:
    request, text = found
    job = {**request["modelMonitoringJob"], "displayName": text}
    return {**request, "modelMonitoringJob": job}


if __name__ == "__main__":
    pulumi.runtime.register_stack_transformation(_plant)
    main()
