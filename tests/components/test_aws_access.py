from __future__ import annotations

import json
from typing import Any

import pytest

from components.aws.access import Access, AccessArgs, serving_policy, trust_policy
from components.aws.place import Place
from tests.recorder import run

PLACE = Place(account_id="123456789012", region="eu-west-1")


def args(**changes: Any) -> AccessArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "role_name": "ml-test-fraud-serve",
        "endpoint_name": "ml-test-fraud",
        "bucket": "artifacts",
        "object_prefix": "fraud/",
        "key_alias": "alias/ml-test-models",
        "image_uris": ["763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.0"],
    }
    return AccessArgs(**(base | changes))


def test_trust_is_bound_to_this_account_and_its_own_resources() -> None:
    (statement,) = trust_policy(PLACE)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:*"},
    }


def test_every_star_resource_is_of_an_action_that_knows_no_resource() -> None:
    wide = [s for s in serving_policy(args())["Statement"] if s["Resource"] == "*"]
    assert {s["Action"] for s in wide} == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}


def test_no_action_has_a_wildcard() -> None:
    actions = [
        a
        for s in serving_policy(args())["Statement"]
        for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    ]
    assert not [a for a in actions if "*" in a]


def test_key_use_is_bound_to_the_alias() -> None:
    kms = [s for s in serving_policy(args())["Statement"] if "kms:" in json.dumps(s["Action"])]
    assert kms
    for statement in kms:
        assert statement["Condition"]["ForAnyValue:StringEquals"] == {
            "kms:ResourceAliases": "alias/ml-test-models"
        }


def test_an_artifact_elsewhere_is_readable_one_by_one() -> None:
    policy = serving_policy(args(artifact_uris=["s3://other/m/model.tar.gz"]))
    (read,) = [s for s in policy["Statement"] if s["Sid"] == "ReadArtifacts"]
    assert read["Resource"] == [
        "arn:aws:s3:::artifacts/fraud/*",
        "arn:aws:s3:::other/m/model.tar.gz",
    ]


def test_a_prefix_that_matches_a_neighbour_is_refused() -> None:
    with pytest.raises(ValueError, match="must end with '/'"):
        args(object_prefix="fraud")


def test_documents_are_plain_text_at_preview() -> None:
    inventory = run(lambda: Access("fraud", args()))
    role = inventory.one("aws:iam/role:Role")
    assert json.loads(role.inputs["assumeRolePolicy"]) == trust_policy(PLACE)
    policy = inventory.one("aws:iam/rolePolicy:RolePolicy")
    assert json.loads(policy.inputs["policy"]) == serving_policy(args())


def test_china_has_its_own_partition() -> None:
    place = Place(account_id="123456789012", region="cn-north-1")
    assert place.role_arn("r") == "arn:aws-cn:iam::123456789012:role/r"
