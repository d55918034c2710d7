from __future__ import annotations

import json
from typing import Any

import pytest

from components.aws.monitoring import Monitoring
from components.aws.monitoring_alarms import AlarmArgs
from components.aws.monitoring_jobs import MonitorArgs, MonitoringArgs, schedule_name
from mlplatform import contracts
from tests.recorder import Inventory, run

IMAGE = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
ALARM = AlarmArgs(
    name="f1",
    namespace="aws/sagemaker/Endpoints/model-metrics",
    metric="f1",
    threshold=0.7,
    comparison="LessThanThreshold",
)
DATA = MonitorArgs(
    kind="DataQuality",
    schedule="cron(0 * ? * * *)",
    interval_h=1,
    image_uri=IMAGE,
    constraints='{"features": []}',
)
QUALITY = MonitorArgs(
    kind="ModelQuality",
    schedule="cron(0 6 ? * * *)",
    interval_h=24,
    image_uri=IMAGE,
    problem_type="BinaryClassification",
    ground_truth_uri="s3://truth/bankchurn/",
    inference_attribute="0",
    alarms=[ALARM],
)
BIAS = MonitorArgs(
    kind="ModelBias",
    schedule="cron(0 6 ? * * *)",
    interval_h=24,
    image_uri=CLARIFY,
    analysis='{"label": "Exited"}',
    ground_truth_uri="s3://truth/bankchurn/",
    inference_attribute="0",
    alarms=[
        AlarmArgs(
            name="DPPL",
            namespace="aws/sagemaker/Endpoints/bias-metrics",
            metric="bias_metric_DPPL",
            threshold=0.1,
            comparison="GreaterThanThreshold",
            absolute=True,
            dimensions={"Facet": "Gender"},
        )
    ],
)
ATTRIBUTION = MonitorArgs(
    kind="ModelExplainability",
    schedule="cron(0 6 ? * * *)",
    interval_h=24,
    image_uri=CLARIFY,
    analysis='{"label": "Exited"}',
    inference_attribute="0",
)
BY_KIND = (DATA, QUALITY, BIAS, ATTRIBUTION)


def args(*monitors: MonitorArgs, **changes: Any) -> MonitoringArgs:
    facts: dict[str, Any] = {
        "endpoint_name": "ml-dev-bankchurn",
        "role_arn": "arn:aws:iam::123456789012:role/ml-dev-bankchurn-monitor",
        "model_name": "model-1",
        "bucket": "ml-dev-data",
        "prefix": "bankchurn/",
        "key_arn": "arn:aws:kms:us-east-1:123456789012:alias/ml-dev-data",
        "monitors": monitors,
        "instance_type": "ml.m5.xlarge",
        "volume_gib": 20,
        "max_run_s": 1800,
        "alert_emails": ["ml-team@example.com"],
        "tags": {"Project": "ml"},
    }
    return MonitoringArgs(**{**facts, **changes})


def made(*monitors: MonitorArgs, **changes: Any) -> Inventory:
    return run(lambda: Monitoring("watch", args(*monitors, **changes)))


def test_everything_of_all_four_monitors_would_be_accepted_by_aws() -> None:
    network = {"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-01234567"]}
    for found in (made(*BY_KIND), made(*BY_KIND, **network)):
        for resource in found.resources:
            if contracts.covers(resource.type):
                told = contracts.check(resource.type, resource.inputs)
                assert told == [], (resource.name, told)


def test_each_monitor_has_a_definition_a_schedule_and_alarms_that_tell_the_topic() -> None:
    found = made(*BY_KIND)
    children = found.children("watch")
    for slug in ("data-quality", "model-quality", "bias", "attribution"):
        assert {f"watch-{slug}", f"watch-{slug}-schedule", f"watch-{slug}-violated"} <= set(
            children
        )
    alarms = [r for r in found.resources if r.type.endswith(":MetricAlarm")]
    assert len(alarms) == 6
    for alarm in alarms:
        assert alarm.inputs["alarmActions"] == ["arn:mock:aws:watch-alerts"]
        assert alarm.inputs["treatMissingData"] == "notBreaching"
    subscription = found.one("aws:sns/topicSubscription:TopicSubscription")
    assert subscription.inputs["endpoint"] == "ml-team@example.com"


def test_a_changed_definition_has_another_name_and_the_schedule_keeps_its_own() -> None:
    token = "mlgap:aws:ModelQualityJobDefinition"
    before = made(QUALITY).one(token).inputs["jobDefinitionName"]
    assert before == made(QUALITY).one(token).inputs["jobDefinitionName"]
    after = made(QUALITY, max_run_s=900).one(token).inputs["jobDefinitionName"]
    assert before != after
    long = args(QUALITY, endpoint_name="ml-prod-" + "x" * 55)
    assert len(schedule_name(long, QUALITY)) <= 63
    schedule = made(QUALITY).one("aws:sagemaker/monitoringSchedule:MonitoringSchedule").inputs
    assert schedule["name"] == "ml-dev-bankchurn-model-quality"
    assert schedule["monitoringScheduleConfig"]["monitoringJobDefinitionName"] == before


def test_a_two_sided_threshold_compares_the_distance_from_zero() -> None:
    alarm = made(BIAS).one("aws:cloudwatch/metricAlarm:MetricAlarm", "watch-bias-DPPL").inputs
    found, distance = alarm["metricQueries"]
    assert distance["expression"] == "ABS(found)"
    assert found["metric"]["dimensions"] == {
        "Endpoint": "ml-dev-bankchurn",
        "MonitoringSchedule": "ml-dev-bankchurn-bias",
        "Facet": "Gender",
    }


def test_clarify_asks_a_shadow_of_the_model_for_explanations() -> None:
    uploads = made(ATTRIBUTION).one("aws:s3/bucketObjectv2:BucketObjectv2").inputs
    predictor = json.loads(uploads["content"])["predictor"]
    assert predictor["model_name"] == "model-1"
    assert predictor["endpoint_name_prefix"] == "clarify-ml-dev-bankchurn"
    assert "predictor" not in json.loads(
        made(BIAS).one("aws:s3/bucketObjectv2:BucketObjectv2").inputs["content"]
    )


def test_runs_that_end_with_violations_of_this_schedule_are_counted() -> None:
    rule = made(DATA).one("aws:cloudwatch/eventRule:EventRule").inputs
    detail = json.loads(rule["eventPattern"])["detail"]
    assert detail["ExitMessage"] == [{"prefix": "CompletedWithViolations"}]
    assert detail["Environment"]["sagemaker_monitoring_schedule_name"] == [
        "ml-dev-bankchurn-data-quality"
    ]


@pytest.mark.parametrize(
    ("kind", "truth"), [("ModelBias", None), ("DataQuality", "s3://b/t"), ("Drift", None)]
)
def test_a_monitor_that_cannot_be_is_refused(kind: str, truth: str | None) -> None:
    with pytest.raises(ValueError, match=r"kind|ground_truth_uri"):
        MonitorArgs(
            kind=kind,
            schedule="cron(0 * ? * * *)",
            interval_h=1,
            image_uri=IMAGE,
            ground_truth_uri=truth,
        )
