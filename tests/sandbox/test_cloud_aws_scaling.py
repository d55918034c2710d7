"""Application Auto Scaling of endpoint variants in the local AWS, by plain boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cloud_aws_process import LocalAws, Stage, refused, statuses

COUNT = "sagemaker:variant:DesiredInstanceCount"
TRACKING = {
    "TargetValue": 200.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    },
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 60,
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.1) as aws:
        yield Stage(aws, "as")


def put_policy(stage: Stage, target: dict[str, Any], name: str = "track") -> dict[str, Any]:
    answer: dict[str, Any] = stage.scaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING,
        **target,
    )
    return answer


def put_action(stage: Stage, target: dict[str, Any]) -> None:
    stage.scaling.put_scheduled_action(
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        Timezone="Europe/Berlin",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2},
        **target,
    )


def targets_of(stage: Stage, target: dict[str, Any]) -> list[dict[str, Any]]:
    found = stage.scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[target["ResourceId"]]
    )
    rows: list[dict[str, Any]] = found["ScalableTargets"]
    return rows


def hanging_on(stage: Stage, target: dict[str, Any]) -> int:
    """Policies and scheduled actions of a target."""
    of = {"ServiceNamespace": "sagemaker", "ResourceId": target["ResourceId"]}
    policies = stage.scaling.describe_scaling_policies(**of)["ScalingPolicies"]
    actions = stage.scaling.describe_scheduled_actions(**of)["ScheduledActions"]
    return len(policies) + len(actions)


def test_a_target_its_policy_and_its_schedule_read_back(stage: Stage) -> None:
    name = stage.endpoint("back", stage.variant("a"))
    target = stage.register(name, "a", MinCapacity=1, MaxCapacity=3, Tags={"team": "ml"})
    policy = put_policy(stage, target)
    put_action(stage, target)
    (row,) = targets_of(stage, target)
    assert (row["MinCapacity"], row["MaxCapacity"], row["ScalableDimension"]) == (1, 3, COUNT)
    assert row["RoleARN"] == (
        "arn:aws:iam::123456789012:role/aws-service-role/"
        "sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    assert set(row["SuspendedState"].values()) == {False}
    arn = {"ResourceARN": row["ScalableTargetARN"]}
    stage.scaling.tag_resource(**arn, Tags={"cost": "7"})
    stage.scaling.untag_resource(**arn, TagKeys=["team"])
    assert stage.scaling.list_tags_for_resource(**arn)["Tags"] == {"cost": "7"}

    of = {"ServiceNamespace": "sagemaker", "ResourceId": target["ResourceId"]}
    (seen,) = stage.scaling.describe_scaling_policies(**of)["ScalingPolicies"]
    assert seen["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    assert seen["PolicyARN"] == policy["PolicyARN"]
    assert policy["PolicyARN"].endswith(f":resource/sagemaker/{of['ResourceId']}:policyName/track")
    assert [alarm["AlarmName"] for alarm in seen["Alarms"]] == [
        alarm["AlarmName"] for alarm in policy["Alarms"]
    ]
    assert len(policy["Alarms"]) == 2
    (action,) = stage.scaling.describe_scheduled_actions(**of)["ScheduledActions"]
    assert action["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 2}
    assert (action["Schedule"], action["Timezone"]) == ("cron(0 20 * * ? *)", "Europe/Berlin")


def test_registering_again_changes_what_is_given_and_keeps_the_rest(stage: Stage) -> None:
    name = stage.endpoint("again", stage.variant("a"))
    target = stage.register(name, "a", MinCapacity=1, MaxCapacity=3)
    (before,) = targets_of(stage, target)
    suspended = {"DynamicScalingInSuspended": True}
    stage.scaling.register_scalable_target(**target, MaxCapacity=5, SuspendedState=suspended)
    (after,) = targets_of(stage, target)
    assert (after["MinCapacity"], after["MaxCapacity"]) == (1, 5)
    assert after["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert after["SuspendedState"]["ScheduledScalingSuspended"] is False
    assert after["ScalableTargetARN"] == before["ScalableTargetARN"]


def test_registering_brings_a_count_into_the_bounds(stage: Stage) -> None:
    name = stage.endpoint("bounds", stage.variant("a"))
    stage.register(name, "a", MinCapacity=2, MaxCapacity=4)
    statuses(stage.sagemaker, name)
    assert stage.live(name) == {"a": (2, 1.0)}


def test_what_cannot_be_scaled_is_refused(stage: Stage) -> None:
    name = stage.endpoint(
        "unfit", stage.variant("a"), stage.variant("t", InstanceType="ml.t2.medium")
    )
    register = stage.scaling.register_scalable_target
    good = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/a",
        "ScalableDimension": COUNT,
        "MinCapacity": 1,
        "MaxCapacity": 2,
    }
    for wrong in (
        {"ResourceId": f"endpoint/{name}/variant/none"},
        {"ResourceId": "endpoint/none/variant/a"},
        {"ResourceId": f"endpoint/{name}/variant/t"},
        {"ResourceId": name},
        {"MinCapacity": 3},
        {"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
    ):
        assert refused(register, **{**good, **wrong})[0] == "ValidationException"
    burstable = {**good, "ResourceId": f"endpoint/{name}/variant/t"}
    assert "ml.t2.medium" in refused(register, **burstable)[1]
    half = {key: value for key, value in good.items() if key != "MaxCapacity"}
    assert refused(register, **half)[0] == "ValidationException"


def test_policies_and_schedules_need_a_registered_target(stage: Stage) -> None:
    name = stage.endpoint("untargeted", stage.variant("a"))
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/a",
        "ScalableDimension": COUNT,
    }
    told = (
        "ObjectNotFoundException",
        "No scalable target registered for service namespace: sagemaker, "
        f"resource ID: endpoint/{name}/variant/a, scalable dimension: {COUNT}",
    )
    policy = {
        "PolicyName": "p",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": TRACKING,
    }
    assert refused(stage.scaling.put_scaling_policy, **target, **policy) == told
    action = {
        "ScheduledActionName": "n",
        "Schedule": "rate(1 day)",
        "ScalableTargetAction": {"MinCapacity": 1},
    }
    assert refused(stage.scaling.put_scheduled_action, **target, **action) == told
    for call, params in (
        (stage.scaling.deregister_scalable_target, {}),
        (stage.scaling.delete_scaling_policy, {"PolicyName": "p"}),
        (stage.scaling.delete_scheduled_action, {"ScheduledActionName": "n"}),
    ):
        assert refused(call, **target, **params)[0] == "ObjectNotFoundException"

    stage.register(name, "a")
    metric = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    }
    wrong_metric = {**policy, "TargetTrackingScalingPolicyConfiguration": {**TRACKING, **metric}}
    assert refused(stage.scaling.put_scaling_policy, **target, **wrong_metric)[0] == (
        "ValidationException"
    )
    every_day = {**action, "Schedule": "every day"}
    assert refused(stage.scaling.put_scheduled_action, **target, **every_day)[0] == (
        "ValidationException"
    )


def test_a_scaled_variant_cannot_leave_or_change_its_machine_until_it_is_deregistered(
    stage: Stage,
) -> None:
    name = stage.endpoint("bound", stage.variant("a"), stage.variant("b"))
    target = stage.register(name, "a")
    put_policy(stage, target)
    put_action(stage, target)
    stage.config(
        "bound-retyped", stage.variant("a", InstanceType="ml.m5.xlarge"), stage.variant("b")
    )
    stage.config("bound-removed", stage.variant("b"))
    stage.config("bound-other", stage.variant("a"), stage.variant("b", InstanceType="ml.m5.xlarge"))
    for config in ("bound-retyped", "bound-removed"):
        update = {"EndpointName": name, "EndpointConfigName": config}
        message = refused(stage.sagemaker.update_endpoint, **update)[1]
        assert message.startswith('The variant(s) "[')
        assert "must be deregistered as scalable target with AutoScaling" in message
    assert stage.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="bound-other")
    statuses(stage.sagemaker, name)
    assert hanging_on(stage, target) == 2
    stage.scaling.deregister_scalable_target(**target)
    assert hanging_on(stage, target) == 0
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="bound-retyped")
    assert statuses(stage.sagemaker, name) == ["Updating", "InService"]


def test_deleting_an_endpoint_deregisters_its_variants_and_their_alarms(stage: Stage) -> None:
    name = stage.endpoint("gone", stage.variant("a"))
    target = stage.register(name, "a")
    alarms = [alarm["AlarmName"] for alarm in put_policy(stage, target)["Alarms"]]
    cloudwatch = stage.aws.client("cloudwatch")
    assert len(cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"]) == 2
    put_action(stage, target)
    stage.sagemaker.delete_endpoint(EndpointName=name)
    assert targets_of(stage, target) == []
    assert hanging_on(stage, target) == 0
    assert cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"] == []
