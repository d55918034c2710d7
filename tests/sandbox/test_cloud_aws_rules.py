"""What the local AWS decides without a process: life of endpoints, updates, trust, words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mlplatform.sandbox.clouds.aws import documents, shapes, trust, variants
from mlplatform.sandbox.clouds.aws.endpoint_life import (
    Deployment,
    Endpoint,
    Move,
    Variant,
    at,
    started,
)
from mlplatform.sandbox.clouds.aws.errors import ServiceError

ACCOUNT, REGION = "123456789012", "us-east-1"


def variant(name: str, *, count: int = 1, weight: float = 1.0, machine: str = "ml.m5.large") -> Any:
    return Variant(
        name=name,
        model="m",
        instance_type=machine,
        weight=weight,
        desired_weight=weight,
        count=count,
        desired_count=count,
        image=None,
        settings={},
    )


def deployment(config: str, *of: Variant, capture: dict[str, Any] | None = None) -> Deployment:
    return Deployment(config_name=config, variants=of, data_capture=capture, settings={})


def endpoint(**more: Any) -> Endpoint:
    facts: dict[str, Any] = {
        "name": "e",
        "arn": "arn",
        "created": 0.0,
        "modified": 0.0,
        "status": "InService",
        "first_config": "c1",
        "serves": deployment("c1", variant("v")),
        **more,
    }
    return Endpoint(**facts)


def states(changed: Endpoint, *moments: float) -> list[str | None]:
    found = [at(changed, moment) for moment in moments]
    return [one.status if one else None for one in found]


def test_a_creation_takes_its_time_and_then_serves() -> None:
    new = endpoint(serves=None)
    created = started(new, Move(kind="create", start=10, takes_s=2, to=deployment("c1")))
    assert states(created, 10, 11.9, 12) == ["Creating", "Creating", "InService"]


def test_a_failed_creation_serves_nothing_and_tells_why() -> None:
    move = Move(kind="create", start=10, takes_s=2, to=deployment("c1"), failure="sick")
    failed = at(started(endpoint(serves=None), move), 12)
    assert failed is not None
    assert (failed.status, failed.failure, failed.serves) == ("Failed", "sick", None)


def test_a_rolled_back_update_passes_two_states_and_keeps_what_served() -> None:
    move = Move(kind="update", start=10, takes_s=2, to=deployment("c2"), failure="sick")
    changed = started(endpoint(), move)
    assert states(changed, 11, 13, 14) == ["Updating", "RollingBack", "InService"]
    after = at(changed, 14)
    assert after is not None and after.serves is not None
    assert (after.serves.config_name, after.failure, after.modified) == ("c1", "sick", 14)


def test_a_later_look_sees_the_same_as_many_looks() -> None:
    changed = started(endpoint(), Move(kind="update", start=1, takes_s=1, to=deployment("c2")))
    step: Endpoint | None = changed
    for moment in (1.5, 2.0, 2.5, 3.0):
        assert step is not None
        step = at(step, moment)
    assert step == at(changed, 3.0)


def test_a_deleted_endpoint_is_gone_after_its_time() -> None:
    deleted = started(endpoint(), Move(kind="delete", start=1, takes_s=1))
    assert states(deleted, 1.5, 2) == ["Deleting", None]


def test_without_a_delay_everything_is_over_at_once() -> None:
    changed = started(endpoint(), Move(kind="update", start=1, takes_s=0, to=deployment("c2")))
    assert states(changed, 1) == ["InService"]


@pytest.mark.parametrize(
    ("retain", "excluded", "expected"),
    [
        (True, {"DesiredWeight"}, (4, 9.0)),
        (True, set(), (4, 5.0)),
        (True, {"DesiredInstanceCount", "DesiredWeight"}, (1, 9.0)),
        (False, set(), (1, 9.0)),
        (False, {"DesiredWeight"}, (1, 9.0)),
    ],
)
def test_what_an_update_retains(
    retain: bool, excluded: set[str], expected: tuple[int, float]
) -> None:
    live = deployment("c1", variant("v", count=4, weight=5.0))
    wanted = deployment("c2", variant("v", count=1, weight=9.0))
    result = variants.updated(live, wanted, retain=retain, excluded=excluded).variants[0]
    assert (result.desired_count, result.desired_weight) == expected
    assert (result.count, result.weight) == (4, 5.0), "what serves changes at the end only"


def test_a_new_variant_comes_from_the_configuration_though_the_others_are_retained() -> None:
    live = deployment("c1", variant("old", count=4))
    wanted = deployment("c2", variant("old"), variant("new", count=2))
    result = variants.updated(live, wanted, retain=True, excluded=())
    assert [v.desired_count for v in result.variants] == [4, 2]


def test_data_capture_is_retained_unless_it_is_excluded() -> None:
    live = deployment("c1", variant("v"), capture={"a": 1})
    wanted = deployment("c2", variant("v"), capture={"a": 2})
    kept = variants.updated(live, wanted, retain=True, excluded=())
    fresh = variants.updated(live, wanted, retain=True, excluded={"DataCaptureConfig"})
    assert (kept.data_capture, fresh.data_capture) == ({"a": 1}, {"a": 2})


def test_a_registered_variant_may_change_all_but_its_machine() -> None:
    live = deployment("c1", variant("a"), variant("b"))
    machine = replace(variant("a"), instance_type="ml.m5.xlarge")
    leaves = variants.bound_to_leave
    assert leaves(live, deployment("c2", machine, variant("b")), {"a"}) == ["a"]
    assert leaves(live, deployment("c2", machine, variant("b")), {"b"}) == []
    assert leaves(live, deployment("c2", variant("a", count=3)), {"a"}) == []
    assert leaves(live, deployment("c2", variant("a")), {"b"}) == ["b"]


def policy(**statement: Any) -> dict[str, Any]:
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            **statement,
        }
    }


def condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return policy(Condition={operator: {key: value}})


@pytest.mark.parametrize(
    "document",
    [
        policy(),
        policy(Principal={"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]}),
        policy(Action=["sts:*"]),
        condition("StringEquals", "aws:SourceAccount", ACCOUNT),
        condition("StringEquals", "AWS:SourceAccount", [ACCOUNT, "210987654321"]),
        condition("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"),
        condition("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:*:{ACCOUNT}:*"),
        condition("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/*"),
        condition("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
    ],
)
def test_sagemaker_may_assume(document: dict[str, Any]) -> None:
    assert trust.allows(document, account=ACCOUNT, region=REGION)


@pytest.mark.parametrize(
    "document",
    [
        {},
        policy(Principal={"Service": "lambda.amazonaws.com"}),
        policy(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        policy(Action="sts:TagSession"),
        policy(Effect="Deny"),
        {"Statement": [policy()["Statement"], policy(Effect="Deny")["Statement"]]},
        condition("StringEquals", "aws:SourceAccount", "210987654321"),
        condition("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:*"),
        condition("StringEquals", "aws:PrincipalOrgID", "o-1"),
        condition("DateLessThan", "aws:CurrentTime", "2030-01-01"),
    ],
)
def test_sagemaker_may_not_assume(document: dict[str, Any]) -> None:
    assert not trust.allows(document, account=ACCOUNT, region=REGION)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "invalid Json"),
        ("[]", "invalid Json"),
        (json.dumps({"Statement": []}), "Statement"),
        (json.dumps(policy(Effect="Maybe")), "Invalid effect"),
        (json.dumps(policy(Principal={"Servce": "x"})), "Invalid principal"),
        (json.dumps(policy(Resource="*")), "prohibited field Resource"),
        (json.dumps(policy(Action="s3:GetObject")), "STS AssumeRole actions"),
    ],
)
def test_what_is_no_trust_policy_is_refused(document: str, words: str) -> None:
    with pytest.raises(ServiceError, match=words) as refused:
        documents.require_trust_policy(document)
    assert refused.value.code == "MalformedPolicyDocument"


def test_a_request_is_told_all_its_problems_with_their_places() -> None:
    request = {
        "EndpointConfigName": "bad_name",
        "ProductionVariants": [{"VariantName": "v", "InitialInstanceCount": 0}],
        "DataCaptureConfig": {"InitialSamplingPercentage": 500},
    }
    with pytest.raises(ServiceError) as refused:
        shapes.check_request("sagemaker", "CreateEndpointConfig", request)
    told = refused.value.message
    assert told.startswith("5 validation errors detected: ")
    for place in (
        "'endpointConfigName'",
        "'productionVariants.1.member.initialInstanceCount'",
        "'dataCaptureConfig.initialSamplingPercentage'",
        "'dataCaptureConfig.destinationS3Uri'",
        "'dataCaptureConfig.captureOptions'",
    ):
        assert place in told


def test_a_wrong_type_is_a_serialization_error() -> None:
    with pytest.raises(ServiceError) as refused:
        shapes.check_request("sagemaker", "DescribeEndpoint", {"EndpointName": True})
    assert refused.value.code == "SerializationException"


def test_an_answer_that_the_vendors_model_does_not_know_is_a_bug_that_shows() -> None:
    with pytest.raises(AssertionError, match="endpointArn"):
        shapes.check_answer("sagemaker", "CreateEndpoint", {})
