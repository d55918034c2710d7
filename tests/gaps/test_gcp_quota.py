"""mlgap's quota preference against the local cloud: one for a quota, never made twice."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.gaps.plugin.gcp.quota import TOKEN, QuotaPreference
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.gcp_served import PROJECT, Served

NAME = f"projects/{PROJECT}/locations/global/quotaPreferences/t4"
CTX = Context(urn="urn:pulumi:test::ml::q::t4", token=TOKEN, name="t4")


def inputs(value: str = "20", **more: Any) -> dict[str, Any]:
    return {
        "preferenceId": "t4",
        "service": "aiplatform.googleapis.com",
        "quotaId": "CustomModelServingT4GPUsPerProjectPerRegion",
        "dimensions": {"region": "us-central1"},
        "quotaConfig": {"preferredValue": value},
        "contactEmail": "ml-team@example.com",
        **more,
    }


def test_a_preview_does_not_know_what_is_granted(vertex: GcpCloud) -> None:
    preview = Context(urn=CTX.urn, token=TOKEN, name="t4", preview=True)
    ident, state = QuotaPreference(vertex).create(preview, inputs())
    assert (ident, state["grantedValue"]) == ("", UNKNOWN)


def test_it_is_made_changed_read_and_imported(vertex: GcpCloud, cloud: Served) -> None:
    del cloud
    ident, state = QuotaPreference(vertex).create(CTX, inputs())
    assert (ident, state["grantedValue"], state["reconciling"]) == (NAME, "20", False)
    state = QuotaPreference(vertex).update(CTX, ident, inputs(), state, inputs("30"))
    assert state["grantedValue"] == "30"
    _, seen, _ = QuotaPreference(vertex).read(CTX, ident, inputs("30"), state)
    assert seen == inputs("30")
    _, imported, _ = QuotaPreference(vertex).read(CTX, "t4", {}, {})
    assert imported["quotaConfig"] == {"preferredValue": "30"}


def test_after_a_destroy_it_is_taken_up_again(vertex: GcpCloud, cloud: Served) -> None:
    ident, state = QuotaPreference(vertex).create(CTX, inputs())
    QuotaPreference(vertex).delete(CTX, ident, inputs(), state)
    again, state = QuotaPreference(vertex).create(CTX, inputs("25"))
    assert (again, state["grantedValue"]) == (ident, "25")
    assert [line for line in cloud.resources() if "quotaPreferences" in line] == [
        f"cloudquotas/{NAME}"
    ]


def test_a_busy_service_is_asked_again_and_a_refusal_says_why(
    vertex: GcpCloud, cloud: Served
) -> None:
    cloud.fault("cloudquotas.projects.locations.quotaPreferences.patch", kind="throttle")
    QuotaPreference(vertex).create(CTX, inputs())
    with pytest.raises(ProviderError, match="for the same quota already"):
        QuotaPreference(vertex).create(CTX, inputs(preferenceId="other"))
    with pytest.raises(NotFound):
        QuotaPreference(vertex).read(CTX, "nothing", {}, {})
