"""Model monitoring version 2 on Google Cloud: what is planned, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import GcpMonitors, GcpThresholds
from mlplatform.spec.gcp.baseline import data_type
from tests.spec.stacks import ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
DEV["clouds"] = {"gcp": DEV["clouds"]["gcp"]}
MONITORING: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "skew": {"schedule": "0 6 * * *", "thresholds": {"Age": 0.2}},
    "gcp": {"version": 2, "features": ["Geography", "Age", "Balance"]},
}
CAPTURE = {"sampling_percent": 50, "retention_days": 30}
AT = "workloads.bankchurn.monitoring."


def watched(endpoint: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    given = {"capture": CAPTURE, **(endpoint or {})}
    keys = {f"workloads.bankchurn.endpoint.{key}": value for key, value in given.items()}
    return changed(DEV, {"workloads.bankchurn.monitoring": {**MONITORING, **changes}, **keys})


def planned(given: dict[str, Any]) -> tuple[GcpMonitors, set[str]]:
    platform = spec.read(given, stack="dev", root=ROOT)
    assert platform.gcp is not None
    (one,) = [w for w in platform.gcp.workloads if w.name == "bankchurn"]
    assert one.monitoring is None, "version 1 is not made as well"
    assert one.monitors is not None
    gaps = {gap.path.partition(AT)[2] for gap in platform.gaps if AT in gap.path}
    return one.monitors, gaps


def test_each_objective_keeps_its_own_cron() -> None:
    drift = {"schedule": "*/30 * * * *", "default_threshold": 0.1}
    found, gaps = planned(watched(drift=drift, prediction_drift={"schedule": "0 7 * * 1"}))
    assert [(one.name, one.cron, one.window) for one in found.objectives] == [
        ("skew", "0 6 * * *", "1d"),
        ("drift", "*/30 * * * *", "1h"),
        ("prediction_drift", "0 7 * * 1", "7d"),
    ]
    assert [one.with_training for one in found.objectives] == [True, False, False]
    assert gaps == set(), "what version 1 rounds or lacks is given"


def test_the_fields_of_requests_are_columns_of_the_baseline_in_the_order_of_requests() -> None:
    found, _ = planned(watched())
    assert list(found.features.items()) == [
        ("Geography", "categorical"),
        ("Age", "integer"),
        ("Balance", "float"),
    ]
    everything, _ = planned(watched(gcp={"version": 2}))
    assert list(everything.features)[:2] == ["customer_id", "CreditScore"]
    assert "Exited" not in everything.features


def test_answers_are_called_as_vertex_calls_them_and_a_label_of_few_numbers_is_a_class() -> None:
    found, _ = planned(
        watched(prediction_drift={"schedule": "0 * * * *", "thresholds": {"Exited": 0.1}})
    )
    assert found.predicted == ("predicted_Exited", "categorical")
    assert found.objectives[1].thresholds == GcpThresholds(
        columns={"predicted_Exited": 0.1}, default=None
    )


@pytest.mark.parametrize(
    ("values", "label", "kind"),
    [
        (("1", "-2", ""), False, "integer"),
        (("1", "2"), True, "categorical"),
        (tuple(map(str, range(21))), True, "integer"),
        (("1", "2.5"), False, "float"),
        (("true", "False"), False, "boolean"),
        (("Spain", "1"), False, "categorical"),
        (("", ""), False, "categorical"),
    ],
)
def test_a_column_s_type_follows_from_its_values(
    values: tuple[str, ...], label: bool, kind: str
) -> None:
    assert data_type(values, label=label) == kind


@pytest.mark.parametrize("name", ["data_quality", "attribution"])
def test_what_a_model_monitor_cannot_do_is_on_the_gap_list(name: str) -> None:
    assert planned(watched(**{name: {"schedule": "0 * * * *"}}))[1] == {name}


@pytest.mark.parametrize(
    ("endpoint", "change", "path", "words"),
    [
        ({"capture": None}, {}, "endpoint.capture", "which monitors of version 2 read"),
        ({"private": True}, {}, "endpoint.private", "a public endpoint"),
        ({}, {"baseline": None}, "monitoring.baseline", "the fields of requests"),
        ({}, {"baseline": "gs://rows/rows.csv"}, "monitoring.baseline", "tells the columns"),
        (
            {},
            {"gcp": {"version": 2, "features": ["Agee"]}},
            "monitoring.gcp.features[0]",
            "nearest: Age",
        ),
        (
            {},
            {"gcp": {"version": 2, "features": ["Age", "Exited"]}},
            "monitoring.gcp.features[1]",
            "not the label",
        ),
        (
            {},
            {"gcp": {"version": 2, "sampling_percent": 50}},
            "monitoring.gcp.sampling_percent",
            "endpoint.capture",
        ),
        ({}, {"gcp": {"features": ["Age"]}}, "monitoring.gcp.features", "version 2 only"),
        (
            {},
            {"skew": {"schedule": "0 6 * * *", "thresholds": {"Tenure": 0.2}}},
            "monitoring.skew.thresholds.Tenure",
            "allowed: Age, Balance, Geography",
        ),
        (
            {},
            {"label": None, "prediction_drift": {"schedule": "0 * * * *"}},
            "monitoring.label",
            "the column that the model predicts",
        ),
        ({}, {"skew": {"schedule": "hourly"}}, "monitoring.skew.schedule", "five"),
    ],
)
def test_a_monitor_that_cannot_be_is_refused(
    endpoint: dict[str, Any], change: dict[str, Any], path: str, words: str
) -> None:
    assert words in problems(watched(endpoint, **change))[f"workloads.bankchurn.{path}"]
