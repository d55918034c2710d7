"""mlgap under the real engine: one walk from a bad preview to destroy, and what each step shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.gaps.plugin.aws import parking
from tests.gaps.fake_aws import ACCOUNT, DIMENSION, Aws
from tests.gaps.fake_http import listening
from tests.gaps.walk import STACK, Walk

GOOD: dict[str, Any] = {
    "account": ACCOUNT,
    "endpoint_name": "shop",
    "endpoint_config_name": "c1",
    "tags": {"Team": "ml"},
}
V1 = ("endpoint/shop/variant/v1", DIMENSION)


class Journey:
    """Every step of the walk, and what it left."""

    def __init__(self, aws: Aws, walk: Walk) -> None:
        aws.config("c1", v1=("ml.m5.large", 2, 1.0))
        aws.config("c2", v1=("ml.m5.xlarge", 2, 1.0))

        walk.want(**{**GOOD, "endpoint_name": "a_b", "tags": {"mlgap:x": "1"}})
        self.bad_inputs = walk.run("preview", "--stack", STACK, expect=None)
        walk.want(**{**GOOD, "account": "9" * 12})
        self.wrong_account = walk.run("preview", "--stack", STACK, expect=None)
        walk.want(**GOOD)
        self.preview = walk.run("preview", "--stack", STACK)
        self.calls_before_up = list(aws.calls)
        walk.up()
        self.created = walk.resource()

        aws.scale("shop", "v1")
        aws.endpoints["shop"]["variants"]["v1"]["count"] = 6
        self.scaled = dict(aws.targets[V1])
        walk.want(**{**GOOD, "endpoint_config_name": "c2"})
        aws.outcome = ["no capacity"]
        self.rollback = walk.up(expect=None)
        self.after_rollback = walk.resource()

        self._kill_in_the_middle(aws, walk)
        self.parked_by_the_kill = parking.keys(aws.tags[aws.arn("endpoint", "shop")])
        self.taken_off_by_the_kill = V1 not in aws.targets
        walk.up()
        self.live = aws.live("shop")
        self.target = aws.targets[V1]
        self.tags = dict(aws.tags[aws.arn("endpoint", "shop")])
        self.no_change = walk.run("preview", "--expect-no-changes", "--stack", STACK)

        urn = self.created["urn"]
        walk.run("state", "delete", urn, "--force", "--yes", "--stack", STACK)
        walk.want(**{**GOOD, "endpoint_config_name": "c2", "import": "shop"})
        self.import_ = walk.up()
        self.imported = walk.resource()

        walk.run("destroy", "--yes", "--skip-preview", "--stack", STACK)
        self.left = (dict(aws.endpoints), dict(aws.targets))

    @staticmethod
    def _kill_in_the_middle(aws: Aws, walk: Walk) -> None:
        started = threading.Event()

        def never_ends() -> None:
            aws.endpoints["shop"]["looks"] = 10**9
            started.set()

        aws.afterwards["UpdateEndpoint"] = never_ends
        process = walk.start("up", "--yes", "--skip-preview", "--stack", STACK)
        assert started.wait(60)
        process.kill()
        process.communicate()
        aws.afterwards.clear()
        aws.endpoints["shop"]["looks"] = 1
        walk.run("cancel", STACK, "--yes")


pytestmark = [pytest.mark.engine]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    aws = Aws()
    folder: Path = tmp_path_factory.mktemp("walk")
    with listening(aws) as environment:
        yield Journey(aws, Walk(folder, environment))


def test_a_preview_lists_all_problems_of_an_endpoint(journey: Journey) -> None:
    assert "property endpointName value {a_b} has a problem: got 'a_b', allowed: " in (
        journey.bad_inputs
    )
    assert "a name that does not start with mlgap:" in journey.bad_inputs


def test_a_preview_refuses_credentials_of_another_account(journey: Journey) -> None:
    told = (
        f"the AWS credentials belong to account {ACCOUNT}, but this stack is for account {'9' * 12}"
    )
    assert told in journey.wrong_account


def test_a_preview_knows_the_arn_and_calls_neither_sagemaker_nor_scaling(journey: Journey) -> None:
    assert f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/shop" in journey.preview
    assert journey.calls_before_up == []


def test_up_creates_the_endpoint_and_keeps_it_in_the_state(journey: Journey) -> None:
    assert journey.created["id"] == "shop"
    assert journey.created["outputs"] == {
        "endpointName": "shop",
        "endpointConfigName": "c1",
        "tags": {"Team": "ml"},
        "arn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/shop",
    }


def test_a_rolled_back_update_fails_with_its_reason_and_the_state_tells_what_serves(
    journey: Journey,
) -> None:
    reason = (
        "endpoint shop did not go to configuration c2: "
        "it is InService with configuration c1: no capacity"
    )
    assert reason in journey.rollback
    assert journey.after_rollback["initErrors"] == [reason]
    assert journey.after_rollback["outputs"]["endpointConfigName"] == "c1"


def test_after_a_kill_in_the_middle_the_next_up_converges(journey: Journey) -> None:
    assert journey.parked_by_the_kill
    assert journey.taken_off_by_the_kill
    assert journey.live == {"v1": (6, 1.0, "ml.m5.xlarge")}
    assert journey.target == journey.scaled
    assert not parking.keys(journey.tags)
    assert "3 unchanged" in journey.no_change


def test_an_existing_endpoint_is_imported_by_name(journey: Journey) -> None:
    assert "1 imported" in journey.import_
    assert journey.imported["outputs"]["endpointConfigName"] == "c2"


def test_destroy_leaves_neither_endpoint_nor_scaling(journey: Journey) -> None:
    assert journey.left == ({}, {})
