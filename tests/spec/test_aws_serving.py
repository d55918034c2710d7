"""Kinds of endpoints on AWS: what is planned, what is refused, what is a gap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlplatform import spec
from tests.spec.stacks import DELETE, ROOT, aws_only, changed, config, problems

DEV = aws_only(config(ROOT / "Pulumi.dev.yaml"))
CHURN = "workloads.bankchurn.endpoint"
SERVERLESS = {
    f"{CHURN}.mode": "serverless",
    f"{CHURN}.aws": {"serverless": {"memory_mib": 3072}},
}
ASYNCHRONOUS = {
    f"{CHURN}.mode": "asynchronous",
    f"{CHURN}.scaling.min": 0,
    f"{CHURN}.aws": {"instance_type": "ml.m5.large", "target": {"backlog_per_instance": 5}},
}
SHADOW = {
    f"{CHURN}.variants": {
        "v1": {"weight": 100},
        "v2": {"weight": 0, "shadow_percent": 20, "scaling": {"min": 1, "max": 1}},
    }
}
STEPS = {"metric": "cpu_percent", "out": [{"at": 70, "add": 1}, {"at": 90, "add": 3}]}


def read(changes: dict[str, Any]) -> spec.Platform:
    return spec.read(changed(DEV, changes), stack="dev", root=ROOT)


def churn(changes: dict[str, Any]) -> spec.AwsEndpoint:
    platform = read(changes)
    assert platform.aws is not None
    (found,) = (w.endpoint for w in platform.aws.workloads if w.name == "bankchurn")
    assert found is not None
    return found


def scaling(changes: dict[str, Any]) -> spec.AwsScaling:
    found = churn(changes).scaling
    assert found is not None
    return found


def test_a_percentage_is_of_all_cores_or_gpus_together() -> None:
    target = {"cpu_percent": 60}
    (found,) = scaling({f"{CHURN}.aws.target": target}).targets
    assert isinstance(found.metric, spec.AwsMetric)
    assert (found.value, found.metric.name) == (120, "CPUUtilization"), "ml.m5.large has two"
    machine = {"instance_type": "ml.g4dn.12xlarge", "target": {"gpu_percent": 50}}
    (found,) = scaling({f"{CHURN}.aws": machine}).targets
    assert found.value == 200, "ml.g4dn.12xlarge has four"


def test_several_targets_and_a_metric_of_ones_own_hold_together() -> None:
    custom = {"namespace": "Shop", "metric": "Queue", "value": 3, "dimensions": {"E": "{endpoint}"}}
    target = {"invocations_per_instance_per_minute": 70, "custom": custom}
    found = scaling({f"{CHURN}.aws.target": target}).targets
    assert [one.name for one in found] == ["invocations", "custom"]
    assert found[1].metric == spec.AwsMetric(
        namespace="Shop", name="Queue", dimensions={"E": "{endpoint}"}
    )


def test_steps_are_in_the_metrics_own_unit() -> None:
    steps = scaling({f"{CHURN}.aws.steps": STEPS}).steps
    assert steps is not None
    assert steps.out == ((140, 1), (180, 3))
    latency = {
        "metric": "latency_ms",
        "out": [{"at": 300, "add": 1}],
        "in": [{"at": 50, "remove": 2}],
    }
    steps = scaling({f"{CHURN}.aws.steps": latency}).steps
    assert steps is not None
    assert (steps.out, steps.into) == (((300_000, 1),), ((50_000, 2),))


def test_a_schedule_speaks_eventbridge() -> None:
    night = {"night": {"cron": "0 20 * * 1-5", "min": 1, "max": 2}}
    (found,) = scaling({f"{CHURN}.scaling.schedules": night}).schedules
    assert found.expression == "cron(0 20 ? * MON,TUE,WED,THU,FRI *)"
    assert (found.min, found.max) == (1, 2)


def test_fixed_bounds_need_no_target_and_nothing_scales() -> None:
    fixed = {f"{CHURN}.scaling": {"min": 2, "max": 2}, f"{CHURN}.aws.target": DELETE}
    endpoint = churn(fixed)
    assert endpoint.scaling is None
    assert [v.min_instances for v in endpoint.variants] == [2]


def test_serverless_takes_its_bounds_as_requests_at_a_time() -> None:
    endpoint = churn(SERVERLESS)
    assert endpoint.instance_type is None
    assert endpoint.serverless == spec.AwsServerless(
        memory_mib=3072, max_concurrency=5, provisioned_concurrency=1
    )
    assert endpoint.scaling is None


def test_an_asynchronous_endpoint_wakes_up_from_zero() -> None:
    endpoint = churn(ASYNCHRONOUS)
    assert endpoint.asynchronous is not None
    assert endpoint.scaling is not None
    assert endpoint.scaling.from_zero is not None
    assert endpoint.scaling.from_zero.name == "HasBacklogWithoutCapacity"
    assert [v.min_instances for v in endpoint.variants] == [0]


def test_a_shadow_has_its_share_and_its_fixed_count() -> None:
    endpoint = churn(SHADOW)
    assert [(v.name, v.weight, v.shadow) for v in endpoint.variants] == [
        ("v1", 100, False),
        ("v2", 20, True),
    ]


def test_capture_rollout_and_callers_are_planned() -> None:
    endpoint = churn(
        {
            f"{CHURN}.capture": {},
            f"{CHURN}.rollout": {"alarms": {"error_percent": 5}},
            f"{CHURN}.aws.invoked_by": ["web"],
        }
    )
    assert endpoint.capture == spec.AwsCapture(sampling_percent=100, retention_days=90)
    assert endpoint.rollout == spec.AwsRollout(
        strategy="canary", step_percent=10, wait_s=600, error_percent=5, latency_ms=None
    )
    assert endpoint.invoked_by == ("web",)


def test_many_models_are_a_folder_of_archives(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.tar.gz").write_bytes(name.encode())
    many = {
        f"{CHURN}.aws.multi_model": True,
        "workloads.bankchurn.model.artifact": str(tmp_path),
    }
    (variant,) = churn(many).variants
    assert [key.rsplit("/", 1)[1] for key, _ in variant.artifact.files] == ["a.tar.gz", "b.tar.gz"]
    (tmp_path / "readme.txt").write_text("x")
    assert "a folder that holds .tar.gz files only" in str(problems(changed(DEV, many)))


@pytest.mark.parametrize(
    ("changes", "asked", "given"),
    [
        (
            {f"{CHURN}.private": True, "clouds.aws.network": {}},
            "reachable from the environment's network only",
            "a private way to SageMaker's API",
        ),
        (
            {**SERVERLESS, "clouds.aws.network": {}},
            "containers in the environment's network",
            "SageMaker's own network",
        ),
        (
            {
                f"{CHURN}.variants": {
                    "v1": {"weight": 100},
                    "v2": {"weight": 0, "shadow_percent": 9},
                }
            },
            "1 to 5 instances",
            "1",
        ),
    ],
)
def test_what_is_not_as_asked_is_a_gap(changes: dict[str, Any], asked: str, given: str) -> None:
    found = [gap for gap in read(changes).gaps if gap.workload == "bankchurn"]
    assert [(gap.asked == asked, given in gap.given) for gap in found] == [(True, True)]


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({f"{CHURN}.mode": "batch"}, "mode", "asynchronous (which scales to zero"),
        ({f"{CHURN}.scaling.min": 0}, "scaling.min", "with mode real_time: 1 or more"),
        ({f"{CHURN}.aws.target": DELETE}, "aws.target", "invocations_per_instance_per_minute"),
        ({f"{CHURN}.aws.target": {}}, "aws.target", "one of backlog_per_instance"),
        (
            {f"{CHURN}.aws.target": {"backlog_per_instance": 5}},
            "aws.target.backlog_per_instance",
            "allowed with mode asynchronous",
        ),
        (
            {f"{CHURN}.aws.target": {"gpu_percent": 50}},
            "aws.target.gpu_percent",
            "a type with GPUs",
        ),
        (
            {f"{CHURN}.aws.steps": {**STEPS, "out": [{"at": 9, "add": 1}, {"at": 7, "add": 1}]}},
            "aws.steps.out",
            "ascending",
        ),
        (
            {f"{CHURN}.aws.steps": {**STEPS, "in": [{"at": 75, "remove": 1}]}},
            "aws.steps.in",
            "below 70",
        ),
        ({f"{CHURN}.aws.serverless": {}}, "aws.serverless", "only with mode serverless"),
        ({**SERVERLESS, f"{CHURN}.capture": {}}, "capture", "not possible with mode serverless"),
        ({**SERVERLESS, f"{CHURN}.accelerator": "T4"}, "accelerator", "not possible"),
        ({**SERVERLESS, f"{CHURN}.scaling.max": 201}, "scaling.max", "at most 200"),
        (
            {
                **SERVERLESS,
                f"{CHURN}.scaling.min": 0,
                f"{CHURN}.aws.target": {"provisioned_concurrency_percent": 70},
            },
            "scaling.min",
            "1 or more",
        ),
        ({f"{CHURN}.private": True}, "private", "together with clouds.aws.network"),
        ({f"{CHURN}.capture": {"sampling_percent": 0.5}}, "capture.sampling_percent", "whole"),
        (
            {f"{CHURN}.rollout": {"strategy": "linear", "step_percent": 5}},
            "rollout.step_percent",
            "10 to 50",
        ),
        (
            {f"{CHURN}.rollout": {"strategy": "canary", "step_percent": 51}},
            "rollout.step_percent",
            "50 or less",
        ),
        (
            {**SHADOW, f"{CHURN}.variants.v3": {"weight": 0}},
            "variants",
            "one shadow beside one other variant",
        ),
        (
            {
                f"{CHURN}.variants": {"v1": {"weight": 50}, "v2": {"weight": 50}},
                f"{CHURN}.aws.multi_model": True,
            },
            "variants",
            "with multi_model: one variant",
        ),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_here(
    changes: dict[str, Any], at: str, said: str
) -> None:
    found = problems(changed(DEV, changes))
    assert said in found.get(f"{CHURN}.{at}", ""), found


COPIES: dict[str, Any] = {
    "min": 0,
    "max": 8,
    "cpu_cores": 0.5,
    "memory_mib": 1024,
    "invocations_per_copy_per_minute": 60,
}
SHARED = {
    f"{CHURN}.scaling.min": 0,
    f"{CHURN}.aws": {"instance_type": "ml.m5.xlarge", "copies": COPIES},
}


def test_copies_scale_on_their_own_and_instances_follow() -> None:
    endpoint = churn(SHARED)
    assert endpoint.scaling is None
    assert endpoint.copies is not None
    assert (endpoint.copies.min, endpoint.copies.max) == (0, 8)
    (target,) = endpoint.copies.scaling.targets
    assert (target.value, target.metric) == (60, "SageMakerInferenceComponentInvocationsPerCopy")
    woken = endpoint.copies.scaling.from_zero
    assert woken is not None
    assert woken.name == "NoCapacityInvocationFailures"
    assert [v.min_instances for v in endpoint.variants] == [0]


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({f"{CHURN}.mode": "asynchronous"}, "mode", "not possible with aws.copies"),
        ({f"{CHURN}.rollout": {}}, "rollout", "not possible with aws.copies"),
        (
            {f"{CHURN}.aws.target": {"cpu_percent": 50}},
            "aws.target",
            "not possible with aws.copies",
        ),
        ({f"{CHURN}.aws.copies": {**COPIES, "min": 9}}, "aws.copies.min", "at most max"),
        ({f"{CHURN}.aws.copies.cpu_cores": 8}, "aws.copies.cpu_cores", "at most 4"),
        ({f"{CHURN}.aws.copies.accelerators": 1}, "aws.copies.accelerators", "at most 0"),
        (
            {f"{CHURN}.aws.instance_type": "ml.g5.xlarge"},
            "aws.copies.accelerators",
            "how many of a ml.g5.xlarge",
        ),
    ],
)
def test_copies_that_sagemaker_could_not_place_are_refused(
    changes: dict[str, Any], at: str, said: str
) -> None:
    found = problems(changed(changed(DEV, SHARED), changes))
    assert said in found.get(f"{CHURN}.{at}", ""), found
