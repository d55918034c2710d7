"""Dangers: in logs that the real engine wrote on each cloud, and at the edges of each rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlplatform.review import changes, danger, dangers, events, grants, model
from mlplatform.review.grants import Grant
from tests.review import logs

DATA = Path(__file__).parent / "data"
OF_RESOURCES = {
    *("data", "endpoint", "cluster", "permission", "exposure"),
    *("protection", "key", "hardware", "scaling"),
}


def kinds(*steps: dict[str, object]) -> list[tuple[str, str]]:
    return [(d.kind, d.text) for d in dangers.find(changes.read(logs.log(*steps)))]


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_every_danger_is_found_in_a_log_of_the_real_engine(cloud: str) -> None:
    stack = model.read(events.load(DATA / f"dangers_{cloud}.jsonl"))
    found = {d.kind for d in stack.dangers}
    assert found == OF_RESOURCES
    assert {c for d in stack.dangers for c in d.clouds} == {cloud}
    order = [danger.ORDER.index(d.kind) for d in stack.dangers]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("cloud", "line"),
    [
        ("aws", "bucket dangers-old is replaced (bucket: dangers-old → dangers-new)"),
        ("aws", "may may now s3:DeleteObject, s3:PutObject on arn:aws:s3:::dangers-data/*"),
        ("aws", "bucket dangers-kept: protect true → false"),
        ("aws", "machine ml.m5.large → ml.m5.xlarge"),
        ("aws", "scaling 1..5 → 1..8"),
        ("gcp", "may now roles/storage.objectAdmin on dangers-data"),
        ("gcp", "publicAccessPrevention enforced → inherited"),
        ("azure", "may now Storage Blob Data Contributor"),
        ("azure", "allowBlobPublicAccess false → true"),
    ],
)
def test_a_line_says_what_happens_with_values(cloud: str, line: str) -> None:
    stack = model.read(events.load(DATA / f"dangers_{cloud}.jsonl"))
    assert any(line in d.text for d in stack.dangers)


def policy(*statements: Mapping[str, object]) -> dict[str, object]:
    return {"policy": json.dumps({"Statement": list(statements)})}


ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:x/*"}
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


@pytest.mark.parametrize(
    ("new", "widens"),
    [
        ({**ALLOW, "Action": ["s3:GetObject", "s3:GetObjectTagging"]}, False),
        ({**ALLOW, "Resource": "arn:x/y"}, False),
        ({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({**ALLOW, "Action": "s3:*"}, True),
        ({**ALLOW, "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
    ],
)
def test_a_grant_is_wider_only_when_nothing_before_covers_it(
    new: dict[str, object], widens: bool
) -> None:
    step = logs.step("update", ROLE_POLICY, "may", old=policy(ALLOW), new=policy(new))
    assert bool(kinds(step)) is widens


def test_a_denial_that_goes_away_and_a_condition_that_falls_are_widenings() -> None:
    deny = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    ((kind, text),) = kinds(
        logs.step("update", ROLE_POLICY, "may", old=policy(ALLOW, deny), new=policy(ALLOW))
    )
    assert (kind, text) == ("permission", "may is no longer denied s3:PutObject on *")
    narrow = {**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    step = logs.step("update", ROLE_POLICY, "may", old=policy(narrow), new=policy(ALLOW))
    assert [kind for kind, _ in kinds(step)] == ["permission"]


def test_anybody_is_an_exposure() -> None:
    public = {**ALLOW, "Principal": "*"}
    step = logs.step("create", "aws:s3/bucketPolicy:BucketPolicy", "b", new=policy(public))
    assert kinds(step) == [("exposure", "anybody may s3:Get* on arn:x/*")]
    member = {"role": "roles/x", "member": "allUsers", "bucket": "b"}
    step = logs.step("create", "gcp:storage/bucketIAMMember:BucketIAMMember", "b", new=member)
    assert kinds(step) == [("exposure", "anybody may roles/x on b")]


def test_a_new_identity_with_its_first_grants_is_no_widening() -> None:
    access = logs.urn("mlplatform:aws:Access", "ml-dev-x")
    steps = (
        logs.step("create", "mlplatform:aws:Access", "ml-dev-x", new={}),
        logs.step("create", ROLE_POLICY, "may", new=policy(ALLOW), parent=access),
    )
    assert kinds(*steps) == []
    assert [kind for kind, _ in kinds(steps[1])] == ["permission"]


def test_what_becomes_safer_is_no_danger() -> None:
    before = {"publicNetworkAccess": "Enabled", "forceDestroy": True, "retentionInDays": 7}
    after = {"publicNetworkAccess": "Disabled", "forceDestroy": False, "retentionInDays": 30}
    token = "azure-native:x:Y"
    assert kinds(logs.step("update", token, "y", old=before, new=after)) == []
    found = kinds(logs.step("update", token, "y", old=after, new=before))
    assert [kind for kind, _ in found] == ["exposure", "protection", "protection"]


def test_the_same_line_of_three_clouds_is_one_line() -> None:
    bounds = {"minReplicas": 1, "maxReplicas": 5}, {"minReplicas": 1, "maxReplicas": 8}
    steps = [
        logs.step("update", token, "ml-dev-fraud", old=bounds[0], new=bounds[1])
        for token in ("aws:x/y:Y", "gcp:x/y:Y", "azure-native:x:Y")
    ]
    (danger,) = dangers.find(changes.read(logs.log(*steps)))
    assert danger.clouds == ("aws", "azure", "gcp")
    assert (danger.owner, danger.text) == ("fraud", "scaling 1..5 → 1..8")


def test_only_gaps_that_were_not_there_before_are_new() -> None:
    log = logs.log(
        logs.said("gap: gcp fraud workloads.fraud.endpoint.scaling: asked a, given b; c"),
        logs.said("gap: aws fraud workloads.fraud.endpoint.accelerator: asked V100, given T4; d"),
    )
    found = dangers.gaps(
        log, before=["gcp fraud workloads.fraud.endpoint.scaling: asked a, given b; c"]
    )
    assert [(d.kind, d.owner, d.text) for d in found] == [
        ("hardware", "fraud", "asked V100, given T4; d")
    ]
    assert {d.kind for d in dangers.gaps(log, before=[])} == {"gap", "hardware"}


def test_a_protected_resource_that_goes_is_said_with_both() -> None:
    step = logs.step(
        "delete", "aws:s3/bucket:Bucket", "b", old={"bucket": "b"}, protect=(True, False)
    )
    assert [kind for kind, _ in kinds(step)] == ["data", "protection"]


def test_a_bracket_in_a_policy_means_itself() -> None:
    old = frozenset({Grant(effect="allow", action="a:b", on="x[ab]/*")})
    assert grants.widened(old, frozenset({Grant(effect="allow", action="a:b", on="xa/1")}))
    assert not grants.widened(old, frozenset({Grant(effect="allow", action="a:b", on="x[ab]/1")}))


def test_substituted_hardware_is_new_and_a_gap_that_the_stack_had_is_not() -> None:
    log = events.load(DATA / "gaps.jsonl")
    said = [d.message for d in log.diagnostics if d.message.startswith("gap: gcp bankchurn")]
    assert said, "the stack has a gap before and after"
    found = [d for d in model.read(log).dangers if "asked" in d.text]
    assert [(d.kind, d.clouds, d.owner) for d in found] == [
        ("hardware", ("aws",), "resnet50"),
        ("hardware", ("azure",), "resnet50"),
    ]
    assert found[0].text.startswith("asked V100 (ml.p3.2xlarge), given T4 (ml.g4dn.xlarge)")
    everything = model.read(log, gaps_before=[])
    assert {d.kind for d in everything.dangers} == {"hardware", "gap"}
