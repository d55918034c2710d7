"""What the job definitions of monitoring hold, and their names; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.aws.monitoring_alarms import AlarmArgs
from mlplatform.catalog import aws as catalog

INPUT_PATH = "/opt/ml/processing/input_data"
TRUTH_FREE = ("DataQuality", "ModelExplainability")
OUTPUT_PATH = "/opt/ml/processing/output"
NAME_MAX = 63
"""botocore sagemaker MonitoringScheduleName, MonitoringJobDefinitionName."""
SLUGS = {
    "DataQuality": "data-quality",
    "ModelQuality": "model-quality",
    "ModelBias": "bias",
    "ModelExplainability": "attribution",
}


@dataclass(frozen=True, kw_only=True)
class MonitorArgs:
    """One thing that is watched."""

    kind: str
    """MonitoringType: DataQuality, ModelQuality, ModelBias or ModelExplainability."""
    schedule: str
    """``cron(0 * ? * * *)``, ``cron(0 H ? * * *)`` or ``cron(0 H/N ? * * *)``."""
    interval_h: int
    """Hours that one run looks back over."""
    image_uri: str
    constraints: str | None = None
    """JSON text of constraints.json."""
    constraints_uri: str | None = None
    statistics_uri: str | None = None
    analysis: str | None = None
    """JSON text of Clarify's analysis_config.json, without ``predictor``."""
    problem_type: str | None = None
    ground_truth_uri: str | None = None
    inference_attribute: str | None = None
    alarms: Sequence[AlarmArgs] = ()

    def __post_init__(self) -> None:
        if self.kind not in SLUGS:
            raise ValueError(f"kind: got {self.kind!r}, allowed: {', '.join(SLUGS)}")
        if (self.kind in TRUTH_FREE) != (self.ground_truth_uri is None):
            raise ValueError(f"ground_truth_uri: got {self.ground_truth_uri!r} for {self.kind}")


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What a caller decides. Plain values, so that names and documents show in a preview."""

    endpoint_name: str
    """An endpoint that captures its data."""
    role_arn: str
    model_name: pulumi.Input[str]
    """What Clarify asks for explanations, on an instance of its own."""
    bucket: str
    """Where documents are put and reports are written."""
    prefix: str
    """Of documents and reports; ends with ``/``."""
    key_arn: str
    """Encrypts volumes and reports."""
    monitors: Sequence[MonitorArgs]
    instance_type: str
    volume_gib: int
    max_run_s: int
    alert_emails: Sequence[str] = ()
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    security_group_ids: Sequence[pulumi.Input[str]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def data_quality(
    args: MonitoringArgs, monitor: MonitorArgs, constraints_uri: str | None
) -> dict[str, Any]:
    """Arguments of ``aws.sagemaker.DataQualityJobDefinition``."""
    baseline: dict[str, Any] = {}
    if constraints_uri is not None:
        baseline["constraints_resource"] = {"s3_uri": constraints_uri}
    if monitor.statistics_uri is not None:
        baseline["statistics_resource"] = {"s3_uri": monitor.statistics_uri}
    made: dict[str, Any] = {
        "role_arn": args.role_arn,
        "data_quality_app_specification": {"image_uri": monitor.image_uri},
        "data_quality_job_input": {
            "endpoint_input": {"endpoint_name": args.endpoint_name, "local_path": INPUT_PATH}
        },
        "data_quality_job_output_config": {
            "monitoring_outputs": {
                "s3_output": {"s3_uri": report_uri(args, monitor), "local_path": OUTPUT_PATH}
            },
            "kms_key_id": args.key_arn,
        },
        "job_resources": {
            "cluster_config": {
                "instance_count": 1,
                "instance_type": args.instance_type,
                "volume_size_in_gb": args.volume_gib,
                **({"volume_kms_key_id": args.key_arn} if takes_volume_key(args) else {}),
            }
        },
        "stopping_condition": {"max_runtime_in_seconds": args.max_run_s},
    }
    if baseline:
        made["data_quality_baseline_config"] = baseline
    digest = digest_of([json.dumps(made, sort_keys=True)])
    made["name"] = shortened(_base(args, monitor), digest)
    if args.subnet_ids:
        vpc = {
            "subnets": list(args.subnet_ids),
            "security_group_ids": list(args.security_group_ids),
        }
        made["network_config"] = {
            "vpc_config": vpc,
            "enable_inter_container_traffic_encryption": True,
        }
    return made


def model(
    args: MonitoringArgs,
    monitor: MonitorArgs,
    constraints_uri: str | None,
    analysis_uri: str | None,
) -> dict[str, Any]:
    """Arguments of the three ``mlgap`` definitions; the name tells the content."""
    app: dict[str, Any] = {"imageUri": monitor.image_uri}
    if analysis_uri is not None:
        app["configUri"] = analysis_uri
    if monitor.problem_type is not None:
        app["problemType"] = monitor.problem_type
    endpoint: dict[str, Any] = {
        "endpointName": args.endpoint_name,
        "localPath": INPUT_PATH,
        "inferenceAttribute": monitor.inference_attribute,
    }
    source: dict[str, Any] = {"endpointInput": endpoint}
    if monitor.ground_truth_uri is not None:
        source["groundTruthS3Input"] = {"s3Uri": monitor.ground_truth_uri}
        # What came true is matched with the answers of one interval, by their event ids.
        endpoint |= {"startTimeOffset": f"-PT{monitor.interval_h}H", "endTimeOffset": "-PT0H"}
    output = {"s3Uri": report_uri(args, monitor), "localPath": OUTPUT_PATH}
    made: dict[str, Any] = {
        "role_arn": args.role_arn,
        "app_specification": app,
        "job_input": source,
        "job_output_config": {
            "monitoringOutputs": [{"s3Output": output}],
            "kmsKeyId": args.key_arn,
        },
        "job_resources": {
            "clusterConfig": {
                "instanceCount": 1,
                "instanceType": args.instance_type,
                "volumeSizeInGB": args.volume_gib,
                **({"volumeKmsKeyId": args.key_arn} if takes_volume_key(args) else {}),
            }
        },
        "stopping_condition": {"maxRuntimeInSeconds": args.max_run_s},
    }
    if constraints_uri is not None:
        made["baseline_config"] = {"constraintsResource": {"s3Uri": constraints_uri}}
    if args.subnet_ids:
        vpc = {
            "subnets": list(args.subnet_ids),
            "securityGroupIds": list(args.security_group_ids),
        }
        made["network_config"] = {
            "vpcConfig": vpc,
            "enableInterContainerTrafficEncryption": True,
        }
    # Subnets and keys may not be known yet; a name that is not known at preview helps nobody, so
    # a change of these alone replaces the definition under its name.
    settled = {name: value for name, value in made.items() if name != "network_config"}
    digest = digest_of([json.dumps(settled, sort_keys=True)])
    return {**made, "job_definition_name": shortened(_base(args, monitor), digest)}


def takes_volume_key(args: MonitoringArgs) -> bool:
    """False where the storage is local NVMe, which the hardware encrypts (botocore sagemaker
    ProcessingClusterConfig, VolumeKmsKeyId: a monitoring job is a processing job)."""
    machine = catalog.training_machine(args.instance_type)
    return machine is None or not machine.local_nvme


def schedule_name(args: MonitoringArgs, monitor: MonitorArgs) -> str:
    """Known at preview, as alarms name it."""
    return shortened(_base(args, monitor))


def report_uri(args: MonitoringArgs, monitor: MonitorArgs) -> str:
    """Where the jobs of a monitor write what they found."""
    return f"s3://{args.bucket}/{args.prefix}reports/{SLUGS[monitor.kind]}"


def _base(args: MonitoringArgs, monitor: MonitorArgs) -> str:
    return f"{args.endpoint_name}-{SLUGS[monitor.kind]}"


def shadow_prefix(endpoint_name: str) -> str:
    """Start of the names of the endpoints that Clarify makes for an hour and takes away again."""
    return f"clarify-{endpoint_name}"[:40].rstrip("-")


def with_predictor(text: str, model_name: str, instance_type: str, prefix: str) -> str:
    """Clarify's analysis configuration with the model that it asks for explanations."""
    predictor = {
        "model_name": model_name,
        "instance_type": instance_type,
        "initial_instance_count": 1,
        "endpoint_name_prefix": prefix,
        "accept_type": "text/csv",
    }
    return json.dumps({**json.loads(text), "predictor": predictor}, sort_keys=True)


def shortened(name: str, suffix: str = "") -> str:
    """Within SageMaker's length, with a hash of what was cut."""
    whole = f"{name}-{suffix}" if suffix else name
    if len(whole) <= NAME_MAX:
        return whole
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    room = NAME_MAX - len(digest) - 1 - (len(suffix) + 1 if suffix else 0)
    cut = f"{name[:room].rstrip('-')}-{digest}"
    return f"{cut}-{suffix}" if suffix else cut


def digest_of(parts: Sequence[object]) -> str:
    """Tells contents apart; part of names and keys."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]
