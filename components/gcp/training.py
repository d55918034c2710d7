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
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.access import READ_OBJECTS, only_below
from components.gcp.place import member
from components.gcp.training_request import PoolArgs, TrainingArgs, job_spec, study_spec
from mlplatform.catalog import gcp_training
from mlplatform.gaps.sdk import gcp as mlgap

WRITE_OBJECTS = "roles/storage.objectUser"


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
