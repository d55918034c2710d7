"""Alarms on what SageMaker's monitoring jobs publish; pure.

Source of namespaces, metric names and dimensions: SageMaker guide, "CloudWatch metrics" of each
kind of monitor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlplatform.spec.models.monitoring import BiasModel, MonitorModel
from mlplatform.spec.plan.aws_data import AwsAlarm

_SPACE = "aws/sagemaker/Endpoints"
_ABOVE = "GreaterThanThreshold"


def drift(columns: Sequence[str], asked: MonitorModel) -> tuple[AwsAlarm, ...]:
    """A column's distance from the baseline's distribution."""
    every = dict.fromkeys(columns, asked.default_threshold)
    return tuple(
        AwsAlarm(
            name=f"drift-{column}",
            namespace=f"{_SPACE}/data-metrics",
            metric=f"feature_baseline_drift_{column}",
            threshold=limit,
            comparison=_ABOVE,
        )
        for column, limit in {**every, **asked.thresholds}.items()
        if limit is not None
    )


def quality(limits: Mapping[str, float], sides: Mapping[str, str]) -> tuple[AwsAlarm, ...]:
    """A metric of predictions against what came true; ``sides``: which side of it is bad."""
    return tuple(
        AwsAlarm(
            name=name,
            namespace=f"{_SPACE}/model-metrics",
            metric=name,
            threshold=limit,
            comparison=sides[name],
        )
        for name, limit in limits.items()
    )


def bias(
    limits: Mapping[str, float], asked: BiasModel, label: str, values: Sequence[object]
) -> tuple[AwsAlarm, ...]:
    """A bias metric's distance from zero, on either side."""
    return tuple(
        AwsAlarm(
            name=name,
            namespace=f"{_SPACE}/bias-metrics",
            metric=f"bias_metric_{name}",
            threshold=limit,
            comparison=_ABOVE,
            absolute=True,
            dimensions={
                "BiasStage": "Post-Training",
                "Label": label,
                "LabelValue": ",".join(map(str, values)),
                "Facet": asked.facet,
                "FacetValue": ",".join(map(str, asked.facet_values)),
            },
        )
        for name, limit in limits.items()
    )


def attribution(asked: MonitorModel) -> tuple[AwsAlarm, ...]:
    """How much a feature counts."""
    return tuple(
        AwsAlarm(
            name=column,
            namespace=f"{_SPACE}/explainability-metrics",
            metric=f"feature_{column}",
            threshold=limit,
            comparison=_ABOVE,
            dimensions={
                "ExplainabilityMethod": "KernelShap",
                "Label": "label0",
                "ValueType": "GlobalShapValues",
            },
        )
        for column, limit in asked.thresholds.items()
    )
