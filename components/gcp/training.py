"""Training of one workload: where it may write, machines that are kept, and one run.

Creates, for a component named ``NAME``:

====================  ======================================================  ====================
child                 type                                                    when
====================  ======================================================  ====================
``NAME-names``        gcp:storage/bucketIAMMember:BucketIAMMember             always
``NAME-outputs``      gcp:storage/bucketIAMMember:BucketIAMMember             always
``NAME-pool``         gcp:vertex/aiPersistentResource:AiPersistentResource    machines are kept
``NAME-run``          mlgap:gcp:CustomJob                                     one run is asked for
``NAME-run``          mlgap:gcp:TrainingPipeline                              or with its model
``NAME-search``       mlgap:gcp:HyperparameterTuningJob                       one search is
====================  ======================================================  ====================

A run is one run of one definition: a changed definition is another run beside the old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.access import READ_OBJECTS, only_below
from components.gcp.place import Place, member
from mlplatform.catalog import gcp as catalog
from mlplatform.catalog import gcp_training
from mlplatform.gaps.sdk import gcp as mlgap

WRITE_OBJECTS = "roles/storage.objectUser"


@dataclass(frozen=True, kw_only=True)
class RangeArgs:
    """One hyperparameter of a search: ``values``, or a number from ``low`` to ``high``."""

    values: Sequence[str] = ()
    low: float = 0
    high: float = 0
    integer: bool = False
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class TuningArgs:
    """A search for hyperparameters."""

    metric: str
    """What the training program reports (cloudml-hypertune)."""
    maximize: bool
    max_runs: int
    parallel_runs: int
    parameters: Mapping[str, RangeArgs]


@dataclass(frozen=True, kw_only=True)
class PoolArgs:
    """Machines that are kept between runs."""

    pool_id: str
    """Up to 63 lower-case letters, digits and dashes."""
    min_nodes: int
    max_nodes: int
    """Above min_nodes."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_nodes < self.max_nodes:
            raise ValueError(
                f"pool: got {self.min_nodes}..{self.max_nodes}, allowed: 1 <= min_nodes < max_nodes"
            )


@dataclass(frozen=True, kw_only=True)
class TrainingArgs:
    """What a caller decides. All plain values but the key, so that a preview shows them."""

    place: Place
    display_name: str
    service_account: str
    bucket: str
    output_prefix: str
    """Runs write below it, and nowhere else; ends with ``/``."""
    key_name: pulumi.Input[str]
    """Encrypts runs and machines. Required: there is no unencrypted mode."""
    image_uri: str
    machine_type: str
    accelerator_type: str | None
    accelerator_count: int
    nodes: int
    boot_disk_gib: int
    spot: bool
    max_run_s: int
    command: Sequence[str] = ()
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    pool: PoolArgs | None = None
    run: bool = False
    tuning: TuningArgs | None = None
    attachment: str | None = None
    """``projects/P/regions/R/networkAttachments/A`` that runs and machines come into a network by;
    they are in none of yours without."""
    serving_image_uri: str | None = None
    """Makes the run a pipeline that registers what it leaves in ``AIP_MODEL_DIR``."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.output_prefix.endswith("/"):
            raise ValueError(f"output_prefix: got {self.output_prefix!r}, must end with '/'")
        if catalog.machine(self.machine_type) is None:
            raise ValueError(f"machine_type: Vertex AI training has no {self.machine_type}")
        if self.spot and self.pool is not None:
            raise ValueError("spot: machines of a pool are kept, so they are none")
        if self.serving_image_uri is not None and self.tuning is not None:
            raise ValueError("serving_image_uri: a search registers no model")


class Training(MlComponent):
    """What training of one workload needs, and its run."""

    kind = "gcp:Training"

    definition: dict[str, Any]
    """The job's ``jobSpec``, known at preview: what a run by hand would send."""
    run_name: pulumi.Output[str] | None
    """Resource name of the run or search."""

    def __init__(
        self,
        name: str,
        args: TrainingArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: account, key and uploads, which are named by plain strings."""
        super().__init__(name, opts)
        self.definition = job_spec(args)
        needed = [*after, *self._grants(args, after)]
        if args.pool is not None:
            needed.append(self._pool(args.pool, args, after))
        self.run_name = None
        if args.run:
            encryption = {"kmsKeyName": args.key_name}
            # A run keeps the labels that it began with: nothing changes them but another run.
            once = pulumi.ResourceOptions.merge(
                self._opts(depends_on=needed), pulumi.ResourceOptions(ignore_changes=["labels"])
            )
            self.run_name = self._run(args, encryption, once).name
        self.register_outputs({"definition": self.definition, "run_name": self.run_name})

    def _run(
        self, args: TrainingArgs, encryption: Mapping[str, Any], once: pulumi.ResourceOptions
    ) -> mlgap.CustomJob | mlgap.HyperparameterTuningJob | mlgap.TrainingPipeline:
        if args.tuning is not None:
            return mlgap.HyperparameterTuningJob(
                self._child("search"),
                display_name=args.display_name,
                study_spec=study_spec(args.tuning),
                trial_job_spec=self.definition,
                max_trial_count=args.tuning.max_runs,
                parallel_trial_count=args.tuning.parallel_runs,
                encryption_spec=encryption,
                labels=dict(args.labels),
                opts=once,
            )
        if args.serving_image_uri is not None:
            return mlgap.TrainingPipeline(
                self._child("run"),
                display_name=args.display_name,
                training_task_definition=gcp_training.CUSTOM_TASK,
                training_task_inputs=self.definition,
                model_to_upload={
                    "displayName": args.display_name,
                    "containerSpec": {"imageUri": args.serving_image_uri},
                },
                encryption_spec=encryption,
                labels=dict(args.labels),
                opts=once,
            )
        return mlgap.CustomJob(
            self._child("run"),
            display_name=args.display_name,
            job_spec=self.definition,
            encryption_spec=encryption,
            labels=dict(args.labels),
            opts=once,
        )

    def _grants(
        self, args: TrainingArgs, after: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        account = member(args.service_account)
        conditions = {
            # Cloud Storage FUSE lists; the names of objects are all that this shows.
            "names": (
                READ_OBJECTS,
                {
                    "title": "names-only",
                    "description": "Lists objects, reads none",
                    "expression": 'resource.type == "storage.googleapis.com/Bucket"',
                },
            ),
            "outputs": (WRITE_OBJECTS, only_below(args.bucket, args.output_prefix)),
        }
        return [
            gcp.storage.BucketIAMMember(
                self._child(suffix),
                bucket=args.bucket,
                role=role,
                member=account,
                condition=gcp.storage.BucketIAMMemberConditionArgs(**condition),
                opts=self._opts(depends_on=after),
            )
            for suffix, (role, condition) in conditions.items()
        ]

    def _pool(
        self, pool: PoolArgs, args: TrainingArgs, after: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        machine = gcp.vertex.AiPersistentResourceResourcePoolMachineSpecArgs(
            machine_type=args.machine_type,
            accelerator_type=args.accelerator_type,
            accelerator_count=args.accelerator_count or None,
        )
        options = pulumi.ResourceOptions.merge(
            self._opts(depends_on=after),
            # Another label would make another pool: the service has no call that changes them.
            pulumi.ResourceOptions(ignore_changes=["labels"]),
        )
        made: pulumi.Resource = gcp.vertex.AiPersistentResource(
            self._child("pool"),
            name=pool.pool_id,
            display_name=args.display_name,
            project=args.place.project,
            location=args.place.region,
            resource_pools=[
                gcp.vertex.AiPersistentResourceResourcePoolArgs(
                    id="nodes",
                    machine_spec=machine,
                    autoscaling_spec=gcp.vertex.AiPersistentResourceResourcePoolAutoscalingSpecArgs(
                        min_replica_count=str(pool.min_nodes),
                        max_replica_count=str(pool.max_nodes),
                    ),
                    disk_spec=gcp.vertex.AiPersistentResourceResourcePoolDiskSpecArgs(
                        boot_disk_size_gb=args.boot_disk_gib, boot_disk_type="pd-ssd"
                    ),
                )
            ],
            psc_interface_config=gcp.vertex.AiPersistentResourcePscInterfaceConfigArgs(
                network_attachment=args.attachment
            )
            if args.attachment
            else None,
            encryption_spec=gcp.vertex.AiPersistentResourceEncryptionSpecArgs(
                kms_key_name=args.key_name
            ),
            resource_runtime_spec=gcp.vertex.AiPersistentResourceResourceRuntimeSpecArgs(
                service_account_spec=gcp.vertex.AiPersistentResourceResourceRuntimeSpecServiceAccountSpecArgs(
                    enable_custom_service_account=True
                )
            ),
            labels=dict(args.labels),
            opts=options,
        )
        return made


def job_spec(args: TrainingArgs) -> dict[str, Any]:
    """The job as the API writes it: one chief, and further workers where there are more nodes."""
    container: dict[str, Any] = {
        "imageUri": args.image_uri,
        **({"command": list(args.command)} if args.command else {}),
        "args": [f"--{name}={value}" for name, value in args.hyperparameters.items()],
        "env": [{"name": name, "value": value} for name, value in args.environment.items()],
    }
    machine: dict[str, Any] = {"machineType": args.machine_type}
    if args.accelerator_type is not None:
        machine["acceleratorType"] = args.accelerator_type
        machine["acceleratorCount"] = args.accelerator_count
    pool = {
        "machineSpec": machine,
        "containerSpec": {key: value for key, value in container.items() if value},
        "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": args.boot_disk_gib},
    }
    pools = [{**pool, "replicaCount": "1"}]
    if args.nodes > 1:
        pools.append({**pool, "replicaCount": str(args.nodes - 1)})
    scheduling: dict[str, Any] = {"timeout": f"{args.max_run_s}s"}
    if args.spot:
        scheduling["strategy"] = "SPOT"
    made: dict[str, Any] = {
        "workerPoolSpecs": pools,
        "scheduling": scheduling,
        "serviceAccount": args.service_account,
        "baseOutputDirectory": {
            "outputUriPrefix": f"gs://{args.bucket}/{args.output_prefix.rstrip('/')}"
        },
    }
    if args.pool is not None:
        made["persistentResourceId"] = args.pool.pool_id
    if args.attachment is not None:
        made["pscInterfaceConfig"] = {"networkAttachment": args.attachment}
    return made


def study_spec(tuning: TuningArgs) -> dict[str, Any]:
    """The search as the API writes it."""
    return {
        "metrics": [
            {"metricId": tuning.metric, "goal": "MAXIMIZE" if tuning.maximize else "MINIMIZE"}
        ],
        "parameters": [_parameter(name, one) for name, one in tuning.parameters.items()],
    }


def _parameter(name: str, one: RangeArgs) -> dict[str, Any]:
    if one.values:
        return {"parameterId": name, "categoricalValueSpec": {"values": list(one.values)}}
    scale = "UNIT_LOG_SCALE" if one.log else "UNIT_LINEAR_SCALE"
    if one.integer:
        bounds = {"minValue": str(round(one.low)), "maxValue": str(round(one.high))}
        return {"parameterId": name, "integerValueSpec": bounds, "scaleType": scale}
    spec = {"minValue": one.low, "maxValue": one.high}
    return {"parameterId": name, "doubleValueSpec": spec, "scaleType": scale}
