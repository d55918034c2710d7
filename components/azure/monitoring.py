"""Model monitors on Azure ML: a schedule for each thing that is watched.

Creates, for a component named ``NAME`` and each monitor ``M`` of a variant ``V``:

========================  =============================================  ==================
child                     type                                           when
========================  =============================================  ==================
``NAME-V-M``              azure-native:machinelearningservices:Schedule  always
``NAME-V-model-quality``  mlgap:azure:MonitorSchedule                    with ``model_quality``
========================  =============================================  ==================

The service has thresholds for numbers and for categories, none for a column. So each column with a
threshold of its own is a signal of its own, over that column only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.azure import model_quality
from components.azure.model_quality import ModelQualityArgs
from components.azure.workspace import Workspace
from components.core.base import MlComponent
from mlplatform.gaps.sdk import azure as mlgap

Kind = Literal["data_quality", "skew", "drift", "prediction_drift", "attribution"]
SPARK_RUNTIME = "3.4"
"""The runtime that azure-ai-ml 1.35.2 asks for where none is given."""
_NUMBERS, _CATEGORIES = "NormalizedWassersteinDistance", "JensenShannonDistance"
_QUALITY = ("NullValueRate", "DataTypeErrorRate", "OutOfBoundsRate")
_ALL = "all"
DEFAULTS: Mapping[Kind, float] = {
    "data_quality": 0.0,
    "skew": 0.1,
    "drift": 0.1,
    "prediction_drift": 0.1,
    "attribution": 0.9,
}
"""Thresholds where none is given: those that azure-ai-ml 1.35.2 gives its signals."""


@dataclass(frozen=True, kw_only=True)
class MonitorArgs:
    """One thing that is watched."""

    kind: Kind
    cron: str
    """Five fields, in UTC."""
    window_days: int = 1
    """How much of what was captured is looked at; the same before it, for drift."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """By column."""
    default_threshold: float | None = None
    """For all columns; ``DEFAULTS`` when neither is given."""


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What a caller decides."""

    workspace: Workspace
    workload: str
    variants: Sequence[str]
    identity_id: str
    """Of the identity that the jobs run under."""
    monitors: Sequence[MonitorArgs]
    model_quality: ModelQualityArgs | None = None
    """Predictions against what came true."""
    baseline_uri: str | None = None
    """The training data, a CSV file."""
    label: str | None = None
    """The column that the model predicts."""
    emails: Sequence[str] = ()
    instance_type: str = "standard_e4s_v3"

    def __post_init__(self) -> None:
        for monitor in self.monitors:
            needs = monitor.kind in ("data_quality", "skew", "attribution")
            if needs and self.baseline_uri is None:
                raise ValueError(f"baseline_uri: needed for {monitor.kind}")
            if monitor.kind == "attribution" and self.label is None:
                raise ValueError("label: needed for attribution")


class Monitoring(MlComponent):
    """The monitors of one workload."""

    kind = "azure:Monitoring"

    schedules: list[str]

    def __init__(
        self,
        name: str,
        args: MonitoringArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        self.schedules = []
        for variant in args.variants:
            for monitor in args.monitors:
                suffix = monitor.kind.replace("_", "-")
                schedule = f"{name}-{variant}-{suffix}"
                self.schedules.append(schedule)
                ml.Schedule(
                    self._child(variant, suffix),
                    resource_group_name=args.workspace.place.resource_group,
                    workspace_name=args.workspace.workspace_name,
                    name=schedule,
                    properties=ml.SchedulePropertiesArgs(
                        display_name=schedule,
                        is_enabled=True,
                        trigger=ml.CronTriggerArgs(
                            trigger_type="Cron", expression=monitor.cron, time_zone="UTC"
                        ),
                        action=ml.CreateMonitorActionArgs(
                            action_type="CreateMonitor",
                            monitor_definition=_definition(args, variant, monitor),
                        ),
                    ),
                    opts=self._opts(depends_on=after),
                )
            if args.model_quality is not None:
                self.schedules.append(self._quality(args, args.model_quality, variant, after))
        self.register_outputs({"schedules": self.schedules})

    def _quality(
        self,
        args: MonitoringArgs,
        asked: ModelQualityArgs,
        variant: str,
        after: Sequence[pulumi.Resource],
    ) -> str:
        schedule = f"{self._name}-{variant}-model-quality"
        mlgap.MonitorSchedule(
            self._child(variant, "model-quality"),
            resource_group_name=args.workspace.place.resource_group,
            workspace_name=args.workspace.workspace_name,
            name=schedule,
            properties=model_quality.properties(
                asked,
                answers_uri=args.workspace.captured_uri(f"{args.workload}/{variant}/model_outputs"),
                identity_id=args.identity_id,
                instance_type=args.instance_type,
                runtime=SPARK_RUNTIME,
                emails=args.emails,
            ),
            opts=self._opts(depends_on=after),
        )
        return schedule


def _definition(args: MonitoringArgs, variant: str, monitor: MonitorArgs) -> Any:
    return ml.MonitorDefinitionArgs(
        compute_configuration=ml.MonitorServerlessSparkComputeArgs(
            compute_type="ServerlessSpark",
            instance_type=args.instance_type,
            runtime_version=SPARK_RUNTIME,
            compute_identity=ml.ManagedComputeIdentityArgs(
                compute_identity_type="ManagedIdentity",
                identity=ml.ManagedServiceIdentityArgs(
                    type="UserAssigned", user_assigned_identities=[args.identity_id]
                ),
            ),
        ),
        alert_notification_settings=ml.MonitorNotificationSettingsArgs(
            email_notification_settings=ml.MonitorEmailNotificationSettingsArgs(
                emails=list(args.emails)
            )
        )
        if args.emails
        else None,
        signals=dict(_signals(args, variant, monitor)),
    )


def _signals(args: MonitoringArgs, variant: str, monitor: MonitorArgs) -> list[tuple[str, Any]]:
    if monitor.kind == "attribution":
        return [("attribution", _attribution(args, variant, monitor))]
    if monitor.kind == "prediction_drift":
        return [("predictions", _predictions(args, variant, monitor))]
    found = [
        (f"column-{column}", _columns(args, variant, monitor, column, threshold))
        for column, threshold in sorted(monitor.thresholds.items())
    ]
    if monitor.default_threshold is not None or not found:
        found.append((_ALL, _columns(args, variant, monitor, None, _default(monitor))))
    return found


def _columns(
    args: MonitoringArgs,
    variant: str,
    monitor: MonitorArgs,
    column: str | None,
    threshold: float,
) -> Any:
    """Data drift or data quality, over one column or all."""
    reference = (
        _captured(args, variant, "model_inputs", monitor, before=True)
        if monitor.kind == "drift"
        else _baseline(args)
    )
    common: dict[str, Any] = {
        "production_data": _captured(args, variant, "model_inputs", monitor),
        "reference_data": reference,
        "features": ml.AllFeaturesArgs(filter_type="AllFeatures")
        if column is None
        else ml.FeatureSubsetArgs(filter_type="FeatureSubset", features=[column]),
        "notification_types": _notified(args),
    }
    limit = ml.MonitoringThresholdArgs(value=threshold)
    if monitor.kind == "data_quality":
        return ml.DataQualityMonitoringSignalArgs(
            signal_type="DataQuality",
            metric_thresholds=[
                thresholds(data_type=kind, metric=metric, threshold=limit)
                for kind, thresholds in (
                    ("Numerical", ml.NumericalDataQualityMetricThresholdArgs),
                    ("Categorical", ml.CategoricalDataQualityMetricThresholdArgs),
                )
                for metric in _QUALITY
            ],
            **common,
        )
    return ml.DataDriftMonitoringSignalArgs(
        signal_type="DataDrift",
        metric_thresholds=[
            ml.NumericalDataDriftMetricThresholdArgs(
                data_type="Numerical", metric=_NUMBERS, threshold=limit
            ),
            ml.CategoricalDataDriftMetricThresholdArgs(
                data_type="Categorical", metric=_CATEGORIES, threshold=limit
            ),
        ],
        **common,
    )


def _notified(args: MonitoringArgs) -> list[str] | None:
    """Azure ML writes to the addresses of the monitor about signals that say so, and no others
    (azure-ai-ml, MonitoringNotificationType).
    """
    return ["AmlNotification"] if args.emails else None


def _default(monitor: MonitorArgs) -> float:
    given = monitor.default_threshold
    return DEFAULTS[monitor.kind] if given is None else given


def _predictions(args: MonitoringArgs, variant: str, monitor: MonitorArgs) -> Any:
    limit = ml.MonitoringThresholdArgs(value=_default(monitor))
    return ml.PredictionDriftMonitoringSignalArgs(
        signal_type="PredictionDrift",
        notification_types=_notified(args),
        production_data=_captured(args, variant, "model_outputs", monitor),
        reference_data=_captured(args, variant, "model_outputs", monitor, before=True),
        metric_thresholds=[
            ml.NumericalPredictionDriftMetricThresholdArgs(
                data_type="Numerical", metric=_NUMBERS, threshold=limit
            ),
            ml.CategoricalPredictionDriftMetricThresholdArgs(
                data_type="Categorical", metric=_CATEGORIES, threshold=limit
            ),
        ],
    )


def _attribution(args: MonitoringArgs, variant: str, monitor: MonitorArgs) -> Any:
    return ml.FeatureAttributionDriftMonitoringSignalArgs(
        signal_type="FeatureAttributionDrift",
        notification_types=_notified(args),
        feature_importance_settings=ml.FeatureImportanceSettingsArgs(
            mode="Enabled", target_column=args.label
        ),
        metric_threshold=ml.FeatureAttributionMetricThresholdArgs(
            metric="NormalizedDiscountedCumulativeGain",
            threshold=ml.MonitoringThresholdArgs(value=_default(monitor)),
        ),
        production_data=[
            _captured(args, variant, "model_inputs", monitor),
            _captured(args, variant, "model_outputs", monitor),
        ],
        reference_data=_baseline(args),
    )


def _captured(
    args: MonitoringArgs, variant: str, what: str, monitor: MonitorArgs, *, before: bool = False
) -> Any:
    """What the endpoint kept in the window, or in the one before it."""
    return ml.RollingInputDataArgs(
        input_data_type="Rolling",
        job_input_type="uri_folder",
        data_context=what,
        uri=args.workspace.captured_uri(f"{args.workload}/{variant}/{what}"),
        window_size=f"P{monitor.window_days}D",
        window_offset=f"P{monitor.window_days if before else 0}D",
    )


def _baseline(args: MonitoringArgs) -> Any:
    return ml.FixedInputDataArgs(
        input_data_type="Fixed",
        job_input_type="uri_file",
        data_context="training",
        uri=str(args.baseline_uri),
        columns={"target_column": args.label} if args.label is not None else None,
    )
