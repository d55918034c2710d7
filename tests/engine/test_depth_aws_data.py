"""Data, training and monitoring on AWS: one small stack, brought up, read back, changed, destroyed.

The tests run in the order of the file and share one sandbox. What is read back comes from boto3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Project
from tests.engine.test_walk_aws import client, control

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("up")]

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:ml-dev-bankchurn-train"
GROUP = "ml-dev-bankchurn-customers"
CUSTOMERS: dict[str, Any] = {
    "record_id": "customer_id",
    "event_time": "event_time",
    "columns": {
        "customer_id": "string",
        "event_time": "timestamp",
        "Age": "integer",
        "Balance": "float",
        "HasCrCard": "boolean",
    },
    "online": {"ttl_s": 86400},
}
TRAINING: dict[str, Any] = {
    "accelerator": {"want": "V100", "or": "T4"},
    "spot": True,
    "max_run_s": 3600,
    "code": "models/bankchurn/code",
    "entry_point": "train.py",
    "hyperparameters": {"trees": 30},
    "data": {"train": "models/bankchurn/customers.csv"},
    "schedule": "0 3 * * 1",
    "run": True,
}
ENDPOINT: dict[str, Any] = {
    "capture": {},
    "scaling": {"min": 1, "max": 2},
    "variants": {"primary": {"weight": 100}},
    "aws": {
        "instance_type": "ml.m5.large",
        "target": {"invocations_per_instance_per_minute": 100},
    },
}
MONITORING: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "alert_emails": ["ml-team@example.com"],
    "data_quality": {"schedule": "0 * * * *"},
    "model_quality": {
        "schedule": "0 6 * * *",
        "problem": "binary",
        "ground_truth": {"aws": "s3://ground-truth/bankchurn"},
        "thresholds": {"f1": 0.7},
    },
    "bias": {
        "schedule": "0 6 * * *",
        "facet": "Gender",
        "facet_values": ["Female"],
        "thresholds": {"DPPL": 0.1},
    },
    "attribution": {"schedule": "0 6 * * *", "thresholds": {"Age": 0.5}},
}
CONFIG: dict[str, Any] = {
    "mlplatform:labels": {
        "project": "ml-platform",
        "owner": "ml-team",
        "cost_center": "data-science",
        "data_class": "internal",
        "auto_shutdown": True,
        "backup_required": False,
    },
    "mlplatform:clouds": {
        "aws": {
            "account_id": "123456789012",
            "region": "us-east-1",
            "quotas": {"request": True},
        }
    },
    "mlplatform:workloads": {
        "bankchurn": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": "models/bankchurn/model.tar.gz",
            },
            "training": TRAINING,
            "endpoint": ENDPOINT,
            "monitoring": MONITORING,
            "features": {"customers": CUSTOMERS},
        }
    },
}


def stack_file(**bankchurn: Any) -> dict[str, Any]:
    """The stack, with keys of the workload changed."""
    config = json.loads(json.dumps(CONFIG))
    config["mlplatform:workloads"]["bankchurn"].update(json.loads(json.dumps(bankchurn)))
    return {"config": config}


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[str]:
    project.write_stack_file(stack_file())
    yield project.run("sandbox", "up").text


def features(project: Project) -> dict[str, Any]:
    sagemaker = client(project, "sagemaker")
    found: dict[str, Any] = sagemaker.describe_feature_group(FeatureGroupName=GROUP)
    return found


def test_the_feature_group_is_as_declared_with_its_role_key_and_table(
    project: Project, up: str
) -> None:
    found = features(project)
    assert found["FeatureGroupStatus"] == "Created"
    assert {f["FeatureName"]: f["FeatureType"] for f in found["FeatureDefinitions"]} == {
        "customer_id": "String",
        "event_time": "String",
        "Age": "Integral",
        "Balance": "Fractional",
        "HasCrCard": "Integral",
    }
    assert "asked boolean, given Integral, 0 or 1" in up, "what was not given as asked is told"
    online, offline = found["OnlineStoreConfig"], found["OfflineStoreConfig"]
    assert online["TtlDuration"] == {"Unit": "Seconds", "Value": 86400}
    assert online["SecurityConfig"]["KmsKeyId"].split(":")[-1].startswith("alias/ml-dev-")
    assert found["RoleArn"].endswith("role/ml-dev-bankchurn-features")
    table = client(project, "glue").get_table(
        DatabaseName=offline["DataCatalogConfig"]["Database"],
        Name=offline["DataCatalogConfig"]["TableName"],
    )["Table"]
    assert table["StorageDescriptor"]["Location"].startswith(offline["S3StorageConfig"]["S3Uri"])


def quality_definition(project: Project) -> str:
    found = client(project, "sagemaker").describe_monitoring_schedule(
        MonitoringScheduleName="ml-dev-bankchurn-model-quality"
    )
    return str(found["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"])


def machine(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = client(project, "stepfunctions").describe_state_machine(
        stateMachineArn=MACHINE
    )
    return found


def test_a_run_of_the_stack_and_a_started_run_are_the_same_definition(project: Project) -> None:
    sagemaker = client(project, "sagemaker")
    (listed,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    run = sagemaker.describe_training_job(TrainingJobName=listed["TrainingJobName"])
    assert run["TrainingJobStatus"] == "Completed"
    assert run["EnableManagedSpotTraining"] is True
    assert run["EnableNetworkIsolation"] is True
    assert run["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert run["HyperParameters"] == {
        "trees": "30",
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "/opt/ml/input/data/code",
    }
    found = machine(project)
    assert found["roleArn"].endswith("role/ml-dev-bankchurn-start")
    (state,) = json.loads(found["definition"])["States"].values()
    started = state["Parameters"]
    for member in ("RoleArn", "AlgorithmSpecification", "InputDataConfig", "ResourceConfig"):
        assert started[member] == run[member]
    for channel in run["InputDataConfig"]:
        bucket, _, key = channel["DataSource"]["S3DataSource"]["S3Uri"][5:].partition("/")
        there = client(project, "s3").list_objects_v2(Bucket=bucket, Prefix=key)
        assert there["KeyCount"] > 0, channel


def test_what_the_stack_needs_is_told_and_asked_for(project: Project, up: str) -> None:
    assert "ml.g4dn.xlarge for spot training job usage" in up
    found = client(project, "service-quotas").get_service_quota(
        ServiceCode="sagemaker", QuotaCode="L-944F78BB"
    )["Quota"]
    assert found["QuotaName"] == "ml.g4dn.xlarge for spot training job usage"
    assert found["Value"] == 1.0, "it began at 0"


def test_the_schedule_starts_the_definition_with_a_role_of_its_own(project: Project) -> None:
    schedule = client(project, "scheduler").get_schedule(Name="ml-dev-bankchurn-train")
    assert schedule["ScheduleExpression"] == "cron(0 3 ? * MON *)"
    assert schedule["Target"]["Arn"] == MACHINE
    role = schedule["Target"]["RoleArn"].rpartition("/")[2]
    iam = client(project, "iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    (statement,) = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"][
        "Statement"
    ]
    assert (statement["Action"], statement["Resource"]) == ("states:StartExecution", MACHINE)


def test_each_monitor_is_scheduled_on_the_endpoint_with_a_baseline_that_is_there(
    project: Project,
) -> None:
    sagemaker, s3 = client(project, "sagemaker"), client(project, "s3")
    found = sagemaker.list_monitoring_schedules(EndpointName="ml-dev-bankchurn")
    schedules = {one["MonitoringType"]: one for one in found["MonitoringScheduleSummaries"]}
    assert set(schedules) == {"DataQuality", "ModelQuality", "ModelBias", "ModelExplainability"}
    assert {one["MonitoringScheduleStatus"] for one in schedules.values()} == {"Scheduled"}
    hourly = sagemaker.describe_monitoring_schedule(
        MonitoringScheduleName="ml-dev-bankchurn-data-quality"
    )["MonitoringScheduleConfig"]
    assert hourly["ScheduleConfig"]["ScheduleExpression"] == "cron(0 * ? * * *)"
    data = sagemaker.describe_data_quality_job_definition(
        JobDefinitionName=hourly["MonitoringJobDefinitionName"]
    )
    cluster = data["JobResources"]["ClusterConfig"]
    assert (cluster["InstanceType"], cluster["InstanceCount"], cluster["VolumeSizeInGB"]) == (
        "ml.m5.xlarge",
        1,
        20,
    )
    uri = data["DataQualityBaselineConfig"]["ConstraintsResource"]["S3Uri"]
    bucket, _, key = uri[5:].partition("/")
    constraints = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert "Balance" in {feature["name"] for feature in constraints["features"]}
    bias = sagemaker.describe_model_bias_job_definition(
        JobDefinitionName=schedules["ModelBias"]["MonitoringJobDefinitionName"]
    )
    bucket, _, key = bias["ModelBiasAppSpecification"]["ConfigUri"][5:].partition("/")
    assert json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["label"] == "Exited"


def test_violations_raise_alarms_that_tell_people(project: Project) -> None:
    alarms = client(project, "cloudwatch").describe_alarms(AlarmNamePrefix="ml-dev-bankchurn-")
    by_name = {one["AlarmName"]: one for one in alarms["MetricAlarms"]}
    wanted = {
        "ml-dev-bankchurn-data-quality-violated",
        "ml-dev-bankchurn-model-quality-f1",
        "ml-dev-bankchurn-bias-DPPL",
        "ml-dev-bankchurn-attribution-Age",
    }
    assert wanted <= set(by_name)
    (topic,) = {action for name in wanted for action in by_name[name]["AlarmActions"]}
    (told,) = client(project, "sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert told["Endpoint"] == "ml-team@example.com"
    rule = client(project, "events").describe_rule(Name="ml-dev-bankchurn-data-quality")
    assert "CompletedWithViolations" in rule["EventPattern"]


def test_jobs_that_fill_the_groups_have_a_role_for_that_alone(project: Project) -> None:
    iam, role = client(project, "iam"), "ml-dev-bankchurn-ingest"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    records, _ = document["Statement"]
    assert records["Resource"] == [
        f"arn:aws:sagemaker:us-east-1:123456789012:feature-group/{GROUP}"
    ]
    assert "sagemaker:PutRecord" in records["Action"]


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_removing_a_feature_is_refused_in_the_preview_with_what_to_do(project: Project) -> None:
    columns = {k: v for k, v in CUSTOMERS["columns"].items() if k != "Balance"}
    columns["Age"] = "float"
    project.write_stack_file(stack_file(features={"customers": {**CUSTOMERS, "columns": columns}}))
    refused = project.run("sandbox", "preview", expect=None)
    assert refused.code != 0
    assert "feature Balance cannot be removed from a live group" in refused.text
    assert "feature Age is Integral and cannot become Fractional" in refused.text
    assert "under another name" in refused.text


def test_a_job_that_would_be_refused_at_its_first_run_is_refused_in_the_preview(
    project: Project,
) -> None:
    own = {"environment": {"NO-NAME": "x"}}
    project.write_stack_file(stack_file(training={**TRAINING, "run": False, "aws": own}))
    refused = project.run("sandbox", "preview", expect=None)
    assert refused.code != 0
    assert "Train.Parameters" in refused.text
    assert "NO-NAME" in refused.text


def record(project: Project) -> dict[str, str]:
    runtime = client(project, "sagemaker-featurestore-runtime")
    found = runtime.get_record(FeatureGroupName=GROUP, RecordIdentifierValueAsString="c1")
    return {one["FeatureName"]: one["ValueAsString"] for one in found["Record"]}


def test_changes_happen_in_place(project: Project) -> None:
    values = {"customer_id": "c1", "event_time": "2026-11-21T06:00:00Z", "Age": "47"}
    client(project, "sagemaker-featurestore-runtime").put_record(
        FeatureGroupName=GROUP,
        Record=[{"FeatureName": name, "ValueAsString": text} for name, text in values.items()],
    )
    created, made = features(project)["CreationTime"], machine(project)["creationDate"]
    watched = quality_definition(project)
    columns = {**CUSTOMERS["columns"], "Tenure": "integer"}
    project.write_stack_file(
        stack_file(
            features={"customers": {**CUSTOMERS, "columns": columns, "online": {}}},
            training={**TRAINING, "hyperparameters": {"trees": 40}},
            monitoring={
                **MONITORING,
                "model_quality": {**MONITORING["model_quality"], "thresholds": {"f1": 0.8}},
            },
        )
    )
    project.run("sandbox", "up")
    found = features(project)
    assert found["CreationTime"] == created, "the same group"
    assert record(project) == values, "with its records"
    assert found["FeatureDefinitions"][-1] == {"FeatureName": "Tenure", "FeatureType": "Integral"}
    assert "TtlDuration" not in found["OnlineStoreConfig"]
    other = quality_definition(project)
    assert other != watched, "a changed definition stood beside the old one"
    with pytest.raises(client(project, "sagemaker").exceptions.ResourceNotFound):
        client(project, "sagemaker").describe_model_quality_job_definition(
            JobDefinitionName=watched
        )
    changed = machine(project)
    assert changed["creationDate"] == made
    assert '"trees": "40"' in changed["definition"]
    jobs = client(project, "sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert len(jobs) == 1, "a new definition ran, and the old run's record went"
    project.run("sandbox", "preview", "--", "--expect-no-changes")


def test_destroy_leaves_only_keys_pending_deletion_and_up_works_again(project: Project) -> None:
    project.run("sandbox", "destroy")
    left = control(project, "GET", "resources")
    assert all("PendingDeletion" in line for line in left), left
    project.run("sandbox", "up")
    assert features(project)["FeatureGroupStatus"] == "Created"
