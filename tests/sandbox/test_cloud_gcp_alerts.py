"""Alert policies and channels of the local cloud, through the stand-in for pulumi-gcp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.provider.model import NotFound, ProviderError
from tests.sandbox.gcp_served import PROJECT, Served, served
from tests.sandbox.test_cloud_gcp_provider import Driver

ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"
LOGGED = {"displayName": "logged", "conditionMatchedLog": {"filter": 'severity="ERROR"'}}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


@pytest.fixture
def gcp(running: Served, monkeypatch: pytest.MonkeyPatch) -> Driver:
    running.reset()
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    return Driver()


def channel(gcp: Driver, **more: Any) -> tuple[str, Any, Any]:
    labels = {"email_address": "ml-team@example.com"}
    return gcp.create(CHANNEL, "team", type="email", labels=labels, project=PROJECT, **more)


def policy(gcp: Driver, *channels: str) -> tuple[str, Any, Any]:
    return gcp.create(
        ALERT,
        "anomalies",
        project=PROJECT,
        displayName="anomalies",
        combiner="OR",
        conditions=[LOGGED],
        alertStrategy={"notificationRateLimit": {"period": "3600s"}},
        notificationChannels=list(channels),
    )


def test_cloud_monitoring_numbers_what_it_keeps_and_a_channel_keeps_its_labels(
    gcp: Driver,
) -> None:
    ident, state, inputs = channel(gcp)
    assert ident == state["name"]
    assert ident.startswith(f"projects/{PROJECT}/notificationChannels/")
    assert ident.rpartition("/")[2].isdigit()
    assert gcp.read(CHANNEL, ident, inputs, state)[1] == inputs, "no label of the provider"
    _, imported, _ = gcp.read(CHANNEL, ident, {}, {})
    assert imported["labels"] == {"email_address": "ml-team@example.com"}
    assert imported["project"] == PROJECT


def test_a_policy_changes_in_place_and_a_refresh_sees_what_others_changed(gcp: Driver) -> None:
    ident, state, inputs = policy(gcp)
    new = {**inputs, "displayName": "others"}
    context = gcp.context(ALERT, "anomalies")
    after = gcp.provider.update(context, ident, inputs, state, new)
    assert (after["name"], after["displayName"]) == (ident, "others")
    _, seen, _ = gcp.read(ALERT, ident, inputs, state)
    assert seen == new


def test_a_channel_that_a_policy_tells_stays_unless_forced(gcp: Driver) -> None:
    told, state, inputs = channel(gcp)
    used_by, made, asked = policy(gcp, told)
    context = gcp.context(CHANNEL, "team")
    with pytest.raises(ProviderError, match="is used by alert policies"):
        gcp.provider.delete(context, told, inputs, state)
    gcp.provider.delete(context, told, {**inputs, "forceDelete": True}, state)
    _, seen, _ = gcp.read(ALERT, used_by, asked, made)
    assert seen["notificationChannels"] == []


def test_a_policy_that_tells_a_channel_which_is_not_there_is_refused(gcp: Driver) -> None:
    with pytest.raises(ProviderError, match="notificationChannels/7"):
        policy(gcp, f"projects/{PROJECT}/notificationChannels/7")


def test_a_policy_that_is_gone_is_not_found(gcp: Driver) -> None:
    ident, state, inputs = policy(gcp)
    gcp.provider.delete(gcp.context(ALERT, "anomalies"), ident, inputs, state)
    with pytest.raises(NotFound):
        gcp.read(ALERT, ident, inputs, state)
