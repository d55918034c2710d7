"""The parts under the endpoint resource: decisions, snapshots as tags, account, partitions."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlplatform.gaps.plugin.aws import parking, scaling, variants
from mlplatform.gaps.plugin.aws.cloud import AwsCloud, WrongAccountError
from mlplatform.gaps.plugin.aws.variants import Variant
from mlplatform.provider.model import ProviderError
from tests.gaps.fake_aws import DIMENSION, Aws, FakeCloud

SETTINGS = {"region": "us-east-1", "account_id": "123456789012"}
SMALL = Variant(instance_type="ml.m5.large", instances=2)
LARGE = Variant(instance_type="ml.m5.xlarge", instances=2)
MORE = Variant(instance_type="ml.m5.large", instances=4)
SERVERLESS = Variant(instance_type=None, instances=None)


@pytest.mark.parametrize(
    ("old", "new", "parked"),
    [
        ({"a": SMALL}, {"a": MORE}, set()),
        ({"a": SMALL}, {"a": LARGE}, {"a"}),
        ({"a": SMALL}, {"a": SERVERLESS}, {"a"}),
        ({"a": SMALL}, {"b": SMALL}, {"a"}),
        (None, {"a": SMALL}, {"a"}),
    ],
)
def test_only_a_variant_that_sagemaker_would_refuse_is_parked(
    old: Any, new: Any, parked: set[str]
) -> None:
    assert variants.to_park(old, new, {"a"}) == parked
    assert variants.to_park(old, new, set()) == set()


@pytest.mark.parametrize(
    ("old", "new", "scaled", "counts"),
    [
        ({"a": SMALL}, {"a": MORE}, set(), {"a": 4}),
        ({"a": SMALL}, {"a": MORE}, {"a"}, {}),
        ({"a": SMALL}, {"a": LARGE}, set(), {}),
        ({}, {"a": MORE}, set(), {}),
        (None, {"a": MORE}, set(), {}),
        ({"a": SERVERLESS}, {"a": MORE}, set(), {}),
        ({"a": SMALL}, {"a": SERVERLESS}, set(), {}),
    ],
)
def test_a_count_is_the_programs_only_where_it_changed_and_nothing_scales(
    old: Any, new: Any, scaled: set[str], counts: dict[str, int]
) -> None:
    assert variants.recounted(old, new, scaled) == counts


def test_a_dimension_fits_the_kind_of_variant() -> None:
    concurrency = "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (SMALL.takes(DIMENSION), SERVERLESS.takes(DIMENSION)) == (True, False)
    assert (SMALL.takes(concurrency), SERVERLESS.takes(concurrency)) == (False, True)


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "dimension": st.just(DIMENSION),
            "target": st.dictionaries(st.text(max_size=9), st.integers()),
            "policies": st.lists(
                st.dictionaries(st.text(max_size=9), st.text(max_size=300)), max_size=3
            ),
        }
    ),
    max_size=3,
)


@given(st.dictionaries(st.from_regex(r"[a-zA-Z0-9]([a-z-]{0,20}[0-9])?", fullmatch=True), ENTRIES))
def test_a_snapshot_comes_back_from_its_tags(snapshots: dict[str, Any]) -> None:
    tags = {k: v for name, s in snapshots.items() for k, v in parking.as_tags(name, s).items()}
    assert parking.read({**tags, "Team": "ml", "mlgap:urn": "x"}) == snapshots
    assert all(len(key) <= 128 and len(value) <= 256 for key, value in tags.items())


def test_a_torn_or_foreign_snapshot_is_left_out() -> None:
    taken = [{"policies": [{"name": n.to_bytes(4).hex() * 9} for n in range(0, 10**9, 7**9)]}]
    whole = parking.as_tags("v1", taken)
    assert len(whole) > 1, "the example must be longer than one tag"
    for lost in whole:
        assert parking.read({k: v for k, v in whole.items() if k != lost}) == {}
    assert parking.read({"mlgap:parked/v1/0": "!!", "mlgap:parked/v1/x": "aaaa"}) == {}
    assert parking.keys({**whole, "Team": "ml"}) == set(whole)


def test_a_shorter_snapshot_leaves_no_piece_of_a_longer_one() -> None:
    aws = Aws()
    aws.tags["arn"] = {f"mlgap:parked/v1/{n}": "eHh4" for n in range(9)} | {
        "mlgap:parked/v10/0": "y"
    }
    present = dict(aws.tags["arn"])
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x"
    aws.tags[arn] = aws.tags.pop("arn")
    parking.store(FakeCloud(aws), arn, {"v1": []}, present)
    assert aws.tags[arn] == present
    assert parking.read(present) == {"v1": []}
    assert "mlgap:parked/v10/0" in present


@pytest.mark.parametrize(
    ("action", "sent"),
    [
        ({"Schedule": "cron(0 1 * * ? *)"}, True),
        ({"Schedule": "rate(1 day)", "EndTime": "2030-01-01T00:00:00+00:00"}, True),
        ({"Schedule": "rate(1 day)", "EndTime": "2020-01-01T00:00:00+00:00"}, False),
        ({"Schedule": "at(2020-01-01T00:00:00)"}, False),
        ({"Schedule": "at(2030-01-01T00:00:00)"}, True),
        ({"Schedule": "at(2020-01-01T00:00:00)", "Timezone": "Asia/Tokyo"}, True),
    ],
)
def test_a_scheduled_action_that_is_over_is_not_put_back(
    action: dict[str, Any], sent: bool
) -> None:
    aws = Aws()
    aws.config("c", v1=("ml.m5.large", 1, 1.0))
    aws.endpoints["e"] = {"status": "InService", "variants": {"v1": {}}}
    entry = {
        "dimension": DIMENSION,
        "target": {"MinCapacity": 1, "MaxCapacity": 2, "SuspendedState": {}},
        "policies": [],
        "actions": [{"ScheduledActionName": "a", **action}],
    }
    now = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    scaling.restore(FakeCloud(aws), "e", "v1", [entry], now)
    (target,) = aws.targets.values()
    assert ("a" in target["actions"]) is sent


def test_times_of_a_snapshot_survive_the_tags() -> None:
    aws = Aws()
    aws.scale("e", "v1")
    (target,) = aws.targets.values()
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    target["actions"]["night"]["StartTime"] = start
    cloud = FakeCloud(aws)
    found = scaling.registered(cloud, "e", ["v1"])
    taken = scaling.snapshot(cloud, found["v1"])
    (action,) = taken[0]["actions"]
    assert action["StartTime"] == "2030-01-01T00:00:00+00:00"
    assert parking.read(parking.as_tags("v1", taken)) == {"v1": taken}


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        (SETTINGS, set()),
        ({"region": "us-east-1", "account_id": 123456789012}, {"aws.account_id"}),
        (
            {"region": "useast1", "acount_id": "1"},
            {"aws.region", "aws.acount_id", "aws.account_id"},
        ),
    ],
)
def test_settings_are_checked_all_at_once(config: dict[str, Any], paths: set[str]) -> None:
    assert {failure.path for failure in AwsCloud.check(config)} == paths


def test_the_partition_is_that_of_botocore_for_every_region() -> None:
    path = Path(botocore.__file__).parent / "data" / "endpoints.json"
    for partition in json.loads(path.read_text())["partitions"]:
        for region in partition["regions"]:
            config = {"region": region, "account_id": "1" * 12}
            arn = AwsCloud(config).arn("s3", "x")
            assert arn.startswith(f"arn:{partition['partition']}:"), region
            assert AwsCloud.check(config) == [] or region.endswith("-global"), region


class Identity(AwsCloud):
    """Credentials of ``account``; with an error instead, STS cannot be asked."""

    def __init__(self, account: str | Exception) -> None:
        super().__init__(SETTINGS)
        self.account = account
        self.asked = 0

    def _new_client(self, service: str, **settings: Any) -> Any:
        del service, settings
        return self

    def get_caller_identity(self) -> dict[str, str]:
        self.asked += 1
        if isinstance(self.account, Exception):
            raise self.account
        return {"Account": self.account}

    def describe_endpoint(self) -> dict[str, str]:
        return {"EndpointStatus": "InService"}


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")


@pytest.mark.usefixtures("credentials")
def test_another_accounts_credentials_are_refused_at_once() -> None:
    with pytest.raises(WrongAccountError, match=r"belong to account 999999999999, but this stack"):
        Identity("999999999999").verify(lambda text: pytest.fail(text))


def test_another_accounts_credentials_are_refused_before_the_first_call() -> None:
    with pytest.raises(WrongAccountError):
        Identity("999999999999").call("sagemaker", "describe_endpoint")


@pytest.mark.usefixtures("credentials")
def test_the_account_is_asked_once() -> None:
    cloud = Identity("123456789012")
    cloud.verify(lambda text: pytest.fail(text))
    cloud.call("sagemaker", "describe_endpoint")
    cloud.call("sagemaker", "describe_endpoint")
    assert cloud.asked == 1


@pytest.mark.usefixtures("credentials")
def test_a_preview_without_a_way_to_aws_is_warned_and_an_update_is_refused() -> None:
    from botocore.exceptions import EndpointConnectionError

    cloud = Identity(EndpointConnectionError(endpoint_url="https://sts"))
    told: list[str] = []
    cloud.verify(told.append)
    assert "could not ask AWS whose credentials these are" in told[0]
    with pytest.raises(ProviderError, match="Could not connect"):
        cloud.call("sagemaker", "describe_endpoint")


def test_without_credentials_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    cloud = Identity("999999999999")
    cloud.verify(lambda text: pytest.fail(text))
    assert cloud.asked == 0
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").touch()
    with pytest.raises(WrongAccountError):
        cloud.verify(lambda text: pytest.fail(text))


def test_a_preview_imports_no_vendor_sdk() -> None:
    program = """
import sys
from mlplatform.gaps.plugin.provider import Gaps
from mlplatform.provider.model import Context
gaps = Gaps()
config = {"aws": {"region": "us-east-1", "account_id": "123456789012"}}
assert gaps.check_config(config) == []
gaps.configure(config)
ctx = Context(urn="u", token="mlgap:aws:Endpoint", name="n", preview=True)
inputs, failures = gaps.check(ctx, {"endpointName": "a", "endpointConfigName": "b"}, None)
assert failures == []
gaps.create(ctx, inputs)
heavy = ("boto3", "botocore", "google.cloud.aiplatform_v1", "azure.ai")
print([name for name in heavy if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": "/nonexistent"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")
