"""A training definition that is started on demand, on a schedule, or once with the stack.

Creates, for a component named ``NAME``:

===================  =========================================  ======================
child                type                                       when
===================  =========================================  ======================
``NAME``             aws:sfn/stateMachine:StateMachine          always
``NAME-schedule``    aws:scheduler/schedule:Schedule            a schedule is given
``NAME-run``         mlgap:aws:TrainingJob, or                  ``run``
                     mlgap:aws:HyperParameterTuningJob
===================  =========================================  ======================

Why a state machine: docs/adr/0018. Start a run with ``aws stepfunctions start-execution
--state-machine-arn ARN``; each has a name and a folder of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws import training_request as requests
from components.aws.place import Place
from components.aws.training_request import JobArgs
from components.core.base import MlComponent
from mlplatform.gaps.sdk import aws as mlgap

TRAINING_PREFIX_MAX = 63 - 37
"""Room for a hyphen and a UUID in TrainingJobName (botocore sagemaker)."""
TUNING_PREFIX_MAX = 32 - 13
"""Room for a hyphen and the last part of a UUID in HyperParameterTuningJobName."""
MARGIN_S = 3600
"""A machine waits longer than the longest run, for its start and its end."""
_UUID = "States.UUID()"
_SHORT_UUID = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 4)"
_BUSY = [
    "SageMaker.ResourceLimitExceededException",
    "SageMaker.ThrottlingException",
    "SageMaker.AmazonSageMakerException",
]
"""What passes with time (Step Functions guide, "Error names" of service integrations)."""


@dataclass(frozen=True, kw_only=True)
class TrainingArgs:
    """What a caller decides."""

    place: Place
    machine_name: str
    """Of the state machine, at most 80 characters."""
    job_prefix: str
    """Start of the names of runs; at most 26 characters, 19 for a search."""
    start_role_arn: str
    """Of the state machine: starts jobs."""
    schedule_role_arn: str
    """Of the schedule: starts the state machine."""
    job: JobArgs
    schedule: str | None = None
    """``cron(0 3 ? * MON *)``, in UTC."""
    run: bool = False
    """One run for each new definition, waited for."""

    def __post_init__(self) -> None:
        longest = TUNING_PREFIX_MAX if self.job.tuning is not None else TRAINING_PREFIX_MAX
        if len(self.job_prefix) > longest:
            raise ValueError(f"job_prefix: got {self.job_prefix!r}, allowed: {longest} characters")


class Training(MlComponent):
    """One workload's training definition."""

    kind = "aws:Training"

    state_machine_arn: str
    """Known at preview. Start executions of it."""
    run_arn: pulumi.Output[str] | None
    """Of the run that is part of the stack."""

    def __init__(
        self,
        name: str,
        args: TrainingArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        tags = dict(args.job.tags)
        content = definition(args)
        machine = aws.sfn.StateMachine(
            name,
            name=args.machine_name,
            role_arn=args.start_role_arn,
            # Plain text where no part is an output, so that a preview shows and judges it.
            definition=pulumi.Output.json_dumps(content)
            if args.job.subnet_ids
            else json.dumps(content),
            tags=tags,
            opts=self._opts(depends_on=after),
        )
        self.state_machine_arn = args.place.arn("states", f"stateMachine:{args.machine_name}")
        if args.schedule is not None:
            aws.scheduler.Schedule(
                self._child("schedule"),
                name=args.machine_name[:64],
                description=f"Starts {args.machine_name}",
                schedule_expression=args.schedule,
                schedule_expression_timezone="UTC",
                flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
                target=aws.scheduler.ScheduleTargetArgs(
                    arn=self.state_machine_arn,
                    role_arn=args.schedule_role_arn,
                    input=json.dumps({"started_by": "schedule"}),
                    retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=3
                    ),
                ),
                opts=self._opts(depends_on=[machine, *after]),
            )
        self.run_arn = self._run(args, after) if args.run else None
        self.register_outputs({"state_machine_arn": self.state_machine_arn})

    def _run(self, args: TrainingArgs, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """The run of this definition; its name tells the content, so another one is another run."""
        job = args.job
        # Subnets of a new network are not known yet; a name that is not known helps nobody.
        plain = replace(job, subnet_ids=(), security_group_ids=())
        settled = json.dumps(_request(replace(args, job=plain), folder=""), sort_keys=True)
        digest = hashlib.sha256(settled.encode()).hexdigest()[:12]
        name = f"{args.job_prefix}-{digest}"
        request = requests.properties(_request(args, folder=name))
        opts = self._opts(depends_on=after)
        if job.tuning is not None:
            return mlgap.HyperParameterTuningJob(
                self._child("run"),
                request={"hyperParameterTuningJobName": name, **request},
                tags=dict(job.tags),
                opts=opts,
            ).arn
        return mlgap.TrainingJob(
            self._child("run"),
            request={"trainingJobName": name, **request},
            tags=dict(job.tags),
            opts=opts,
        ).arn


def definition(args: TrainingArgs) -> dict[str, Any]:
    """The state machine: start the job, wait for its end, and tell whether it went well."""
    job = args.job
    request = _request(args, folder="")
    if job.spot:
        inner = request["TrainingJobDefinition"] if job.tuning is not None else request
        inner["CheckpointConfig"] = {
            # A run that is tried again goes on where it was.
            "S3Uri.$": f"States.Format('{job.checkpoint_uri}/{{}}', $$.Execution.Name)",
            "LocalPath": requests.CHECKPOINT_PATH,
        }
    noun = "HyperParameterTuningJob" if job.tuning is not None else "TrainingJob"
    unique = _SHORT_UUID if job.tuning is not None else _UUID
    runs = job.tuning.max_runs if job.tuning is not None else 1
    return {
        "Comment": f"Runs of {args.machine_name}",
        "StartAt": "Train",
        "TimeoutSeconds": runs * (job.max_wait_s or job.max_run_s) + MARGIN_S,
        "States": {
            "Train": {
                "Type": "Task",
                "Resource": f"arn:{args.place.partition}:states:::sagemaker:create{noun}.sync",
                "Parameters": {
                    f"{noun}Name.$": f"States.Format('{args.job_prefix}-{{}}', {unique})",
                    **request,
                    "Tags": [{"Key": k, "Value": v} for k, v in sorted(job.tags.items())],
                },
                "Retry": [
                    {
                        "ErrorEquals": _BUSY,
                        "IntervalSeconds": 60,
                        "BackoffRate": 2,
                        "MaxAttempts": 3,
                    }
                ],
                "End": True,
            }
        },
    }


def _request(args: TrainingArgs, *, folder: str) -> dict[str, Any]:
    job = args.job
    if job.tuning is not None:
        return requests.tuning(job, job.tuning, folder=folder)
    return requests.training(job, folder=folder)
