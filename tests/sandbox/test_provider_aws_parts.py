"""Parts of the stand-ins that need no cloud."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mlplatform.provider.model import Context, ProviderError
from mlplatform.sandbox.providers import aws_account as account
from mlplatform.sandbox.providers import inert
from mlplatform.sandbox.providers.__main__ import stand_in
from mlplatform.sandbox.providers.aws_invoke import policy_document
from mlplatform.sandbox.providers.aws_settle import settle
from mlplatform.sandbox.providers.inert import Inert

_PREVIEW = """
import json, sys
from mlplatform.provider.model import Context
from mlplatform.sandbox.providers.__main__ import stand_in
aws = stand_in("aws", "7.51.1")
aws.configure({"region": "us-east-1"})
token = "aws:sagemaker/endpoint:Endpoint"
ctx = Context(urn="u", token=token, name="e", preview=True, seed=b"s")
inputs, failures = aws.check(ctx, {"endpointConfigName": "c"}, None)
aws.create(ctx, inputs)
print(json.dumps([len(failures), [m for m in ("boto3", "botocore", "moto") if m in sys.modules]]))
"""


def test_a_preview_imports_no_vendor_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PREVIEW], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [0, []]


@pytest.mark.parametrize(
    ("declared", "seen", "settled"),
    [
        (2, 2.0, 2),
        ("2", 2, "2"),
        (True, "true", True),
        (["a", "b"], ["b", "a"], ["a", "b"]),
        (["a", "b"], ["a"], ["a"]),
        ({"a": 1}, {"a": 1, "extra": 2}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        (
            [{"n": "x", "v": 1}, {"n": "y"}],
            [{"n": "y"}, {"n": "x", "v": 2}],
            [{"n": "x", "v": 2}, {"n": "y"}],
        ),
        ('{"a": [1]}', '{ "a":[1] }', '{"a": [1]}'),
        ("id-1", "arn:aws:kms:us-east-1:1:key/id-1", "id-1"),
        ("id-1", "arn:aws:kms:us-east-1:1:key/id-2", "arn:aws:kms:us-east-1:1:key/id-2"),
        ("x", None, "x"),
    ],
)
def test_only_drift_changes_what_was_declared(
    declared: object, seen: object, settled: object
) -> None:
    assert settle(declared, seen) == settled


@pytest.mark.parametrize(
    "address", ["https://sagemaker.us-east-1.amazonaws.com", "http://10.0.0.1:80", "http://host"]
)
def test_an_address_that_is_not_loopback_is_refused(address: str) -> None:
    with pytest.raises(ProviderError, match="not loopback"):
        account.loopback(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:4566", "http://localhost:1", "http://[::1]:2"]
)
def test_a_loopback_address_is_taken(address: str) -> None:
    assert account.loopback(address) == address


def test_a_missing_address_says_how_to_start_a_local_cloud() -> None:
    with pytest.raises(ProviderError, match="mlp sandbox up"):
        account.loopback(None)


def test_a_cloud_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(ProviderError, match="does not answer"):
        account.caller("http://127.0.0.1:1", "key", "us-east-1")


def test_regions_belong_to_their_partitions() -> None:
    assert account.partition("eu-central-1")[0] == "aws"
    assert account.partition("cn-north-1") == ("aws-cn", "amazonaws.com.cn")
    assert account.partition("us-gov-west-1")[0] == "aws-us-gov"


def test_a_policy_document_is_built_as_the_provider_builds_it() -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject", "s3:ListBucket"],
        "resources": ["*"],
        "principals": [{"type": "Service", "identifiers": ["sagemaker.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
    }
    assert policy_document({"statements": [statement]}) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": "*",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_a_package_without_stand_in_is_served_inert() -> None:
    served = stand_in("random", "4.18.0")
    assert isinstance(served, Inert)
    assert (served.name, served.version) == ("random", "4.18.0")
    assert stand_in("aws", "7.51.1").name == "aws"


def test_inert_resources_keep_their_inputs_and_their_made_up_outputs() -> None:
    said: list[str] = []
    served = Inert("random", "1.0.0")
    ctx = Context(
        urn="urn:pulumi:dev::x::random:index/randomId:RandomId::id",
        token="random:index/randomId:RandomId",
        name="id",
        log=lambda _, message: said.append(message),
    )
    inputs, failures = served.check(ctx, {"byteLength": 4}, None)
    served.check(ctx, inputs, None)
    id_, state = served.create(ctx, inputs)
    assert failures == []
    assert len(said) == 1
    assert state["byteLength"] == 4
    assert state["arn"]
    new = served.update(ctx, id_, inputs, state, {"byteLength": 8})
    assert new == {**state, "byteLength": 8}
    changes = served.diff(ctx, id_, inputs, state, {"byteLength": 8}).changes
    assert [(c.path, c.replace) for c in changes] == [("byteLength", False)]


def test_an_inert_stand_in_shows_azure_identities_as_the_sdk_decodes_them() -> None:
    given = {"identity": {"userAssignedIdentities": ["/a"]}, "list": [{"b": 1}]}
    assert inert.shown(given) == {
        "identity": {"userAssignedIdentities": {"/a": {}}},
        "list": [{"b": 1}],
    }
