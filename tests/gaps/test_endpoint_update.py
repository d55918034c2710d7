"""Updates of an endpoint: what is kept, what is parked, and that a kill anywhere heals."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlplatform.gaps.plugin.aws import parking, tags
from mlplatform.gaps.plugin.aws.endpoint import Endpoint
from mlplatform.provider.model import Diff, Partial, ProviderError
from tests.gaps.fake_aws import DIMENSION, URN, Aws, FakeCloud, Killed, Refused, context

OLD: dict[str, Any] = {"endpointName": "shop", "endpointConfigName": "c1", "tags": {"Team": "ml"}}
NEW = {**OLD, "endpointConfigName": "c2"}
RETYPED: dict[str, Any] = {
    "v1": ("ml.g4dn.2xlarge", 2, 50.0),
    "v2": ("ml.g4dn.xlarge", 2, 50.0),
    "v4": ("ml.m5.large", 3, 1.0),
}
V1, V2, V3 = (f"endpoint/shop/variant/v{n}" for n in (1, 2, 3))


def serving() -> Aws:
    """An endpoint of three scaled variants whose counts have moved, and a new configuration.

    The new one retypes v1, keeps v2, removes v3 and adds v4.
    """
    aws = Aws()
    aws.config(
        "c1",
        v1=("ml.g4dn.xlarge", 2, 90.0),
        v2=("ml.g4dn.xlarge", 2, 10.0),
        v3=("ml.g4dn.xlarge", 2, 1.0),
    )
    aws.config("c2", **RETYPED)
    Endpoint(FakeCloud(aws)).create(context(), OLD)
    for variant in ("v1", "v2", "v3"):
        aws.scale("shop", variant)
    aws.endpoints["shop"]["variants"]["v1"]["count"] = 7
    aws.endpoints["shop"]["variants"]["v2"]["count"] = 5
    aws.calls.clear()
    aws.writes.clear()
    return aws


def update(aws: Aws, inputs: dict[str, Any] = NEW, **around: Any) -> dict[str, Any]:
    state = {**OLD, "arn": aws.arn("endpoint", "shop")}
    return Endpoint(FakeCloud(aws)).update(context(**around), "shop", OLD, state, inputs)


def assert_changed_over(aws: Aws, targets: dict[Any, Any]) -> None:
    endpoint = aws.endpoints["shop"]
    assert (endpoint["status"], endpoint["config"]) == ("InService", "c2")
    assert aws.live("shop") == {
        "v1": (7, 50.0, "ml.g4dn.2xlarge"),
        "v2": (5, 50.0, "ml.g4dn.xlarge"),
        "v4": (3, 1.0, "ml.m5.large"),
    }
    kept = {key: target for key, target in targets.items() if key[0] != V3}
    assert aws.targets == kept
    assert aws.tags[aws.arn("endpoint", "shop")] == {"Team": "ml", "mlgap:urn": tags.owner(URN)}
    for config in aws.configs:
        assert aws.tags[aws.arn("endpoint-config", config)] == {"Team": "ml"}


def test_live_counts_stay_and_weights_come_from_the_configuration() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    assert update(aws) == {**NEW, "arn": aws.arn("endpoint", "shop")}
    assert_changed_over(aws, before)


def test_a_variant_that_keeps_its_type_stays_registered() -> None:
    aws = serving()
    update(aws)
    off = [r["ResourceId"] for name, r in aws.writes if name == "DeregisterScalableTarget"]
    assert sorted(off) == [V1, V3]


def test_the_snapshot_is_parked_before_anything_is_taken_off() -> None:
    aws = serving()
    update(aws)
    order = [name for name, _ in aws.writes]
    assert order[0] == "AddTags"
    assert order.index("UpdateEndpoint") > order.index("DeregisterScalableTarget")
    assert order[-1] == "DeleteTags"


def test_nothing_is_parked_when_only_models_and_weights_change() -> None:
    aws = serving()
    aws.config("c2", **dict.fromkeys(("v1", "v2", "v3"), ("ml.g4dn.xlarge", 2, 1.0)))
    before = copy.deepcopy(aws.targets)
    update(aws)
    assert [name for name, _ in aws.writes] == ["UpdateEndpoint"]
    assert aws.targets == before
    assert aws.live("shop")["v1"] == (7, 1.0, "ml.g4dn.xlarge")


def test_without_the_old_configuration_every_registered_variant_is_parked() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    del aws.configs["c1"]
    update(aws)
    off = [r["ResourceId"] for name, r in aws.writes if name == "DeregisterScalableTarget"]
    assert sorted(off) == [V1, V2, V3]
    assert_changed_over(aws, before)


def calls_of_one_update() -> int:
    aws = serving()
    update(aws)
    return len(aws.calls)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(calls_of_one_update()))
def test_a_kill_at_any_call_heals_at_the_next_update(call: int, after_effect: bool) -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.kill_at, aws.kill_after_effect = call, after_effect
    with pytest.raises(Killed):
        update(aws)
    aws.kill_at = None
    update(aws)
    assert_changed_over(aws, before)


@settings(max_examples=60, deadline=None)
@given(
    kills=st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=5),
    reason=st.sampled_from(["", "no capacity"]),
)
def test_kills_and_rollbacks_in_any_order_heal(kills: list[tuple[int, bool]], reason: str) -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.outcome = [reason]
    for call, after_effect in kills:
        aws.kill_at, aws.kill_after_effect = len(aws.calls) + call, after_effect
        try:
            update(aws)
        except (Killed, Partial):
            continue
    aws.kill_at = None
    try:
        update(aws)
    except Partial:
        update(aws)
    assert_changed_over(aws, before)


@pytest.mark.parametrize("call", range(0, 40, 3))
def test_a_kill_and_a_way_back_to_the_old_configuration_heals(call: int) -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.kill_at = call
    try:
        update(aws)
    except Killed:
        aws.kill_at = None
        update(aws, OLD)
        gone = aws.live("shop").keys() ^ {"v1", "v2", "v3"}
        assert not gone
        # What went with a removed variant that came back is the program's to declare again.
        assert {k: t for k, t in aws.targets.items() if k[0] != V3} == {
            k: t for k, t in before.items() if k[0] != V3
        }
        assert not parking.keys(aws.tags[aws.arn("endpoint", "shop")])


def test_a_rollback_is_a_failure_with_the_reason_and_autoscaling_is_back() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.outcome = ["no capacity for ml.g4dn.2xlarge"]
    with pytest.raises(Partial, match=r"no capacity for ml\.g4dn\.2xlarge") as caught:
        update(aws)
    assert "it is InService with configuration c1" in str(caught.value)
    assert caught.value.state["endpointConfigName"] == "c1", "the state tells what serves"
    assert aws.targets == before
    assert not parking.keys(aws.tags[aws.arn("endpoint", "shop")])
    update(aws)
    assert_changed_over(aws, before)


def test_a_new_failure_reason_is_a_failure_even_on_the_new_configuration() -> None:
    aws = serving()

    def short_of_instances() -> None:
        shop = aws.endpoints["shop"]
        then = shop["then"]
        shop["then"] = lambda: (then(), shop.update(reason="one variant is short of instances"))

    aws.afterwards["UpdateEndpoint"] = short_of_instances
    with pytest.raises(Partial, match="one variant is short"):
        update(aws)
    assert update(aws)["endpointConfigName"] == "c2", "the next update finds nothing to do"


def test_an_update_that_aws_refuses_puts_autoscaling_back() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.refuse["UpdateEndpoint"] = [Refused("ResourceLimitExceeded", "quota of 0 instances")]
    with pytest.raises(Partial, match="quota of 0 instances"):
        update(aws)
    assert aws.targets == before
    assert aws.endpoints["shop"]["config"] == "c1"


def test_a_refused_deregistration_puts_autoscaling_back() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.refuse["DeregisterScalableTarget"] = [Refused("AccessDeniedException", "not you")]
    with pytest.raises(Partial, match="DeregisterScalableTarget: not you"):
        update(aws)
    assert aws.targets == before
    assert not parking.keys(aws.tags[aws.arn("endpoint", "shop")])


def test_losing_sight_of_a_running_update_leaves_autoscaling_parked() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    lost = [Refused("ExpiredTokenException", "expired")]
    aws.afterwards["UpdateEndpoint"] = lambda: aws.refuse.update(DescribeEndpoint=lost)
    with pytest.raises(Partial, match="DescribeEndpoint: expired"):
        update(aws)
    assert parking.keys(aws.tags[aws.arn("endpoint", "shop")])
    aws.afterwards.clear()
    update(aws)
    assert_changed_over(aws, before)


def test_both_failures_are_told_when_autoscaling_cannot_be_put_back() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.refuse["UpdateEndpoint"] = [Refused("ResourceLimitExceeded", "quota of 0 instances")]
    aws.refuse["RegisterScalableTarget"] = [Refused("AccessDeniedException", "not you")]
    with pytest.raises(Partial, match=r"quota of 0 instances.*could not be put back.*not you"):
        update(aws)
    update(aws)
    assert_changed_over(aws, before)


def test_an_endpoint_that_autoscaling_moves_at_this_moment_is_waited_for() -> None:
    aws = serving()
    aws.refuse["UpdateEndpoint"] = [
        Refused("ValidationException", "Cannot update in-progress endpoint")
    ]
    before = copy.deepcopy(aws.targets)
    update(aws)
    assert_changed_over(aws, before)


def test_too_many_tags_to_park_is_refused_before_anything_is_taken_off() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    aws.tags[aws.arn("endpoint", "shop")].update({f"k{n}": "v" for n in range(47)})
    with pytest.raises(ProviderError, match="tags, allowed: 50"):
        update(aws)
    assert aws.writes == []
    assert aws.targets == before


def test_a_cancel_keeps_what_is_and_the_next_update_goes_on() -> None:
    aws = serving()
    before = copy.deepcopy(aws.targets)
    ctx = context()
    aws.afterwards["UpdateEndpoint"] = ctx.cancelled.set
    with pytest.raises(Partial, match="cancelled"):
        Endpoint(FakeCloud(aws)).update(ctx, "shop", OLD, OLD, NEW)
    update(aws)
    assert_changed_over(aws, before)


def test_a_timeout_keeps_what_is_and_says_so() -> None:
    aws = serving()
    aws.endpoints["shop"].update(status="Updating", looks=10**6)
    with pytest.raises(
        ProviderError, match="took longer than 0 seconds; the next update goes on"
    ) as caught:
        update(aws, timeout_s=0.0)
    assert not isinstance(caught.value, Partial), "nothing was touched: the old state stays"


def test_a_count_that_the_program_changed_is_applied_where_nothing_scales() -> None:
    aws = serving()
    aws.targets.clear()
    aws.config("c2", v1=("ml.g4dn.xlarge", 4, 90.0), v2=("ml.g4dn.xlarge", 2, 10.0))
    update(aws)
    assert {n: v[0] for n, v in aws.live("shop").items()} == {"v1": 4, "v2": 2}


def test_a_count_moved_by_hand_stays_when_the_program_did_not_change_it() -> None:
    aws = serving()
    aws.targets.clear()
    aws.config("c2", v1=("ml.g4dn.2xlarge", 2, 90.0), v2=("ml.g4dn.xlarge", 2, 10.0))
    update(aws)
    assert {n: v[0] for n, v in aws.live("shop").items()} == {"v1": 7, "v2": 5}


@pytest.mark.parametrize("call", [None, *range(30)])
def test_a_declared_count_beside_scaled_variants_is_applied_too(call: int | None) -> None:
    aws = serving()
    del aws.targets[V2, DIMENSION]
    aws.config("c2", v1=("ml.g4dn.2xlarge", 2, 90.0), v2=("ml.g4dn.xlarge", 9, 10.0))
    aws.kill_at = call
    try:
        update(aws)
    except Killed:
        aws.kill_at = None
        update(aws)
    assert {n: v[0] for n, v in aws.live("shop").items()} == {"v1": 7, "v2": 9}


def test_tags_follow_the_program() -> None:
    aws = serving()
    update(aws, {**OLD, "tags": {"Owner": "x"}})
    assert aws.tags[aws.arn("endpoint", "shop")] == {"Owner": "x", "mlgap:urn": tags.owner(URN)}
    assert [name for name, _ in aws.writes] == ["DeleteTags", "AddTags"]


def test_an_update_without_a_change_writes_nothing() -> None:
    aws = serving()
    update(aws, OLD)
    assert aws.writes == []


def failed() -> Aws:
    """An endpoint that is Failed while one of its variants is parked and the others registered."""
    aws = serving()
    aws.refuse["RegisterScalableTarget"] = [Refused("AccessDeniedException", "not you")]
    aws.outcome = ["rolled back"]
    with pytest.raises(Partial):
        update(aws)
    assert (V1, DIMENSION) not in aws.targets
    aws.endpoints["shop"].update(status="Failed", reason="gone bad")
    aws.calls.clear()
    return aws


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", [None, *range(45)])
def test_a_failed_endpoint_is_made_anew_with_its_autoscaling(
    call: int | None, after_effect: bool
) -> None:
    wanted = copy.deepcopy(serving().targets)
    aws = failed()
    aws.kill_at, aws.kill_after_effect = call, after_effect
    try:
        update(aws)
    except Killed:
        aws.kill_at = None
        update(aws)
    assert {n: v[0] for n, v in aws.live("shop").items()} == {"v1": 2, "v2": 2, "v4": 3}
    del wanted[V3, DIMENSION]
    assert aws.targets == wanted
    for present in aws.tags.values():
        assert not parking.keys(present)


def test_diff_after_a_rollback_shows_the_configuration_again() -> None:
    state = {**NEW, "endpointConfigName": "c1"}
    found = Endpoint(FakeCloud(Aws())).diff(context(), "shop", NEW, state, NEW)
    assert isinstance(found, Diff)
    assert [change.path for change in found.changes] == ["endpointConfigName"]


ROLLOUT = {
    "blueGreenUpdatePolicy": {
        "trafficRoutingConfiguration": {
            "type": "CANARY",
            "waitIntervalInSeconds": 60.0,
            "canarySize": {"type": "CAPACITY_PERCENT", "value": 10.0},
        }
    },
    "autoRollbackConfiguration": {"alarms": [{"alarmName": "slow"}]},
}


def rollout_of(aws: Aws) -> Any:
    (request,) = [request for name, request in aws.writes if name == "UpdateEndpoint"]
    return request.get("DeploymentConfig")


def test_an_update_shifts_the_traffic_as_declared() -> None:
    aws = serving()
    aws.config("c2", **dict.fromkeys(("v1", "v2", "v3"), ("ml.g4dn.xlarge", 2, 1.0)))
    update(aws, {**NEW, "deploymentConfig": ROLLOUT})
    assert rollout_of(aws) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 60,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
            }
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]},
    }


def test_other_variants_go_over_at_once_as_sagemaker_shifts_none_of_them() -> None:
    aws = serving()
    update(aws, {**NEW, "deploymentConfig": ROLLOUT})
    assert rollout_of(aws) is None
    assert set(aws.live("shop")) == {"v1", "v2", "v4"}


def test_a_rollout_alone_is_kept_for_the_next_update_and_calls_nothing() -> None:
    aws = serving()
    state = update(aws, {**OLD, "deploymentConfig": ROLLOUT})
    assert state["deploymentConfig"] == ROLLOUT
    assert aws.writes == []
