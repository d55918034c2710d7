"""A cancel in the middle, for every kind of mlgap on Google Cloud: nothing is lost or made twice.

What the engine does next is done here as it does it: after ``Partial`` it calls ``update`` with the
same inputs, after any other error ``create``; a destroy calls ``delete`` for what it has in its
state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, types
from mlplatform.gaps.plugin.gcp.kinds import KINDS
from mlplatform.gaps.plugin.gcp.model import Model
from mlplatform.gaps.plugin.registry import RESOURCES, resource_type
from mlplatform.gaps.plugin.resource import Resource
from mlplatform.provider.model import Cancelled, NotFound, Partial
from tests.gaps.test_gcp_every_kind import CHANGED, DECLARED, IMAGE, context, put, watched
from tests.sandbox.gcp_served import PARENT, Served

__all__ = ["watched"]

MODEL = "mlgap:gcp:Model"
DEPLOYMENTS = "mlgap:gcp:EndpointDeployments"
QUOTA = "mlgap:gcp:QuotaPreference"
_SERVED = f"{PARENT}/endpoints/ml-test-served"
INPUTS: dict[str, dict[str, Any]] = {
    **DECLARED,
    MODEL: {"modelId": "churn", "displayName": "churn", "imageUri": IMAGE},
    DEPLOYMENTS: {
        "endpoint": _SERVED,
        "deployments": {
            "primary": {
                "model": f"{PARENT}/models/m@1",
                "machineType": "n1-standard-2",
                "minReplicas": 1,
                "maxReplicas": 2,
                "traffic": 100,
            }
        },
    },
    QUOTA: {
        "preferenceId": "t4",
        "service": "aiplatform.googleapis.com",
        "quotaId": "CustomModelServingT4GPUsPerProjectPerRegion",
        "dimensions": {"region": "us-central1"},
        "quotaConfig": {"preferredValue": "20"},
        "contactEmail": "ml-team@example.com",
    },
}
_OWN = {
    MODEL: ("UploadModel", "UpdateModel", "/models/churn"),
    DEPLOYMENTS: ("DeployModel", "MutateDeployedModel", ""),
    QUOTA: ("*quotaPreferences.patch", "*quotaPreferences.patch", "/quotaPreferences/"),
}
CALLS = {
    **{t: (f"Create{k.message}", f"Update{k.message}", "") for t, k in KINDS.items()},
    **_OWN,
}
"""The call that makes it, the one that changes it, and what its name has in it where that differs
from the last part of the id."""
IN_PLACE: dict[str, tuple[str, Any]] = {
    **{t: (path, value) for t, (path, value, replaces) in CHANGED.items() if not replaces},
    MODEL: ("displayName", "churn of all customers"),
    DEPLOYMENTS: ("deployments.primary.maxReplicas", 3),
    QUOTA: ("quotaConfig.preferredValue", "30"),
}
BY_OPERATION = (
    DEPLOYMENTS,
    MODEL,
    "mlgap:gcp:DeploymentResourcePool",
    "mlgap:gcp:ModelMonitor",
)
"""Kinds that a long-running operation makes."""
EVERY = sorted(INPUTS)
DELETED = [token for token in EVERY if token != QUOTA]
"""No call takes a quota preference back."""

pytestmark = pytest.mark.usefixtures("watched", "served")


class Impatient(threading.Event):
    """Cancels as soon as something has to be waited for."""

    def wait(self, timeout: float | None = None) -> bool:
        if timeout:
            self.set()
        return self.is_set()


@pytest.fixture
def served(vertex: GcpCloud, watched: None) -> None:
    """An endpoint with nothing on it, and the monitor that a schedule belongs to."""
    del watched
    vertex.client("EndpointServiceClient").create_endpoint(
        parent=PARENT, endpoint=types().Endpoint(display_name="s"), endpoint_id="ml-test-served"
    ).result()


@pytest.fixture
def of(vertex: GcpCloud) -> Callable[[str], Resource]:
    """Who answers for a kind."""

    def answers(token: str) -> Resource:
        if token == "mlgap:gcp:Schedule":
            monitor = "mlgap:gcp:ModelMonitor"
            resource_type(monitor)(vertex).create(context(monitor), INPUTS[monitor])
        return resource_type(token)(vertex)

    return answers


def there(cloud: Served, vertex: GcpCloud, token: str) -> list[str]:
    """The objects of a kind that exist."""
    if token == DEPLOYMENTS:
        found = vertex.client("EndpointServiceClient").get_endpoint(name=_SERVED)
        return [deployed.id for deployed in found.deployed_models]
    if token in KINDS:
        message = KINDS[token].message
        part = f"/{message[0].lower()}{message[1:]}s/"
    else:
        part = CALLS[token][2]
    return [line for line in cloud.resources() if part in line and "roles/" not in line]


def test_every_kind_on_google_cloud_is_in_these_tests() -> None:
    assert set(EVERY) == {token for token in RESOURCES if token.startswith("mlgap:gcp:")}
    assert set(BY_OPERATION) < set(EVERY)


@pytest.mark.parametrize("token", EVERY)
def test_a_cancel_in_the_middle_leaves_one_object_that_the_next_run_goes_on_with(
    vertex: GcpCloud, cloud: Served, of: Callable[[str], Resource], token: str
) -> None:
    resource, inputs = of(token), INPUTS[token]
    cloud.fault(CALLS[token][0], kind="lost_answer")
    with pytest.raises(Cancelled if token == QUOTA else Partial) as cut:
        resource.create(context(token, cancelled=Impatient()), inputs)
    # What a killed engine does, which has kept nothing:
    ident, state = resource.create(context(token), inputs)
    assert len(there(cloud, vertex, token)) == 1
    if isinstance(cut.value, Partial):  # what a cancelled engine does
        assert cut.value.id == ident
        state = resource.update(context(token), ident, inputs, cut.value.state, inputs)
        assert len(there(cloud, vertex, token)) == 1
    assert resource.read(context(token), ident, inputs, state)[:2] == (ident, inputs)


@pytest.mark.parametrize("token", DELETED)
def test_a_destroy_after_a_cancel_leaves_nothing_that_runs(
    vertex: GcpCloud, cloud: Served, of: Callable[[str], Resource], token: str
) -> None:
    resource, inputs = of(token), INPUTS[token]
    cloud.fault(CALLS[token][0], kind="lost_answer")
    with pytest.raises(Partial) as cut:
        resource.create(context(token, cancelled=Impatient()), inputs)
    cloud.fault("aiplatform.operations.get", kind="throttle")
    with pytest.raises(Cancelled):  # in the middle of the destroy as well
        resource.delete(context(token, cancelled=Impatient()), cut.value.id, inputs, {})
    with suppress(NotFound):  # the operation that was under way may have done it
        resource.delete(context(token), cut.value.id, inputs, {})
    assert there(cloud, vertex, token) == []
    with pytest.raises(NotFound):
        resource.read(context(token), cut.value.id, {}, {})


@pytest.mark.parametrize("token", EVERY)
def test_a_cancel_before_a_call_changes_nothing_and_the_next_run_makes_up_for_it(
    vertex: GcpCloud, cloud: Served, of: Callable[[str], Resource], token: str
) -> None:
    resource, inputs = of(token), INPUTS[token]
    before = cloud.resources()
    cloud.fault(CALLS[token][0], kind="throttle")
    with pytest.raises(Cancelled):
        resource.create(context(token, cancelled=Impatient()), inputs)
    assert cloud.resources() == before
    ident, state = resource.create(context(token), inputs)
    assert len(there(cloud, vertex, token)) == 1
    if token in IN_PLACE:
        new = put(inputs, *IN_PLACE[token])
        cloud.fault(CALLS[token][1], kind="throttle")
        with pytest.raises((Cancelled, Partial)):
            resource.update(context(token, cancelled=Impatient()), ident, inputs, state, new)
        assert resource.read(context(token), ident, inputs, state)[1] == inputs
        state = resource.update(context(token), ident, inputs, state, new)
        assert resource.read(context(token), ident, new, state)[1] == new


@pytest.mark.parametrize("token", BY_OPERATION)
def test_an_operation_that_a_cancel_left_under_way_is_waited_for(
    vertex: GcpCloud, cloud: Served, of: Callable[[str], Resource], token: str
) -> None:
    resource, inputs = of(token), INPUTS[token]
    cloud.control("DELETE", "requests")
    cloud.fault("aiplatform.operations.get", kind="throttle")
    with pytest.raises(Partial) as cut:
        resource.create(context(token, cancelled=Impatient()), inputs)
    resource.update(context(token), cut.value.id, inputs, cut.value.state, inputs)
    assert len(there(cloud, vertex, token)) == 1
    asked = [operation.rpartition(".")[2] for operation in cloud.operations()]
    assert asked.count(CALLS[token][0]) == 1, "the call was repeated"


def test_an_upload_that_was_cancelled_leaves_one_version(vertex: GcpCloud, cloud: Served) -> None:
    inputs, model = INPUTS[MODEL], Model(vertex)
    ident, state = model.create(context(MODEL), inputs)
    new = {**inputs, "environment": {"LEVEL": "info"}}
    impatient = context(MODEL, cancelled=Impatient())
    cloud.fault("UploadModel", kind="lost_answer")
    with pytest.raises(Partial) as cut:
        model.update(impatient, ident, inputs, state, new)
    state = model.update(context(MODEL), ident, new, cut.value.state, new)
    versions = vertex.client("ModelServiceClient").list_model_versions(name=ident)
    assert sorted(version.version_id for version in versions) == ["1", "2"]
    assert state["versionId"] == "2"
