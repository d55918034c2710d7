"""Monitoring of one endpoint: a job that logs requests and compares them.

Creates, for a component named ``NAME``:

========================  ==========================================================  ==============
child                     type                                                        when
========================  ==========================================================  ==============
``NAME``                  mlgap:gcp:ModelDeploymentMonitoringJob                      always
========================  ==========================================================  ==============

The job logs the requests that it analyses into BigQuery by itself, and sends the mails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.core.base import MlComponent
from mlplatform.gaps.sdk import gcp as mlgap

_DAY_S = 86_400
_HOUR_S = 3600


@dataclass(frozen=True, kw_only=True)
class ThresholdArgs:
    """Distances above which a column raises an alert; above 0."""

    columns: Mapping[str, float]
    default: float | None = None
    """For every column without its own; None: those are not watched."""

    def __post_init__(self) -> None:
        given = [*self.columns.values(), *([self.default] if self.default is not None else [])]
        if not given or min(given) <= 0:
            raise ValueError(f"thresholds: got {given}, allowed: one or more, all above 0")

    def message(self, kind: str) -> dict[str, Any]:
        """As the API writes it; ``kind`` is Skew or Drift."""
        found: dict[str, Any] = {}
        if self.columns:
            rows = {name: {"value": value} for name, value in self.columns.items()}
            found[f"{kind.lower()}Thresholds"] = rows
        if self.default is not None:
            found[f"default{kind}Threshold"] = {"value": self.default}
        return found


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What a caller decides."""

    endpoint: pulumi.Input[str]
    """``projects/P/locations/L/endpoints/E``."""
    deployed_model_ids: pulumi.Input[Mapping[str, str]]
    """Variant to Vertex AI's id; each is watched."""
    display_name: str
    interval_s: int
    """Whole hours; what came in since the last time is compared."""
    sampling_rate: float
    """Above 0, at most 1."""
    log_retention_days: int
    key_name: pulumi.Input[str]
    """Encrypts what the job keeps. Required: there is no unencrypted mode."""
    skew: ThresholdArgs | None = None
    drift: ThresholdArgs | None = None
    training_data: pulumi.Input[str] | None = None
    """``gs://`` of a CSV file; needed for skew."""
    label: str | None = None
    """The column of the training data that requests have not."""
    alert_emails: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.interval_s < _HOUR_S or self.interval_s % _HOUR_S:
            raise ValueError(f"interval_s: got {self.interval_s}, allowed: whole hours")
        if not 0 < self.sampling_rate <= 1:
            raise ValueError(f"sampling_rate: got {self.sampling_rate}, allowed: above 0, up to 1")
        if self.skew is None and self.drift is None:
            raise ValueError("skew and drift: one at least is needed")
        if self.skew is not None and self.training_data is None:
            raise ValueError("training_data: skew compares with it")


class Monitoring(MlComponent):
    """The monitoring job of one endpoint."""

    kind = "gcp:Monitoring"

    job_name: pulumi.Output[str]
    """The job's resource name."""

    def __init__(
        self,
        name: str,
        args: MonitoringArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the endpoint and the training data, which are named by plain strings."""
        super().__init__(name, opts)
        objective = pulumi.Output.from_input(args.training_data).apply(
            lambda uri: _objective(args, uri)
        )
        configs = pulumi.Output.all(args.deployed_model_ids, objective).apply(
            lambda found: [
                {"deployedModelId": ident, "objectiveConfig": found[1]}
                for _, ident in sorted(found[0].items())
            ]
        )
        job = mlgap.ModelDeploymentMonitoringJob(
            name,
            display_name=args.display_name,
            endpoint=args.endpoint,
            objective_configs=configs,
            schedule_config={"monitorInterval": f"{args.interval_s}s"},
            logging_sampling_strategy={"randomSampleConfig": {"sampleRate": args.sampling_rate}},
            alert_config={
                **(
                    {"emailAlertConfig": {"userEmails": list(args.alert_emails)}}
                    if args.alert_emails
                    else {}
                ),
                "enableLogging": True,
            },
            log_ttl=f"{args.log_retention_days * _DAY_S}s",
            encryption_spec={"kmsKeyName": args.key_name},
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        self.job_name = job.name
        self.register_outputs({"job_name": self.job_name})


def _objective(args: MonitoringArgs, training_data: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if args.skew is not None:
        made["trainingDataset"] = {
            "gcsSource": {"uris": [training_data]},
            "dataFormat": "csv",
            **({"targetField": args.label} if args.label else {}),
        }
        made["trainingPredictionSkewDetectionConfig"] = args.skew.message("Skew")
    if args.drift is not None:
        made["predictionDriftDetectionConfig"] = args.drift.message("Drift")
    return made
