"""One workload's training on SageMaker."""

from __future__ import annotations

from typing import Any

import pulumi

from components.aws import policy, purposes
from components.aws.access import Access, AccessArgs
from components.aws.training import (
    TRAINING_PREFIX_MAX,
    TUNING_PREFIX_MAX,
    Training,
    TrainingArgs,
)
from components.aws.training_request import JobArgs, RangeArgs, TuningArgs
from infra.aws.common import Common, artifact_uri
from mlplatform.spec import Artifact, AwsTraining, AwsTuning

MACHINE_NAME_MAX = 80
"""botocore stepfunctions Name."""


def train(workload: str, plan: AwsTraining, common: Common) -> dict[str, Any]:
    """Declare a training definition; return how to start it."""
    place, inside, bucket = common.place, common.inside, common.storage.bucket
    kind: policy.JobKind = (
        "hyper-parameter-tuning-job" if plan.tuning is not None else "training-job"
    )
    longest = TUNING_PREFIX_MAX if plan.tuning is not None else TRAINING_PREFIX_MAX
    prefix = common.name(workload, max_length=longest)
    machine = common.name(workload, "train", max_length=MACHINE_NAME_MAX)
    machine_arn = place.arn("states", f"stateMachine:{machine}")
    contents = {**plan.data, **({"code": plan.code} if plan.code is not None else {})}
    elsewhere = sorted({one.uri for one in contents.values() if one.uri is not None})
    runs = _role(
        common,
        workload,
        "train",
        f"Runs training of {workload}",
        purposes.train(
            common.stores(workload),
            image_uris=[plan.image_uri],
            data_uris=[uri for uri in elsewhere if not uri.endswith("/")],
            network=inside.permissions if inside is not None else None,
        )
        + [
            statement
            for number, uri in enumerate(uri for uri in elsewhere if uri.endswith("/"))
            for statement in policy.read_objects(
                place, *uri.removeprefix("s3://").split("/", 1), sid=f"Folder{number}"
            )
        ],
    )
    starts = _role(
        common,
        workload,
        "start",
        f"Starts training of {workload}",
        [
            *purposes.start(place, kind=kind, name_prefix=prefix, role_arn=runs.role_arn),
            *policy.wait_for_jobs(place, kind),
        ],
        service="states.amazonaws.com",
        source_arn=machine_arn,
    )
    after: list[pulumi.Resource] = [runs, starts, common.keys, common.storage]
    schedule_role = ""
    if plan.schedule is not None:
        schedules = _role(
            common,
            workload,
            "schedule",
            f"Starts training of {workload} on a schedule",
            policy.start_executions(machine_arn),
            service="scheduler.amazonaws.com",
            source_arn=place.arn("scheduler", "schedule-group/default"),
        )
        schedule_role = schedules.role_arn
        after.append(schedules)
    for artifact in contents.values():
        after += _uploads(artifact, common)
    made = Training(
        common.name(workload, "train"),
        TrainingArgs(
            place=place,
            machine_name=machine,
            job_prefix=prefix,
            start_role_arn=starts.role_arn,
            schedule_role_arn=schedule_role,
            schedule=plan.schedule,
            run=plan.run,
            job=JobArgs(
                role_arn=runs.role_arn,
                image_uri=plan.image_uri,
                instance_type=plan.instance_type,
                instance_count=plan.instance_count,
                volume_gib=plan.volume_gib,
                max_run_s=plan.max_run_s,
                key_arn=common.keys.use_arn,
                output_uri=f"s3://{bucket}/{workload}/trained",
                checkpoint_uri=f"s3://{bucket}/{workload}/checkpoints",
                spot=plan.spot,
                max_wait_s=plan.max_wait_s,
                keep_alive_s=plan.keep_alive_s,
                network_isolation=plan.network_isolation,
                sharded=plan.sharded,
                hyperparameters=plan.hyperparameters,
                channels={n: artifact_uri(one, bucket) for n, one in contents.items()},
                environment=plan.environment,
                metrics=plan.metrics,
                tuning=_tuning(plan.tuning) if plan.tuning is not None else None,
                subnet_ids=inside.subnet_ids if inside is not None else (),
                security_group_ids=inside.security_group_ids if inside is not None else (),
                tags=common.tags,
            ),
        ),
        opts=common.opts,
        after=[*after, *(inside.after if inside is not None else ())],
    )
    found: dict[str, Any] = {"training_state_machine_arn": made.state_machine_arn}
    return found | ({"training_run_arn": made.run_arn} if made.run_arn is not None else {})


def _role(
    common: Common,
    workload: str,
    purpose: str,
    description: str,
    statements: list[policy.Statement],
    **trust: str,
) -> Access:
    args = AccessArgs(
        place=common.place,
        role_name=common.role_name(workload, purpose),
        description=description,
        statements=statements,
        tags=common.tags,
        **trust,
    )
    return Access(common.name(workload, purpose, "access"), args, opts=common.opts)


def _uploads(artifact: Artifact, common: Common) -> list[pulumi.Resource]:
    """Every local file of an artifact under its key."""
    return [
        common.storage.upload(key.replace("/", "-").replace(".", "-"), path, key)
        for key, path in artifact.files
    ]


def _tuning(plan: AwsTuning) -> TuningArgs:
    return TuningArgs(
        metric=plan.metric,
        goal=plan.goal,
        max_runs=plan.max_runs,
        parallel_runs=plan.parallel_runs,
        ranges=[
            RangeArgs(
                name=one.name,
                kind=one.kind,
                low=one.low,
                high=one.high,
                scale=one.scale,
                values=one.values,
            )
            for one in plan.ranges
        ],
    )
