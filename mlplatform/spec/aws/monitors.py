"""The monitors of one workload on SageMaker: one job definition and schedule for each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlplatform.catalog import aws_monitoring as catalog
from mlplatform.spec import artifacts, schedules
from mlplatform.spec.aws import baseline
from mlplatform.spec.aws import monitor_alarms as alarms
from mlplatform.spec.aws.baseline import Column
from mlplatform.spec.models.artifact import PerCloudModel
from mlplatform.spec.models.aws import AwsMonitoringModel
from mlplatform.spec.models.monitoring import MonitoringModel, MonitorModel
from mlplatform.spec.plan.aws_data import AwsMonitor
from mlplatform.spec.scope import Scope

_PROBLEMS = {
    "binary": ("BinaryClassification", "binary_classification_constraints"),
    "multiclass": ("MulticlassClassification", "multiclass_classification_constraints"),
    "regression": ("Regression", "regression_constraints"),
}


class Maker:
    """The monitors of one workload."""

    def __init__(
        self,
        scope: Scope,
        region: str,
        asked: MonitoringModel,
        own: AwsMonitoringModel,
        columns: tuple[Column, ...],
        at: str,
    ) -> None:
        self._scope, self._asked, self._own = scope, asked, own
        self._columns, self._at = columns, at
        self._analyzer = catalog.analyzer_image(region)
        self._clarify = catalog.clarify_image(region)
        self._region = region
        quality = asked.model_quality
        self._truth = self._ground_truth(quality.ground_truth) if quality is not None else None

    def all(self) -> Iterator[AwsMonitor]:
        """Each that is asked for and can be made."""
        for one in (self._data(), self._quality(), self._bias(), self._attribution()):
            if one is not None:
                yield one

    def _data(self) -> AwsMonitor | None:
        asked, compared = self._asked, self._own.statistics is not None
        wanted = asked.data_quality or (asked.skew if compared else None)
        if wanted is None:
            return None
        name = "data_quality" if asked.data_quality else "skew"
        schedule = self._schedule(wanted, name)
        image = self._image(self._analyzer, name)
        if schedule is None or image is None:
            return None
        if not self._columns and self._own.constraints is None:
            self._scope.findings.missing(
                f"{self._at}.baseline", "the training data, which data quality is compared with"
            )
        distances = asked.skew or wanted
        made = (
            baseline.constraints(self._columns, compared=distances if compared else None)
            if self._columns
            else None
        )
        return AwsMonitor(
            kind="DataQuality",
            schedule=schedule[0],
            interval_h=schedule[1],
            image_uri=image,
            constraints=_text(made) if made and not self._own.constraints else None,
            constraints_uri=self._own.constraints,
            statistics_uri=self._own.statistics,
            alarms=alarms.drift([one.name for one in self._columns], distances) if compared else (),
        )

    def _quality(self) -> AwsMonitor | None:
        asked = self._asked.model_quality
        if asked is None:
            return None
        at = f"{self._at}.model_quality"
        schedule = self._schedule(asked, "model_quality")
        image = self._image(self._analyzer, "model_quality")
        truth = self._truth
        sides = catalog.QUALITY_METRICS[asked.problem]
        for metric in asked.thresholds.keys() - sides.keys():
            noun = f"metrics of {asked.problem} models"
            self._scope.findings.not_among(f"{at}.thresholds.{metric}", metric, sides, noun)
        if schedule is None or image is None or truth is None:
            return None
        kind, place = _PROBLEMS[asked.problem]
        limits = {name: t for name, t in asked.thresholds.items() if name in sides}
        document = {
            "version": 0,
            place: {
                name: {"threshold": limit, "comparison_operator": sides[name]}
                for name, limit in limits.items()
            },
        }
        return AwsMonitor(
            kind="ModelQuality",
            schedule=schedule[0],
            interval_h=schedule[1],
            image_uri=image,
            constraints=_text(document) if limits else None,
            problem_type=kind,
            ground_truth_uri=truth,
            inference_attribute=self._own.inference_attribute,
            alarms=alarms.quality(limits, sides),
        )

    def _bias(self) -> AwsMonitor | None:
        asked, quality = self._asked.bias, self._asked.model_quality
        if asked is None:
            return None
        at, findings = f"{self._at}.bias", self._scope.findings
        schedule, image = self._schedule(asked, "bias"), self._image(self._clarify, "bias")
        label = self._label("bias")
        for metric in asked.thresholds.keys() - catalog.BIAS_METRICS:
            findings.not_among(
                f"{at}.thresholds.{metric}", metric, catalog.BIAS_METRICS, "bias metrics"
            )
        self._among_columns(f"{at}.facet", asked.facet)
        truth = self._truth
        if quality is None:
            findings.missing(
                f"{self._at}.model_quality",
                "its ground_truth: bias is measured on predictions and what came true",
            )
        if schedule is None or image is None or label is None or truth is None:
            return None
        values = self._own.positive_label or [1]
        limits = {n: t for n, t in asked.thresholds.items() if n in catalog.BIAS_METRICS}
        document = {
            "version": "1.0",
            "headers": [column.name for column in self._columns],
            "label": label,
            "label_values_or_threshold": values,
            "facet": [{"name_or_index": asked.facet, "value_or_threshold": asked.facet_values}],
            "methods": {"post_training_bias": {"methods": sorted(limits) or "all"}},
        }
        return AwsMonitor(
            kind="ModelBias",
            schedule=schedule[0],
            interval_h=schedule[1],
            image_uri=image,
            analysis=_text(document),
            ground_truth_uri=truth,
            inference_attribute=self._own.inference_attribute,
            alarms=alarms.bias(limits, asked, label, values),
        )

    def _attribution(self) -> AwsMonitor | None:
        asked = self._asked.attribution
        if asked is None:
            return None
        schedule = self._schedule(asked, "attribution")
        image, label = self._image(self._clarify, "attribution"), self._label("attribution")
        for column in asked.thresholds:
            self._among_columns(f"{self._at}.attribution.thresholds.{column}", column)
        if schedule is None or image is None or label is None:
            return None
        document = {
            "version": "1.0",
            "headers": [column.name for column in self._columns],
            "label": label,
            "methods": {"shap": {"num_samples": 100, "agg_method": "mean_abs"}},
        }
        return AwsMonitor(
            kind="ModelExplainability",
            schedule=schedule[0],
            interval_h=schedule[1],
            image_uri=image,
            analysis=_text(document),
            inference_attribute=self._own.inference_attribute,
            alarms=alarms.attribution(asked),
        )

    def _schedule(self, asked: MonitorModel, name: str) -> tuple[str, int] | None:
        """Expression and hours from one run to the next."""
        path = f"{self._at}.{name}.schedule"
        found = schedules.read(asked.schedule, path, self._scope.findings)
        if found is None:
            return None
        expression = sagemaker_cron(found)
        if expression is None:
            self._scope.findings.problem(
                path,
                asked.schedule,
                'allowed on aws: "0 * * * *" (hourly), "0 H * * *" (daily) or "0 H/N * * *" (every '
                "N hours); Model Monitor starts on the hour",
            )
            return None
        pause_s = found.interval_s or schedules.HOUR_S
        if self._own.max_run_s > pause_s:
            self._scope.findings.problem(
                f"{self._at}.aws.max_run_s",
                self._own.max_run_s,
                f"allowed: at most {pause_s}, the time from one run to the next",
            )
        return expression, pause_s // schedules.HOUR_S

    def _image(self, image: str | None, name: str) -> str | None:
        if image is None:
            self._scope.findings.problem(
                f"{self._at}.{name}", "asked", f"SageMaker has no image for it in {self._region}"
            )
        return image

    def _label(self, name: str) -> str | None:
        label = self._asked.label
        if label is None:
            self._scope.findings.missing(f"{self._at}.label", f"what the model predicts: {name}")
        else:
            self._among_columns(f"{self._at}.label", label)
        return label

    def _among_columns(self, path: str, column: str) -> None:
        names = [one.name for one in self._columns]
        if names and column not in names:
            self._scope.findings.not_among(path, column, names, "columns of the baseline")

    def _ground_truth(self, given: str | PerCloudModel) -> str | None:
        path = f"{self._at}.model_quality.ground_truth"
        found = given.aws if isinstance(given, PerCloudModel) else given
        if found is None:
            self._scope.findings.missing(f"{path}.aws", "one for aws, which this workload uses")
        elif not artifacts.SCHEMES["aws"].fullmatch(found):
            self._scope.findings.problem(path, found, "allowed on aws: s3://bucket/prefix")
        else:
            return found
        return None


def sagemaker_cron(schedule: schedules.Schedule) -> str | None:
    """The form that Model Monitor takes; ``None`` where it has none for this schedule.

    Source: botocore sagemaker ScheduleConfig, ScheduleExpression: hourly, daily, or every N hours.
    """
    if schedule.minutes != (0,) or schedule.days or schedule.months or schedule.weekdays:
        return None
    hours = schedule.hours
    if len(hours) == 24:
        return "cron(0 * ? * * *)"
    if len(hours) == 1:
        return f"cron(0 {hours[0]} ? * * *)"
    step = hours[1] - hours[0]
    if hours == tuple(range(hours[0], 24, step)):
        return f"cron(0 {hours[0]}/{step} ? * * *)"
    return None


def _text(document: object) -> str:
    return json.dumps(document, sort_keys=True)
