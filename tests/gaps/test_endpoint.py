"""The endpoint resource apart from updates: check, diff, create, read, delete."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform.gaps.plugin.aws import tags
from mlplatform.gaps.plugin.aws.endpoint import Endpoint
from mlplatform.provider.model import Change, NotFound, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.gaps.fake_aws import ACCOUNT, REGION, URN, Aws, FakeCloud, Killed, Refused, context

INPUTS: dict[str, Any] = {
    "endpointName": "shop",
    "endpointConfigName": "c1",
    "tags": {"Team": "ml"},
}
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/shop"


def account() -> Aws:
    aws = Aws()
    aws.config("c1", v1=("ml.m5.large", 2, 1.0))
    aws.config("c2", v1=("ml.m5.large", 3, 1.0))
    return aws


def endpoint(aws: Aws) -> Endpoint:
    return Endpoint(FakeCloud(aws))


def checked(**inputs: Any) -> dict[str, str]:
    asked = {**INPUTS, **inputs}
    given, failures = endpoint(Aws()).check(context(), asked, None)
    assert given == {name: value for name, value in asked.items() if value is not None}
    return {failure.path: failure.reason for failure in failures}


def test_good_inputs_pass() -> None:
    assert checked() == {}
    assert checked(endpointName="A" * 63, tags={"a b/c": "é @+"}) == {}
    assert endpoint(Aws()).check(context(), {k: INPUTS[k] for k in list(INPUTS)[:2]}, None)[1] == []


def test_all_problems_are_told_at_once() -> None:
    found = checked(
        endpointName="under_score",
        endpointConfigName="x" * 64,
        endpointConfigname="c1",
        tags={"mlgap:urn": "x", "ok": "v" * 257, "n": 3, "aws:x": "1", "semi;colon": "1"},
    )
    assert found.keys() == {
        "endpointName",
        "endpointConfigName",
        "endpointConfigname",
        'tags["mlgap:urn"]',
        "tags.ok",
        "tags.n",
        'tags["aws:x"]',
        'tags["semi;colon"]',
    }
    assert found["endpointName"] == (
        "got 'under_score', allowed: 1 to 63 letters, digits and hyphens that stand inside "
        "(botocore sagemaker CreateEndpoint, shape EndpointName)"
    )
    assert "nearest: endpointConfigName" in found["endpointConfigname"]


@pytest.mark.parametrize("name", [None, "", "-a", "a-", 7, "a" * 64, "a b", "a\n"])
def test_a_name_that_sagemaker_refuses_is_refused(name: Any) -> None:
    assert checked(endpointName=name).keys() == {"endpointName"}


def test_what_is_not_known_yet_is_skipped() -> None:
    assert checked(endpointName=UNKNOWN, endpointConfigName=UNKNOWN, tags=UNKNOWN) == {}
    assert checked(tags={"Team": UNKNOWN}) == {}


def test_fifty_tags_leave_no_room_for_the_owner() -> None:
    assert checked(tags={f"k{n}": "v" for n in range(49)}) == {}
    assert (
        "allowed: 49 tags; mlgap needs one"
        in checked(tags={f"k{n}": "v" for n in range(50)})["tags"]
    )


def test_tags_that_are_no_map_are_refused() -> None:
    assert checked(tags=["a"])["tags"].startswith("got ['a'], allowed: a map of strings")


def differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[Change], bool]:
    found = endpoint(Aws()).diff(context(), "shop", old, old, new)
    return list(found.changes), found.delete_before_replace


def test_the_same_inputs_are_no_change() -> None:
    assert differences(INPUTS, INPUTS) == ([], True)
    assert differences({**INPUTS, "tags": {}}, {k: INPUTS[k] for k in list(INPUTS)[:2]})[0] == []


def test_another_name_replaces_and_the_old_one_may_serve_until_then() -> None:
    change = Change(path="endpointName", kind="update", replace=True)
    assert differences(INPUTS, {**INPUTS, "endpointName": "b"}) == ([change], False)


@pytest.mark.parametrize("config", ["c2", UNKNOWN])
def test_another_configuration_is_an_update(config: str) -> None:
    change = Change(path="endpointConfigName", kind="update")
    assert differences(INPUTS, {**INPUTS, "endpointConfigName": config}) == ([change], True)


def test_tags_differ_key_by_key() -> None:
    old = {**INPUTS, "tags": {"a": "1", "b": "1", "c.d": "1"}}
    new = {**INPUTS, "tags": {"b": "2", "c.d": "1", "e:f": "1"}}
    assert differences(old, new)[0] == [
        Change(path="tags.a", kind="delete"),
        Change(path="tags.b", kind="update"),
        Change(path='tags["e:f"]', kind="add"),
    ]
    assert differences(old, {**INPUTS, "tags": UNKNOWN})[0] == [Change(path="tags", kind="update")]


def test_a_preview_knows_the_arn_and_calls_nothing() -> None:
    aws = Aws()
    inputs = {**INPUTS, "endpointConfigName": UNKNOWN}
    made = endpoint(aws).create(context(preview=True), inputs)
    assert made == ("", {**inputs, "arn": ARN})
    state = {**INPUTS, "arn": ARN}
    changed = endpoint(aws).update(context(preview=True), "shop", INPUTS, state, inputs)
    assert changed == {**inputs, "arn": ARN}
    assert aws.calls == []


@pytest.mark.parametrize("name", [UNKNOWN, "Shop"])
def test_an_arn_that_cannot_be_told_ahead_is_unknown(name: str) -> None:
    made = endpoint(Aws()).create(context(preview=True), {**INPUTS, "endpointName": name})
    assert made[1]["arn"] == UNKNOWN


def test_create_waits_and_marks_the_endpoint_as_its_own() -> None:
    aws = account()
    assert endpoint(aws).create(context(), INPUTS) == ("shop", {**INPUTS, "arn": ARN})
    assert aws.endpoints["shop"]["status"] == "InService"
    assert aws.tags[ARN] == {"Team": "ml", "mlgap:urn": tags.owner(URN)}


def test_a_missing_configuration_is_told_and_nothing_is_left() -> None:
    aws = Aws()
    with pytest.raises(ProviderError, match="there is no endpoint configuration c1") as caught:
        endpoint(aws).create(context(), INPUTS)
    assert not isinstance(caught.value, Partial)
    assert aws.endpoints == {}


def calls_of_one_create() -> int:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    return len(aws.calls)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(calls_of_one_create()))
def test_a_create_that_was_killed_finds_its_own_work_again(call: int, after_effect: bool) -> None:
    aws = account()
    aws.kill_at, aws.kill_after_effect = call, after_effect
    with pytest.raises(Killed):
        endpoint(aws).create(context(), INPUTS)
    aws.kill_at = None
    changed = {**INPUTS, "endpointConfigName": "c2"}
    endpoint(aws).create(context(), changed)
    assert aws.endpoints["shop"]["config"] == "c2"
    assert aws.tags[ARN] == {"Team": "ml", "mlgap:urn": tags.owner(URN)}


@pytest.mark.parametrize("mark", [{}, {"mlgap:urn": "0" * 16}])
def test_a_strangers_endpoint_is_refused(mark: dict[str, str]) -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    aws.tags[ARN] = mark
    aws.writes.clear()
    with pytest.raises(ProviderError, match="exists already and this stack did not make it"):
        endpoint(aws).create(context(), INPUTS)
    assert aws.writes == []


def test_a_create_that_fails_is_kept_with_its_reason_and_made_anew_next_time() -> None:
    aws = account()
    aws.outcome = ["the container did not pass the health check"]
    with pytest.raises(Partial, match="is Failed: the container did not pass") as caught:
        endpoint(aws).create(context(), INPUTS)
    assert (caught.value.id, caught.value.state["arn"]) == ("shop", ARN)
    endpoint(aws).update(context(), "shop", INPUTS, caught.value.state, INPUTS)
    assert aws.endpoints["shop"]["status"] == "InService"
    assert [name for name, _ in aws.writes].count("DeleteEndpoint") == 1


def test_a_create_that_failed_reads_with_what_was_asked_for() -> None:
    aws = account()
    aws.outcome = ["no capacity"]
    with pytest.raises(Partial):
        endpoint(aws).create(context(), INPUTS)
    with pytest.raises(Partial, match="endpoint shop is Failed: no capacity") as caught:
        endpoint(aws).read(context(), "shop", INPUTS, {})
    assert caught.value.state == {**INPUTS, "arn": ARN}


def test_a_cancelled_create_is_kept() -> None:
    aws = account()
    ctx = context()
    aws.afterwards["CreateEndpoint"] = ctx.cancelled.set
    with pytest.raises(Partial, match="cancelled") as caught:
        endpoint(aws).create(ctx, INPUTS)
    assert caught.value.state == {**INPUTS, "arn": ARN}


def test_read_shows_drift_and_hides_what_mlgap_keeps() -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    aws.endpoints["shop"]["config"] = "c2"
    aws.tags[ARN].update({"Extra": "1", "aws:made": "x"})
    seen = {
        "endpointName": "shop",
        "endpointConfigName": "c2",
        "tags": {"Team": "ml", "Extra": "1"},
    }
    assert endpoint(aws).read(context(), "shop", INPUTS, {}) == ("shop", seen, {**seen, "arn": ARN})


def test_an_endpoint_is_imported_by_its_name() -> None:
    aws = account()
    endpoint(aws).create(context(), {k: INPUTS[k] for k in list(INPUTS)[:2]})
    seen = {"endpointName": "shop", "endpointConfigName": "c1"}
    assert endpoint(aws).read(context(), "shop", {}, {}) == ("shop", seen, {**seen, "arn": ARN})


def test_an_import_is_marked_at_its_next_update() -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    del aws.tags[ARN]["mlgap:urn"]
    endpoint(aws).update(context(), "shop", INPUTS, INPUTS, INPUTS)
    assert aws.tags[ARN]["mlgap:urn"] == tags.owner(URN)


def test_what_is_gone_reads_as_gone() -> None:
    aws = account()
    with pytest.raises(NotFound):
        endpoint(aws).read(context(), "shop", INPUTS, {})


def test_an_endpoint_in_deletion_reads_as_gone() -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    aws.endpoints["shop"].update(status="Deleting", looks=9)
    with pytest.raises(NotFound):
        endpoint(aws).read(context(), "shop", INPUTS, {})


@pytest.mark.parametrize(
    ("status", "parked", "reason"),
    [
        ("Failed", {}, "endpoint shop is Failed: out of memory"),
        ("InService", {"mlgap:parked/v1/0": "1:x"}, "left autoscaling parked"),
    ],
)
def test_a_refresh_makes_the_next_update_mend_it(
    status: str, parked: dict[str, str], reason: str
) -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    aws.endpoints["shop"].update(status=status, reason="out of memory")
    aws.tags[ARN].update(parked)
    with pytest.raises(Partial, match=reason) as caught:
        endpoint(aws).read(context(), "shop", INPUTS, {})
    assert caught.value.state == {**INPUTS, "arn": ARN}


def test_an_endpoint_deleted_by_hand_is_made_anew() -> None:
    aws = account()
    told: list[tuple[str, str]] = []
    ctx = context(log=lambda level, message: told.append((level, message)))
    endpoint(aws).update(ctx, "shop", INPUTS, INPUTS, INPUTS)
    assert aws.endpoints["shop"]["status"] == "InService"
    assert "endpoint shop is gone and is made anew" in dict(told)["warning"]


@pytest.mark.parametrize("status", ["InService", "Failed", "Creating", "Updating", "Deleting"])
def test_delete_leaves_nothing_whatever_the_state(status: str) -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    shop = aws.endpoints["shop"]
    settled = aws.endpoints.clear if status == "Deleting" else lambda: shop.update(status="Failed")
    shop.update(status=status, looks=3, then=settled)
    endpoint(aws).delete(context(), "shop", INPUTS, {})
    assert aws.endpoints == {}


def test_delete_of_what_is_gone_is_done() -> None:
    aws = account()
    endpoint(aws).delete(context(), "shop", INPUTS, {})
    assert aws.writes == []


def test_delete_waits_for_an_endpoint_that_started_to_move() -> None:
    aws = account()
    endpoint(aws).create(context(), INPUTS)
    aws.refuse["DeleteEndpoint"] = [
        Refused("ValidationException", "Cannot update in-progress endpoint"),
    ]
    endpoint(aws).delete(context(), "shop", INPUTS, {})
    assert aws.endpoints == {}


def test_a_refusal_names_the_call_and_the_code() -> None:
    aws = account()
    aws.refuse["CreateEndpoint"] = [Refused("AccessDeniedException", "not allowed")]
    with pytest.raises(ProviderError) as caught:
        endpoint(aws).create(context(), INPUTS)
    assert str(caught.value) == "CreateEndpoint: not allowed (AccessDeniedException)"
