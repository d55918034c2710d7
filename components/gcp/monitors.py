"""Model monitors of one endpoint: version 2, which reads the requests that the endpoint keeps.

Creates, for a component named ``NAME``, each variant ``V`` and each objective ``O``:

============  =====================  ======
child         type                   when
============  =====================  ======
``NAME-V``    mlgap:gcp:ModelMonitor  always
``NAME-V-O``  mlgap:gcp:Schedule      always
============  =====================  ======

A monitor is of one version of a model and Vertex AI allows a version no second one, so a new
version has a monitor of its own, with the version in its id; the schedules move to it and the old
monitor goes. Monitoring runs as Google's own account, which Google lets read tables and write to
buckets of the project: no grant is needed ("Service agents", modelMonitoringServiceAgent).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.core.base import MlComponent
from components.gcp.monitoring import ThresholdArgs
from mlplatform.gaps.sdk import gcp as mlgap

CATEGORICAL_METRIC, NUMERIC_METRIC = "l_infinity", "jensen_shannon_divergence"
"""Vertex AI's own choice for each kind of column (ml_monitoring.spec.DataDriftSpec)."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveArgs:
    """One thing that is computed on a schedule."""

    cron: str
    """Five fields, in UTC."""
    window: str
    """How far back a run looks: ``1h``, ``1d``, ``1w``."""
    thresholds: ThresholdArgs
    with_training: bool = False
    """True compares with the training data; False with the window before."""
    of_answers: bool = False
    """True looks at predictions; False at features."""


@dataclass(frozen=True, kw_only=True)
class MonitorsArgs:
    """What a caller decides."""

    endpoint: str
    """``projects/P/locations/L/endpoints/E``, which keeps its requests."""
    versions: Mapping[str, pulumi.Input[str]]
    """Variant to the deployed ``projects/P/locations/L/models/M@VERSION``."""
    monitor_id: str
    """Begin of each monitor's id, before variant and version: lower-case letters, digits, dashes;
    the whole has 63 characters at most."""
    objectives: Mapping[str, ObjectiveArgs]
    features: Mapping[str, str]
    """Column to ``float``, ``integer``, ``boolean``, ``string`` or ``categorical``, in the order
    in which requests have them."""
    predicted: tuple[str, str] | None = None
    """Name and type of the answers; needed where an objective is of them."""
    training_data: pulumi.Input[str]
    """``gs://`` of a CSV file."""
    output_uri: str
    """``gs://`` folder for metrics."""
    key_name: pulumi.Input[str]
    """Encrypts what the monitors keep. Required: there is no unencrypted mode."""
    alert_emails: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.objectives:
            raise ValueError("objectives: one at least is needed")
        if self.predicted is None and any(one.of_answers for one in self.objectives.values()):
            raise ValueError("predicted: objectives of answers need their name and type")


class Monitors(MlComponent):
    """The monitors and schedules of one endpoint."""

    kind = "gcp:Monitors"

    monitor_names: Mapping[str, pulumi.Output[str]]
    """Variant to its monitor's resource name."""
    schedule_names: Mapping[str, Sequence[pulumi.Output[str]]]
    """Objective to the resource names of its schedules."""

    def __init__(
        self,
        name: str,
        args: MonitorsArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the endpoint with its models, and the training data."""
        super().__init__(name, opts)
        self._args = args
        self._after = list(after)
        self._training = pulumi.Output.from_input(args.training_data).apply(
            lambda uri: {"columnizedDataset": {"gcsSource": {"gcsUri": uri, "format": "CSV"}}}
        )
        monitors = {variant: self._monitor(variant) for variant in sorted(args.versions)}
        self.monitor_names = {variant: made.name for variant, made in monitors.items()}
        self.schedule_names = {
            objective: [
                self._schedule(variant, objective, monitor) for variant, monitor in monitors.items()
            ]
            for objective in args.objectives
        }
        self.register_outputs({})

    def _monitor(self, variant: str) -> mlgap.ModelMonitor:
        args, name = self._args, self._child(variant)
        version = pulumi.Output.from_input(args.versions[variant])
        schema: dict[str, Any] = {"featureFields": _fields(args.features)}
        if args.predicted is not None:
            schema["predictionFields"] = _fields(dict([args.predicted]))
        return mlgap.ModelMonitor(
            name,
            model_monitor_id=version.apply(
                lambda found: f"{args.monitor_id}-{variant}-{found.rpartition('@')[2]}"
            ),
            display_name=name,
            model_monitoring_target=version.apply(
                lambda found: {
                    "vertexModel": {
                        "model": found.partition("@")[0],
                        "modelVersionId": found.partition("@")[2],
                    }
                }
            ),
            model_monitoring_schema=schema,
            training_dataset=self._training,
            notification_spec=self._notification(),
            output_spec=self._output(),
            encryption_spec={"kmsKeyName": args.key_name},
            opts=self._opts(depends_on=self._after),
        )

    def _schedule(
        self, variant: str, objective: str, monitor: mlgap.ModelMonitor
    ) -> pulumi.Output[str]:
        args, asked = self._args, self._args.objectives[objective]
        name = self._child(variant, objective)
        logs = {"vertexEndpointLogs": {"endpoints": [args.endpoint]}}
        before = {**logs, "timeOffset": {"window": asked.window, "offset": asked.window}}
        kind = "predictionOutputDriftSpec" if asked.of_answers else "featureDriftSpec"
        spec = {
            "objectiveSpec": {
                "tabularObjective": {kind: drift_spec(asked.thresholds)},
                "targetDataset": {**logs, "timeOffset": {"window": asked.window}},
                "baselineDataset": self._training if asked.with_training else before,
            },
            # Given again: a spec of a job's own replaces the monitor's.
            "notificationSpec": self._notification(),
            "outputSpec": self._output(),
        }
        made = mlgap.Schedule(
            name,
            display_name=name,
            cron=asked.cron,
            max_concurrent_run_count="1",
            create_model_monitoring_job_request={
                "parent": monitor.name,
                "modelMonitoringJob": {"displayName": name, "modelMonitoringSpec": spec},
            },
            opts=self._opts(depends_on=self._after),
        )
        return made.name

    def _notification(self) -> dict[str, Any]:
        mailed = {"emailConfig": {"userEmails": list(self._args.alert_emails)}}
        return {**(mailed if self._args.alert_emails else {}), "enableCloudLogging": True}

    def _output(self) -> dict[str, Any]:
        return {"gcsBaseDirectory": {"outputUriPrefix": self._args.output_uri}}


def drift_spec(thresholds: ThresholdArgs) -> dict[str, Any]:
    """Distances as version 2 writes them; columns without a threshold are left out."""
    spec: dict[str, Any] = {
        "categoricalMetricType": CATEGORICAL_METRIC,
        "numericMetricType": NUMERIC_METRIC,
    }
    if thresholds.columns:
        rows = {name: {"threshold": value} for name, value in thresholds.columns.items()}
        spec["featureAlertConditions"] = rows
    if thresholds.default is not None:
        every = {"threshold": thresholds.default}
        spec["defaultCategoricalAlertCondition"] = every
        spec["defaultNumericAlertCondition"] = every
    else:
        spec["features"] = sorted(thresholds.columns)
    return spec


def _fields(columns: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "dataType": kind} for name, kind in columns.items()]
