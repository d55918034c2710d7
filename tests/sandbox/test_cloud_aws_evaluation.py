"""Each row is a sentence of the IAM guide's evaluation logic."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlplatform.sandbox.clouds.aws.evaluation import Request, Value, decide

OBJECT = "arn:aws:s3:::data/train/a.csv"


def policy(**statement: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **statement}
    return {"Version": "2012-10-17", "Statement": [whole]}


def asked(action: str = "s3:GetObject", resource: str = OBJECT, /, **context: Value) -> Request:
    return Request(action=action, resource=resource, context=context)


def conditioned(operator: str, key: str, wanted: Any, **context: Value) -> str:
    return decide(asked(**context), [policy(Condition={operator: {key: wanted}})])


def test_nothing_said_is_not_allowed() -> None:
    assert decide(asked(), []) == "not allowed"
    assert decide(asked("s3:PutObject"), [policy()]) == "not allowed"


def test_a_deny_decides_against_any_number_of_allows() -> None:
    deny = policy(Effect="Deny", Action="s3:Get*")
    assert decide(asked(), [policy(), policy(Action="*"), deny]) == "denied"
    assert decide(asked("s3:ListBucket"), [policy(Action="s3:*"), deny]) == "allowed"


def test_actions_match_in_any_case_with_wildcards() -> None:
    for action in ("S3:getobject", "s3:Get*", "s3:GetObjec?", "*"):
        assert decide(asked(), [policy(Action=action)]) == "allowed"
    assert decide(asked(), [policy(Action="s3:GetObject?")]) == "not allowed"


def test_not_action_is_everything_else() -> None:
    rest = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    }
    assert decide(asked(), [rest]) == "allowed"
    assert decide(asked("iam:PassRole"), [rest]) == "not allowed"


def test_a_deny_with_not_action_leaves_only_what_it_names() -> None:
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "NotAction": ["s3:GetObject"], "Resource": "*"}],
    }
    everything = policy(Action="*")
    assert decide(asked(), [everything, deny]) == "allowed"
    assert decide(asked("s3:PutObject"), [everything, deny]) == "denied"


@pytest.mark.parametrize(
    ("resource", "decision"),
    [
        ("arn:aws:s3:::data/*", "allowed"),
        ("arn:aws:s3:::data/train/?.csv", "allowed"),
        ("arn:aws:s3:::Data/*", "not allowed"),
        ("arn:aws:s3:::data", "not allowed"),
        ("arn:aws:s3:::dat*", "allowed"),
        ("arn:aws:*:::data/*", "allowed"),
        ("arn:*", "not allowed"),
        (["arn:aws:s3:::other/*", "arn:aws:s3:::data/*"], "allowed"),
    ],
)
def test_resources_match_in_their_own_case_part_by_part(resource: Any, decision: str) -> None:
    assert decide(asked(), [policy(Resource=resource)]) == decision


def test_not_resource_is_everything_else() -> None:
    both = policy()
    del both["Statement"][0]["Resource"]
    both["Statement"][0]["NotResource"] = "arn:aws:s3:::secret/*"
    assert decide(asked(), [both]) == "allowed"
    assert decide(asked("s3:GetObject", "arn:aws:s3:::secret/a"), [both]) == "not allowed"


def test_an_absent_key_fails_a_positive_and_meets_a_negated_operator() -> None:
    assert conditioned("StringEquals", "aws:k", "v") == "not allowed"
    assert conditioned("StringNotEquals", "aws:k", "v") == "allowed"
    assert conditioned("ArnNotLike", "aws:k", "arn:aws:s3:::*") == "allowed"
    assert conditioned("Bool", "aws:k", "false") == "not allowed"


def test_if_exists_meets_an_absent_key_only() -> None:
    assert conditioned("StringEqualsIfExists", "aws:k", "v") == "allowed"
    assert conditioned("StringEqualsIfExists", "aws:k", "v", **{"aws:K": "w"}) == "not allowed"


def test_null_asks_whether_the_key_is_there() -> None:
    assert conditioned("Null", "aws:k", "true") == "allowed"
    assert conditioned("Null", "aws:k", "false") == "not allowed"
    assert conditioned("Null", "aws:k", False, **{"aws:k": "v"}) == "allowed"


def test_for_all_values_holds_for_no_value_and_for_any_value_does_not() -> None:
    assert conditioned("ForAllValues:StringEquals", "aws:k", ["v"]) == "allowed"
    assert conditioned("ForAnyValue:StringEquals", "aws:k", ["v"]) == "not allowed"
    both = {"aws:k": ["v", "w"]}
    assert conditioned("ForAllValues:StringEquals", "aws:k", ["v"], **both) == "not allowed"
    assert conditioned("ForAnyValue:StringEquals", "aws:k", ["v"], **both) == "allowed"


def test_every_operator_and_key_must_hold_and_one_value_is_enough() -> None:
    statement = policy(
        Condition={"StringEquals": {"a": ["1", "2"]}, "NumericLessThan": {"b": "10"}}
    )
    assert decide(asked(a="2", b="9"), [statement]) == "allowed"
    assert decide(asked(a="2", b="10"), [statement]) == "not allowed"
    assert decide(asked(a="3", b="9"), [statement]) == "not allowed"


def test_addresses_dates_and_booleans_are_compared_as_such() -> None:
    assert conditioned("IpAddress", "ip", "10.0.0.0/8", ip="10.1.2.3") == "allowed"
    assert conditioned("NotIpAddress", "ip", "10.0.0.0/8", ip="10.1.2.3") == "not allowed"
    before = conditioned("DateLessThan", "t", "2026-01-01T00:00:00Z", t="2025-12-31T23:59:59Z")
    assert before == "allowed"
    assert conditioned("Bool", "b", True, b="TRUE") == "allowed"


def test_a_variable_without_a_value_matches_nothing() -> None:
    own = policy(Resource="arn:aws:s3:::data/${aws:username}/*")
    mine = "arn:aws:s3:::data/ann/x"
    assert decide(asked("s3:GetObject", mine, **{"aws:username": "ann"}), [own]) == "allowed"
    assert decide(asked("s3:GetObject", mine, **{"aws:username": "bob"}), [own]) == "not allowed"
    assert decide(asked("s3:GetObject", "arn:aws:s3:::data//x"), [own]) == "not allowed"
    star = policy(Resource="arn:aws:s3:::data/${*}")
    assert decide(asked("s3:GetObject", "arn:aws:s3:::data/*"), [star]) == "allowed"
    assert decide(asked("s3:GetObject", "arn:aws:s3:::data/a"), [star]) == "not allowed"


def test_principals_are_services_roles_and_whole_accounts() -> None:
    def trusted(principal: Any, who: str) -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        request = Request(action="sts:AssumeRole", principal=who)
        return decide(request, [{"Statement": statement}])

    sagemaker = "Service:sagemaker.amazonaws.com"
    role = "AWS:arn:aws:iam::123456789012:role/r"
    assert trusted({"Service": "sagemaker.amazonaws.com"}, sagemaker) == "allowed"
    assert trusted({"Service": "scheduler.amazonaws.com"}, sagemaker) == "not allowed"
    assert trusted({"AWS": "arn:aws:iam::123456789012:root"}, role) == "allowed"
    assert trusted({"AWS": "arn:aws:iam::210987654321:root"}, role) == "not allowed"
    assert trusted("*", role) == "allowed"


def test_what_iam_does_not_know_raises() -> None:
    with pytest.raises(ValueError, match="no condition operator"):
        conditioned("StringSameAs", "k", "v")
    with pytest.raises(ValueError, match="without Action"):
        decide(asked(), [{"Statement": [{"Effect": "Allow", "Resource": "*"}]}])


@given(st.text(alphabet="ab*?:/", max_size=8), st.text(alphabet="ab:/", max_size=8))
def test_a_deny_and_an_allow_of_the_same_pattern_never_allow(pattern: str, text: str) -> None:
    resource = f"arn:aws:s3:::{text}"
    allow = policy(Resource=f"arn:aws:s3:::{pattern}")
    deny = policy(Resource=f"arn:aws:s3:::{pattern}", Effect="Deny")
    assert decide(asked("s3:GetObject", resource), [allow, deny]) != "allowed"
    assert decide(asked("s3:GetObject", f"arn:aws:s3:::{pattern}"), [allow]) == "allowed"
