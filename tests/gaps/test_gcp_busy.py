"""A busy service, for every kind of mlgap on Google Cloud: each call is made again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.gaps.plugin.gcp.kinds import KINDS
from mlplatform.gaps.plugin.gcp.work import VertexError
from mlplatform.gaps.plugin.resource import Resource
from mlplatform.provider.model import ProviderError
from tests.gaps.test_gcp_cancel import (
    CALLS,
    DEPLOYMENTS,
    EVERY,
    IN_PLACE,
    INPUTS,
    MODEL,
    QUOTA,
    of,
    served,
    there,
)
from tests.gaps.test_gcp_every_kind import context, put, watched
from tests.sandbox.gcp_served import Served

__all__ = ["of", "served", "watched"]

GOING = {
    **{token: f"Delete{kind.message}" for token, kind in KINDS.items()},
    MODEL: "DeleteModel",
    DEPLOYMENTS: "UndeployModel",
}
"""The call that takes it away."""

pytestmark = pytest.mark.usefixtures("watched", "served")


def busy(cloud: Served, call: str) -> None:
    """No quota left for one call, somebody else's change in the way of the next one."""
    cloud.fault(call, kind="throttle")
    cloud.fault(call, kind="error", status=409, code="ABORTED", message="concurrent change")


@pytest.mark.parametrize("token", EVERY)
def test_every_call_of_every_kind_is_repeated_while_the_service_is_busy(
    vertex: GcpCloud, cloud: Served, of: Callable[[str], Resource], token: str
) -> None:
    resource, inputs = of(token), INPUTS[token]
    busy(cloud, CALLS[token][0])
    ident, state = resource.create(context(token), inputs)
    assert len(there(cloud, vertex, token)) == 1
    if token in IN_PLACE:
        new = put(inputs, *IN_PLACE[token])
        busy(cloud, CALLS[token][1])
        state = resource.update(context(token), ident, inputs, state, new)
        assert resource.read(context(token), ident, new, state)[1] == new
    if token in GOING:
        busy(cloud, GOING[token])
        resource.delete(context(token), ident, inputs, state)
        assert there(cloud, vertex, token) == []
    assert cloud.control("GET", "faults") == [], "every call was made once more for each fault"


@pytest.mark.parametrize("token", ["mlgap:gcp:CustomJob", QUOTA])
def test_a_service_that_stays_busy_is_an_error_in_its_words(
    cloud: Served,
    of: Callable[[str], Resource],
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("work", "quota"):
        monkeypatch.setattr(f"mlplatform.gaps.plugin.gcp.{module}._FIRST_PAUSE_S", 0.001)
    words = "60 a minute is all"
    cloud.fault(CALLS[token][0], kind="throttle", times=50, message=words)
    with pytest.raises(ProviderError, match=words) as refused:
        of(token).create(context(token), INPUTS[token])
    assert token == QUOTA or isinstance(refused.value, VertexError)
    assert [line for line in cloud.resources() if "/customJobs/" in line] == []
