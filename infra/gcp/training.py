"""One workload's training on Vertex AI."""

from __future__ import annotations

from typing import Any

import pulumi

from components.core.naming import physical_name
from components.gcp.access import Access, AccessArgs
from components.gcp.tpus import TpuArgs, Tpus, TpusArgs
from components.gcp.training import Training
from components.gcp.training_request import PoolArgs, RangeArgs, TrainingArgs, TuningArgs
from infra.gcp.common import ACCOUNT_ID_MAX, ENDPOINT_ID_MAX, Common
from mlplatform.spec import Artifact, GcpTraining, GcpTuning


def train(workload: str, plan: GcpTraining, common: Common) -> dict[str, Any]:
    """Declare what training needs; return how to start it, and the run if there is one."""
    environment, storage = common.environment, common.storage
    name = physical_name(environment, workload, "training", max_length=ENDPOINT_ID_MAX)
    access = Access(
        name,
        AccessArgs(
            place=common.place,
            account_id=physical_name(environment, workload, "training", max_length=ACCOUNT_ID_MAX),
            bucket=storage.bucket,
            object_prefixes=[f"{workload}/"],
            image_uris=[plan.image_uri],
        ),
        opts=common.opts,
        after=[storage],
    )
    uploads: dict[str, pulumi.Resource] = {}
    given = [*plan.data.values(), *([plan.code] if plan.code is not None else [])]
    for artifact in given:
        for key, path in artifact.files:
            if key not in uploads:
                uploads[key] = storage.upload(key.replace("/", "-"), path, key)
    folder = _uri(plan.code, storage.bucket).replace("gs://", "/gcs/", 1) if plan.code else ""
    pool = None
    if plan.pool_min_nodes is not None:
        pool = PoolArgs(pool_id=name, min_nodes=plan.pool_min_nodes, max_nodes=plan.max_nodes)
    made = Training(
        name,
        TrainingArgs(
            place=common.place,
            display_name=name,
            service_account=access.email,
            bucket=storage.bucket,
            output_prefix=f"{workload}/runs/",
            key_name=common.keys.key_name,
            image_uri=plan.image_uri,
            machine_type=plan.machine_type,
            accelerator_type=plan.accelerator_type,
            accelerator_count=plan.accelerator_count,
            nodes=plan.nodes,
            boot_disk_gib=plan.boot_disk_gib,
            spot=plan.spot,
            max_run_s=plan.max_run_s,
            command=["python3", f"{folder}/{plan.entry_point}"] if folder else [],
            hyperparameters=plan.hyperparameters,
            # What the shipped training programs read; the program may as well use its own.
            environment={
                **{
                    f"MLP_DATA_{channel.upper().replace('-', '_')}": _uri(one, storage.bucket)
                    for channel, one in plan.data.items()
                },
                **plan.environment,
            },
            pool=pool,
            attachment=common.attachment,
            run=plan.run,
            tuning=_tuning(plan.tuning) if plan.tuning is not None else None,
            serving_image_uri=plan.serving_image_uri,
            labels=common.labels,
        ),
        opts=common.opts,
        after=[access, common.keys, *common.in_network, *uploads.values()],
    )
    if plan.tpus:
        _tpus(workload, plan, access, common)
    outputs: dict[str, Any] = {"training_definition": made.definition}
    if made.run_name is not None:
        outputs["training_run"] = made.run_name
    return outputs


def _tpus(workload: str, plan: GcpTraining, access: Access, common: Common) -> None:
    environment = common.environment
    Tpus(
        physical_name(environment, workload, "tpus", max_length=ENDPOINT_ID_MAX),
        TpusArgs(
            place=common.place,
            service_account=access.email,
            tpus={
                one.name: TpuArgs(
                    node_id=physical_name(
                        environment, workload, one.name, max_length=ENDPOINT_ID_MAX
                    ),
                    accelerator_type=one.accelerator_type,
                    zone=one.zone,
                    runtime_version=one.runtime_version,
                    spot=one.spot,
                    queued=one.queued,
                    topology=one.topology,
                )
                for one in plan.tpus
            },
            subnetwork=common.subnetwork,
            labels=common.labels,
        ),
        opts=common.opts,
        after=[access, *common.in_network],
    )


def _uri(artifact: Artifact, bucket: str) -> str:
    return artifact.uri or f"gs://{bucket}/{artifact.object_key}"


def _tuning(plan: GcpTuning) -> TuningArgs:
    return TuningArgs(
        metric=plan.metric,
        maximize=plan.maximize,
        max_runs=plan.max_runs,
        parallel_runs=plan.parallel_runs,
        parameters={
            name: RangeArgs(
                values=one.values, low=one.low, high=one.high, integer=one.integer, log=one.log
            )
            for name, one in plan.parameters.items()
        },
    )
