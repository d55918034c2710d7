from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.endpoint import Endpoint
from components.aws.place import Place
from components.aws.rollout import deployment_config, longest_s
from components.aws.scaling import (
    Metric,
    ScalingArgs,
    ScheduleArgs,
    StepArgs,
    StepsArgs,
    TrackingArgs,
    adjustments,
)
from components.aws.serving import (
    AsynchronousArgs,
    CaptureArgs,
    CopiesArgs,
    EndpointArgs,
    RolloutArgs,
    ServerlessArgs,
    VariantArgs,
)
from tests.recorder import run

PLACE = Place(account_id="123456789012", region="eu-west-1")
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SCALING = ScalingArgs(
    targets=[
        TrackingArgs(name="invocations", value=70, metric="SageMakerVariantInvocationsPerInstance")
    ]
)
LATENCY = Metric(
    namespace="AWS/SageMaker",
    name="ModelLatency",
    dimensions={"EndpointName": "{endpoint}", "VariantName": "{variant}"},
)
CANARY = RolloutArgs(
    strategy="canary", step_percent=10, wait_s=600, error_percent=5, latency_ms=500
)
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
IMAGE = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.0-cpu"


def variant(name: str = "primary", **changes: Any) -> VariantArgs:
    base: dict[str, Any] = {
        "weight": 100,
        "min_instances": 2,
        "max_instances": 5,
        "model_data_url": "s3://b/m.tar.gz",
        "image_uri": IMAGE,
    }
    return VariantArgs(name=name, **(base | changes))


def args(*variants: VariantArgs, **changes: Any) -> EndpointArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "endpoint_name": "ml-test-fraud",
        "role_arn": PLACE.role_arn("r"),
        "instance_type": "ml.m5.large",
        "volume_key_arn": PLACE.arn("kms", "alias/k"),
        "variants": variants or (variant(),),
        "scaling": SCALING,
    }
    return EndpointArgs(**(base | changes))


def test_each_variant_has_its_own_model_target_and_policy() -> None:
    inventory = run(lambda: Endpoint("fraud", args(variant("v1"), variant("v2"))))
    assert inventory.children("fraud") == {
        "fraud": "mlgap:aws:Endpoint",
        "fraud-config": CONFIG,
        "fraud-v1-model": "aws:sagemaker/model:Model",
        "fraud-v2-model": "aws:sagemaker/model:Model",
        "fraud-v1": "mlplatform:aws:Scaling",
        "fraud-v2": "mlplatform:aws:Scaling",
    }
    assert inventory.children("fraud-v1") == {
        "fraud-v1-scaling": TARGET,
        "fraud-v1-invocations": POLICY,
    }


def test_configuration_can_be_replaced_behind_the_endpoint() -> None:
    config = run(lambda: Endpoint("fraud", args())).one(CONFIG)
    assert "name" not in config.inputs
    assert config.request.deleteBeforeReplace is False


def test_a_new_variant_starts_at_its_minimum_with_its_weight() -> None:
    config = run(
        lambda: Endpoint(
            "fraud", args(variant("v1", weight=90), variant("v2", weight=0, min_instances=1))
        )
    ).one(CONFIG)
    assert [
        (v["variantName"], v["initialInstanceCount"], v["initialVariantWeight"])
        for v in config.inputs["productionVariants"]
    ] == [("v1", 2, 90), ("v2", 1, 0)]


def test_scaling_addresses_the_variant_by_a_name_known_at_preview() -> None:
    target = run(lambda: Endpoint("fraud", args(variant("v1")))).one(
        "aws:appautoscaling/target:Target"
    )
    assert target.inputs["resourceId"] == "endpoint/ml-test-fraud/variant/v1"
    assert (target.inputs["minCapacity"], target.inputs["maxCapacity"]) == (2, 5)
    assert any(urn.endswith("mlgap:aws:Endpoint::fraud") for urn in target.request.dependencies)


def test_models_run_without_a_network() -> None:
    model = run(lambda: Endpoint("fraud", args())).one("aws:sagemaker/model:Model")
    assert model.inputs["enableNetworkIsolation"] is True


def test_two_endpoints_do_not_collide() -> None:
    def program() -> None:
        Endpoint("a", args())
        Endpoint("b", args())

    run(program)


def test_burstable_type_cannot_scale() -> None:
    with pytest.raises(ValueError, match=r"burstable ml\.t2\.medium"):
        args(instance_type="ml.t2.medium")


def test_variant_names_are_unique() -> None:
    with pytest.raises(ValueError, match="each name once"):
        args(variant("v1"), variant("v1"))


@given(low=st.integers(-2, 5), high=st.integers(-2, 5))
def test_accepted_bounds_are_ordered_and_start_at_one(low: int, high: int) -> None:
    try:
        args(variant(min_instances=low, max_instances=high))
    except ValueError:
        assert not 1 <= low <= high
    else:
        assert 1 <= low <= high


def test_a_rollout_has_its_alarms_before_the_endpoint_and_time_to_go_back() -> None:
    made = run(lambda: Endpoint("fraud", args(rollout=CANARY)))
    endpoint = made.one("mlgap:aws:Endpoint")
    config = endpoint.inputs["deploymentConfig"]
    shift = config["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert (shift["type"], shift["canarySize"]) == (
        "CANARY",
        {"type": "CAPACITY_PERCENT", "value": 10},
    )
    names = [alarm["alarmName"] for alarm in config["autoRollbackConfiguration"]["alarms"]]
    assert names == ["fraud-primary-errors-auto", "fraud-primary-latency-auto"]
    waits = {urn.rsplit("::", 1)[-1] for urn in endpoint.request.dependencies}
    assert {"fraud-primary-errors", "fraud-primary-latency"} <= waits
    assert endpoint.request.customTimeouts.update == f"{longest_s(CANARY)}s"
    latency = made.one(ALARM, "fraud-primary-latency").inputs
    assert (latency["threshold"], latency["metricName"]) == (500_000, "ModelLatency")


@pytest.mark.parametrize(
    ("rollout", "timeout_s"),
    [
        (RolloutArgs(strategy="linear", step_percent=10, wait_s=3600), 28800),
        (RolloutArgs(strategy="linear", step_percent=30, wait_s=60), 3840),
        (RolloutArgs(strategy="all_at_once", step_percent=10, wait_s=0), 3600),
    ],
)
def test_an_update_may_take_all_steps_but_no_longer_than_sagemaker_allows(
    rollout: RolloutArgs, timeout_s: int
) -> None:
    policy = deployment_config(rollout, [])["blueGreenUpdatePolicy"]
    assert policy["maximumExecutionTimeoutInSeconds"] == timeout_s
    assert "autoRollbackConfiguration" not in deployment_config(rollout, [])


def test_steps_cover_every_distance_from_the_threshold_once() -> None:
    out = adjustments([StepArgs(at=70, by=1), StepArgs(at=90, by=3)], out=True)
    into = adjustments([StepArgs(at=30, by=1), StepArgs(at=10, by=2)], out=False)
    assert [
        (s.metric_interval_lower_bound, s.metric_interval_upper_bound, s.scaling_adjustment)
        for s in (*out, *into)
    ] == [("0", "20", 1), ("20", None, 3), ("-20", "0", -1), (None, "-20", -2)]


def test_steps_schedules_and_zero_have_their_policies_alarms_and_actions() -> None:
    scaling = ScalingArgs(
        steps=StepsArgs(
            name="latency-steps",
            metric=LATENCY,
            out=[StepArgs(at=500, by=1)],
            into=[StepArgs(at=100, by=1)],
        ),
        schedules=[ScheduleArgs(name="night", schedule="cron(0 20 * * ? *)", min=1, max=2)],
        from_zero=LATENCY,
    )
    waiting = AsynchronousArgs(answers_uri="s3://b/a", failures_uri="s3://b/f", key_arn="arn:key")
    given = args(variant("v1", min_instances=0), scaling=scaling, asynchronous=waiting)
    made = run(lambda: Endpoint("fraud", given))
    assert sorted(made.children("fraud-v1")) == [
        "fraud-v1-from-zero",
        "fraud-v1-from-zero-alarm",
        "fraud-v1-latency-steps-in",
        "fraud-v1-latency-steps-in-alarm",
        "fraud-v1-latency-steps-out",
        "fraud-v1-latency-steps-out-alarm",
        "fraud-v1-night",
        "fraud-v1-scaling",
    ]
    alarm = made.one(ALARM, "fraud-v1-latency-steps-out-alarm").inputs
    assert alarm["dimensions"] == {"EndpointName": "ml-test-fraud", "VariantName": "v1"}
    assert alarm["alarmActions"] == ["arn:mock:aws:fraud-v1-latency-steps-out"]
    target = made.one(TARGET)
    assert (target.inputs["minCapacity"], target.inputs["maxCapacity"]) == (0, 5)
    assert list(target.request.ignoreChanges) == ["minCapacity", "maxCapacity"]
    (served,) = made.one(CONFIG).inputs["productionVariants"]
    assert served["initialInstanceCount"] == 1


def test_requests_and_answers_are_captured_whole_under_the_data_key() -> None:
    capture = CaptureArgs(uri="s3://b/fraud/captured", key_arn="arn:key", sampling_percent=50)
    config = run(lambda: Endpoint("fraud", args(capture=capture))).one(CONFIG)
    found = config.inputs["dataCaptureConfig"]
    assert (found["initialSamplingPercentage"], found["kmsKeyId"]) == (50, "arn:key")
    assert [o["captureMode"] for o in found["captureOptions"]] == ["Input", "Output"]


def test_a_shadow_copies_a_share_of_all_requests_and_is_not_scaled() -> None:
    shadow = variant("v2", weight=20, shadow=True)
    made = run(lambda: Endpoint("fraud", args(variant("v1"), shadow)))
    config = made.one(CONFIG).inputs
    (served,), (copied,) = config["productionVariants"], config["shadowProductionVariants"]
    assert (served["initialVariantWeight"], copied["initialVariantWeight"]) == (100, 20)
    assert [t.name for t in made.resources if t.type == TARGET] == ["fraud-v1-scaling"]


def test_a_serverless_endpoint_has_no_machine_no_volume_and_no_isolation() -> None:
    serverless = ServerlessArgs(memory_mib=2048, max_concurrency=10, provisioned_concurrency=1)
    given = args(serverless=serverless, instance_type=None, scaling=SCALING)
    made = run(lambda: Endpoint("fraud", given))
    config = made.one(CONFIG).inputs
    (served,) = config["productionVariants"]
    assert served["serverlessConfig"] == {
        "memorySizeInMb": 2048,
        "maxConcurrency": 10,
        "provisionedConcurrency": 1,
    }
    assert not {"kmsKeyArn", "instanceType", "initialInstanceCount"} & {*config, *served}
    model = made.one("aws:sagemaker/model:Model").inputs
    assert model["enableNetworkIsolation"] is False
    dimension = made.one(TARGET).inputs["scalableDimension"]
    assert dimension == "sagemaker:variant:DesiredProvisionedConcurrency"


def test_one_container_serves_many_models() -> None:
    many = variant(multi_model=True, model_data_url="s3://b/fraud/models/")
    model = run(lambda: Endpoint("fraud", args(many))).one("aws:sagemaker/model:Model")
    assert model.inputs["primaryContainer"]["mode"] == "MultiModel"


def test_a_caller_may_ask_this_endpoint_only() -> None:
    made = run(lambda: Endpoint("fraud", args()).grant_invoke("web"))
    grant = made.one("aws:iam/rolePolicy:RolePolicy", "fraud-invoked-by-web").inputs
    assert grant["role"] == "web"
    assert "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ml-test-fraud" in grant["policy"]


SERVERLESS: dict[str, Any] = {
    "serverless": ServerlessArgs(memory_mib=2048, max_concurrency=10),
    "instance_type": None,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instance_type": None}, "it or serverless"),
        ({**SERVERLESS, "rollout": CANARY}, "together with rollout"),
        ({**SERVERLESS, "variants": (variant("a"), variant("b"))}, "several variants"),
        ({"variants": (variant("a", shadow=True),)}, "one of them not a shadow"),
        (
            {"variants": (variant("a"), variant("b"), variant("c", shadow=True))},
            "one shadow beside one",
        ),
        ({"variants": (variant("a", multi_model=True), variant("b"))}, "with multi_model: one"),
    ],
)
def test_what_sagemaker_has_not_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        args(**changes)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: ServerlessArgs(memory_mib=1500, max_concurrency=1), "steps of 1024"),
        (lambda: ServerlessArgs(memory_mib=1024, max_concurrency=201), "1 to 200"),
        (lambda: RolloutArgs(strategy="linear", step_percent=5, wait_s=0), "10 to 50"),
        (lambda: RolloutArgs(strategy="canary", step_percent=51, wait_s=0), "1 to 50"),
        (lambda: RolloutArgs(strategy="canary", step_percent=5, wait_s=3601), "0 to 3600"),
        (
            lambda: StepsArgs(name="s", metric=LATENCY, out=[StepArgs(at=2, by=1)] * 2),
            "out ascending",
        ),
        (lambda: TrackingArgs(name="t", value=0, metric="m"), "above 0"),
        (lambda: ScalingArgs(scale_in_cooldown_s=-1), "0 or more"),
    ],
)
def test_numbers_outside_sagemakers_bounds_are_refused(made: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made()


def test_copies_bring_the_model_and_instances_are_sagemakers() -> None:
    copies = CopiesArgs(name="ml-test-fraud-copies", min=0, max=4, memory_mib=1024, scaling=SCALING)
    given = args(variant(min_instances=0), copies=copies, scaling=None)
    made = run(lambda: Endpoint("fraud", given))
    config = made.one(CONFIG).inputs
    (served,) = config["productionVariants"]
    assert config["executionRoleArn"] == PLACE.role_arn("r")
    assert "modelName" not in served
    assert served["managedInstanceScaling"] == {
        "status": "ENABLED",
        "minInstanceCount": 0,
        "maxInstanceCount": 5,
    }
    component = made.one("mlgap:aws:InferenceComponent").inputs
    assert component["specification"]["modelName"] == "fraud-primary-model-auto"
    assert component["runtimeConfig"] == {"copyCount": 1}
    target = made.one(TARGET).inputs
    assert target["resourceId"] == "inference-component/ml-test-fraud-copies"
    assert (target["minCapacity"], target["maxCapacity"]) == (0, 4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rollout": CANARY}, "together with rollout"),
        ({"scaling": SCALING}, "together with scaling of instances"),
        ({"variants": (variant("a"), variant("b"))}, "several variants"),
    ],
)
def test_copies_take_no_second_way(changes: dict[str, Any], words: str) -> None:
    copies = CopiesArgs(name="c", min=0, max=4, memory_mib=1024, scaling=SCALING)
    with pytest.raises(ValueError, match=words):
        args(**{"copies": copies, "scaling": None, **changes})
