"""What is trained, and the message of a job or search as Vertex AI takes it; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.gcp.place import Place
from mlplatform.catalog import gcp as catalog


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
