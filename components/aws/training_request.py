"""The request of a training or tuning job, as SageMaker takes it; pure.

One request serves both the state machine, which fills in a new name for each run, and a run that is
part of the stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from mlplatform.catalog import aws as catalog

CHECKPOINT_PATH = "/opt/ml/checkpoints"
"""SageMaker's own default for the container's side."""
_FREE = frozenset({"HyperParameters", "StaticHyperParameters", "Environment"})
"""Members whose keys are the program's own words."""


@dataclass(frozen=True, kw_only=True)
class RangeArgs:
    """One hyperparameter to search."""

    name: str
    kind: str
    """Integer, Continuous or Categorical."""
    low: str = ""
    high: str = ""
    scale: str = "Linear"
    values: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class TuningArgs:
    """A search for hyperparameters, Bayesian."""

    metric: str
    goal: str
    """Maximize or Minimize."""
    max_runs: int
    parallel_runs: int
    ranges: Sequence[RangeArgs]


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """Everything of a run but its name. Plain values but for the network."""

    role_arn: str
    image_uri: str
    instance_type: str
    instance_count: int
    volume_gib: int
    max_run_s: int
    key_arn: str
    """Encrypts volumes and models."""
    output_uri: str
    """``s3://bucket/prefix``: models are put in a folder for each run."""
    checkpoint_uri: str
    """``s3://bucket/prefix``: with spot, checkpoints are put in a folder for each run."""
    spot: bool = False
    max_wait_s: int | None = None
    keep_alive_s: int = 0
    network_isolation: bool = True
    sharded: bool = False
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    """Name to ``s3://`` prefix or object."""
    environment: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    tuning: TuningArgs | None = None
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    security_group_ids: Sequence[pulumi.Input[str]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.spot and self.keep_alive_s:
            raise ValueError(f"keep_alive_s: got {self.keep_alive_s}, allowed with spot: 0")
        if self.spot and (self.max_wait_s or 0) < self.max_run_s:
            raise ValueError(f"max_wait_s: got {self.max_wait_s}, allowed: at least max_run_s")


def training(args: JobArgs, *, folder: str) -> dict[str, Any]:
    """CreateTrainingJob without a name and tags. ``folder``: of the run's checkpoints."""
    made: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": args.image_uri,
            "TrainingInputMode": "File",
            **({"MetricDefinitions": _metrics(args)} if args.metrics else {}),
        },
        "RoleArn": args.role_arn,
        "OutputDataConfig": {"S3OutputPath": args.output_uri, "KmsKeyId": args.key_arn},
        "ResourceConfig": {
            "InstanceType": args.instance_type,
            "InstanceCount": args.instance_count,
            "VolumeSizeInGB": args.volume_gib,
            **_volume_key(args),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": args.max_run_s},
        "EnableNetworkIsolation": args.network_isolation,
        # Between the instances of one run; costs time, so only where there are several.
        "EnableInterContainerTrafficEncryption": args.instance_count > 1,
        "EnableManagedSpotTraining": args.spot,
    }
    if args.hyperparameters:
        made["HyperParameters"] = dict(args.hyperparameters)
    if args.environment:
        made["Environment"] = dict(args.environment)
    if args.channels:
        made["InputDataConfig"] = [_channel(args, *one) for one in args.channels.items()]
    if args.spot:
        made["StoppingCondition"]["MaxWaitTimeInSeconds"] = args.max_wait_s
        made["CheckpointConfig"] = {
            "S3Uri": f"{args.checkpoint_uri}/{folder}",
            "LocalPath": CHECKPOINT_PATH,
        }
    if args.keep_alive_s:
        made["ResourceConfig"]["KeepAlivePeriodInSeconds"] = args.keep_alive_s
    if args.subnet_ids:
        made["VpcConfig"] = {
            "Subnets": list(args.subnet_ids),
            "SecurityGroupIds": list(args.security_group_ids),
        }
    return made


def tuning(args: JobArgs, wanted: TuningArgs, *, folder: str) -> dict[str, Any]:
    """CreateHyperParameterTuningJob without a name and tags."""
    definition = training(args, folder=folder)
    fixed = definition.pop("HyperParameters", {})
    ranges: dict[str, list[dict[str, Any]]] = {}
    for one in wanted.ranges:
        bounds = (
            {"Values": list(one.values)}
            if one.kind == "Categorical"
            else {"MinValue": one.low, "MaxValue": one.high, "ScalingType": one.scale}
        )
        ranges.setdefault(f"{one.kind}ParameterRanges", []).append({"Name": one.name, **bounds})
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": wanted.goal, "MetricName": wanted.metric},
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": wanted.max_runs,
                "MaxParallelTrainingJobs": wanted.parallel_runs,
            },
            "ParameterRanges": ranges,
            "TrainingJobEarlyStoppingType": "Auto",
        },
        "TrainingJobDefinition": {
            **definition,
            **({"StaticHyperParameters": fixed} if fixed else {}),
        },
    }


def properties(request: Any) -> Any:
    """A request with camelCase names, as mlgap takes it."""
    if isinstance(request, list):
        return [properties(one) for one in request]
    if not isinstance(request, Mapping):
        return request
    return {
        key[0].lower() + key[1:]: dict(value) if key in _FREE else properties(value)
        for key, value in request.items()
    }


def _volume_key(args: JobArgs) -> dict[str, str]:
    """None where the storage is local NVMe, which the hardware encrypts and SageMaker then
    refuses a key for (botocore sagemaker ResourceConfig, VolumeKmsKeyId).
    """
    machine = catalog.training_machine(args.instance_type)
    return {} if machine is not None and machine.local_nvme else {"VolumeKmsKeyId": args.key_arn}


def _channel(args: JobArgs, name: str, uri: str) -> dict[str, Any]:
    # The program is needed whole on every instance.
    parted = args.sharded and name != "code"
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "ShardedByS3Key" if parted else "FullyReplicated",
            }
        },
    }


def _metrics(args: JobArgs) -> list[dict[str, str]]:
    return [{"Name": name, "Regex": regex} for name, regex in args.metrics.items()]
