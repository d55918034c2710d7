"""mlgap:azure:* against the local Azure: ownership, interruption at every call, hand-over."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlplatform.gaps.plugin.azure import shares
from mlplatform.gaps.plugin.azure.batch_default import BatchDefault
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.deployment import OnlineDeployment
from mlplatform.gaps.plugin.azure.endpoint import OnlineEndpoint
from mlplatform.gaps.plugin.azure.rollout import Rollout, steps
from mlplatform.gaps.plugin.azure.traffic import EndpointTraffic
from mlplatform.provider.model import Cancelled, Context, NotFound, Partial, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.azure_local import GROUP, LOCATION, ML, WORKSPACE, LocalAzure, local_azure

PLACE = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE, "endpointName": "ep1"}
ENDPOINT: dict[str, Any] = {
    **PLACE,
    "location": LOCATION,
    "properties": {"authMode": "AADToken"},
    "tags": {"rev": "1"},
}
TRAFFIC: dict[str, Any] = {**PLACE, "traffic": {}}
OLD_MACHINE, NEW_MACHINE = "Standard_DS3_v2", "Standard_DS4_v2"


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def cloud(azure: LocalAzure) -> AzureCloud:
    return new_cloud(azure)


def new_cloud(azure: LocalAzure) -> AzureCloud:
    return AzureCloud(
        {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
    )


def around(noun: str, name: str, **more: Any) -> Context:
    token = f"mlgap:azure:{noun}"
    return Context(urn=f"urn:pulumi:dev::p::{token}::{name}", token=token, name=name, **more)


def declared(variant: str, machine: str = OLD_MACHINE, **properties: Any) -> dict[str, Any]:
    inputs = {
        **PLACE,
        "location": LOCATION,
        "variant": variant,
        "minInstances": 2,
        "maxInstances": 5,
        "properties": {"endpointComputeType": "Managed", "instanceType": machine, **properties},
        "tags": {"rev": "1"},
    }
    return checked(inputs)


def checked(inputs: dict[str, Any]) -> dict[str, Any]:
    ctx = around("OnlineDeployment", inputs["variant"])
    cloud: Any = None
    given, failures = OnlineDeployment(cloud).check(ctx, inputs, None)
    assert failures == []
    return given


def serve(cloud: AzureCloud, shares_: dict[str, int]) -> dict[str, str]:
    """An endpoint with one deployment for each variant and that traffic; names by variant."""
    OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    names = {}
    for variant in shares_:
        inputs = declared(variant)
        OnlineDeployment(cloud).create(around("OnlineDeployment", variant), inputs)
        names[variant] = str(inputs["deploymentName"])
    traffic = {names[variant]: share for variant, share in shares_.items()}
    EndpointTraffic(cloud).create(around("EndpointTraffic", "tr"), {**PLACE, "traffic": traffic})
    return names


def endpoint_id(azure: LocalAzure) -> str:
    return f"{azure.workspace_id}/onlineEndpoints/ep1"


def traffic(azure: LocalAzure) -> dict[str, int]:
    found: dict[str, int] = azure.get(endpoint_id(azure))["properties"]["traffic"]
    return found


def counts(azure: LocalAzure) -> dict[str, int]:
    found = azure.get(f"{endpoint_id(azure)}/deployments")["value"]
    return {d["name"]: d["sku"]["capacity"] for d in found}


def scale(azure: LocalAzure, name: str, count: int) -> None:
    """As autoscaling would."""
    body = {"sku": {"name": "Default", "capacity": count}}
    path = f"{endpoint_id(azure)}/deployments/{name}"
    assert azure.call("PATCH", path, body).status_code < 300


def test_traffic_is_there_right_after_the_deployments(azure: LocalAzure, cloud: AzureCloud) -> None:
    names = serve(cloud, {"v1": 90, "v2": 10})
    assert traffic(azure) == {names["v1"]: 90, names["v2"]: 10}
    assert set(counts(azure).values()) == {2}


def test_an_endpoint_update_keeps_the_traffic(azure: LocalAzure, cloud: AzureCloud) -> None:
    serve(cloud, {"v1": 90, "v2": 10})
    before = traffic(azure)
    new = {
        **ENDPOINT,
        "tags": {"rev": "2"},
        "properties": {"authMode": "AADToken", "description": "d"},
    }
    id_ = endpoint_id(azure)
    OnlineEndpoint(cloud).update(around("OnlineEndpoint", "ep"), id_, ENDPOINT, {}, new)
    found = azure.get(id_)
    assert found["properties"]["traffic"] == before
    assert found["properties"]["description"] == "d"
    assert found["tags"]["rev"] == "2"


@pytest.mark.parametrize(
    ("live", "change", "expected"),
    [
        (4, {"tags": {"rev": "2"}}, 4),
        (4, {"properties": {"model": "azureml:m:2"}}, 4),
        (4, {"maxInstances": 3}, 3),
        (2, {"minInstances": 3}, 3),
        (4, {"maxInstances": 9}, 4),
    ],
)
def test_the_live_count_is_kept_within_the_bounds(
    azure: LocalAzure, cloud: AzureCloud, live: int, change: dict[str, Any], expected: int
) -> None:
    names = serve(cloud, {"v1": 100})
    scale(azure, names["v1"], live)
    old = declared("v1")
    properties = {**old["properties"], **change.get("properties", {})}
    new = {**old, **change, "properties": properties}
    id_ = f"{endpoint_id(azure)}/deployments/{names['v1']}"
    OnlineDeployment(cloud).update(around("OnlineDeployment", "v1"), id_, old, {}, new)
    assert counts(azure) == {names["v1"]: expected}
    assert traffic(azure) == {names["v1"]: 100}


def test_tags_alone_go_by_patch_and_leave_the_containers_alone(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    names = serve(cloud, {"v1": 100})
    azure.log.clear()
    old = declared("v1")
    id_ = f"{endpoint_id(azure)}/deployments/{names['v1']}"
    new = {**old, "tags": {"rev": "2"}}
    OnlineDeployment(cloud).update(around("OnlineDeployment", "v1"), id_, old, {}, new)
    assert {e["method"] for e in azure.log.entries()} == {"GET", "PATCH"}
    assert azure.get(id_)["tags"]["rev"] == "2"


def test_another_instance_type_takes_over_with_the_count_that_was_reached(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    names = serve(cloud, {"v1": 90, "v2": 10})
    scale(azure, names["v1"], 4)
    old, new = declared("v1"), declared("v1", NEW_MACHINE)
    ctx = around("OnlineDeployment", "v1")
    old_id = f"{endpoint_id(azure)}/deployments/{names['v1']}"
    diff = OnlineDeployment(cloud).diff(ctx, old_id, old, {}, new)
    assert any(change.replace for change in diff.changes)
    assert not diff.delete_before_replace
    OnlineDeployment(cloud).create(ctx, new)
    assert counts(azure)[new["deploymentName"]] == 4
    OnlineDeployment(cloud).delete(ctx, old_id, old, {})
    # The traffic resource moves it before; even without, the successor takes it over.
    assert traffic(azure) == {new["deploymentName"]: 90, names["v2"]: 10}


def test_a_deployment_that_goes_hands_its_traffic_over(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    names = serve(cloud, {"v1": 90, "v2": 10})
    ctx = around("OnlineDeployment", "v1")
    for variant, left in (("v1", {names["v2"]: 100}), ("v2", {})):
        id_ = f"{endpoint_id(azure)}/deployments/{names[variant]}"
        OnlineDeployment(cloud).delete(ctx, id_, declared(variant), {})
        assert traffic(azure) == left
    assert counts(azure) == {}


def test_deleting_what_is_gone_is_done(azure: LocalAzure, cloud: AzureCloud) -> None:
    id_ = endpoint_id(azure)
    OnlineDeployment(cloud).delete(
        around("OnlineDeployment", "v1"), f"{id_}/deployments/x", declared("v1"), {}
    )
    EndpointTraffic(cloud).delete(around("EndpointTraffic", "tr"), id_, TRAFFIC, {})
    OnlineEndpoint(cloud).delete(around("OnlineEndpoint", "ep"), id_, ENDPOINT, {})


def test_a_strangers_endpoint_is_not_taken_over(cloud: AzureCloud) -> None:
    OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    with pytest.raises(ProviderError, match=r"did not make it.*pulumi import"):
        OnlineEndpoint(cloud).create(around("OnlineEndpoint", "other"), ENDPOINT)


def test_a_failed_deployment_stays_in_the_state_and_is_mended(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    operation = f"{ML}/onlineEndpoints/deployments/write"
    azure.faults.add({"operation": operation, "kind": "failed_operation", "code": "ImageFailure"})
    ctx, inputs = around("OnlineDeployment", "v1"), declared("v1")
    with pytest.raises(Partial, match="ImageFailure") as caught:
        OnlineDeployment(cloud).create(ctx, inputs)
    id_ = f"{endpoint_id(azure)}/deployments/{inputs['deploymentName']}"
    assert caught.value.id == id_
    assert caught.value.state["deploymentName"] == inputs["deploymentName"]
    with pytest.raises(Partial, match="is Failed"):
        OnlineDeployment(cloud).read(ctx, id_, inputs, {})
    OnlineDeployment(cloud).update(ctx, id_, inputs, {}, inputs)
    assert azure.get(id_)["properties"]["provisioningState"] == "Succeeded"


def test_a_refused_create_leaves_nothing_in_the_state(azure: LocalAzure, cloud: AzureCloud) -> None:
    OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    operation = f"{ML}/onlineEndpoints/deployments/write"
    azure.faults.add({"operation": operation, "kind": "quota"})
    with pytest.raises(ProviderError, match="OutOfQuota") as caught:
        OnlineDeployment(cloud).create(around("OnlineDeployment", "v1"), declared("v1"))
    assert not isinstance(caught.value, Partial)


def test_read_shows_drift_and_an_import_finds_everything(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    names = serve(cloud, {"v1": 90, "v2": 10})
    id_ = endpoint_id(azure)
    ctx = around("EndpointTraffic", "tr")
    live = {names["v1"]: 90, names["v2"]: 10}
    _, inputs, _ = EndpointTraffic(cloud).read(ctx, id_, {}, {})
    assert inputs == {**PLACE, "traffic": live}
    EndpointTraffic(cloud).update(ctx, id_, {}, {}, {**PLACE, "traffic": {names["v2"]: 100}})
    _, inputs, _ = EndpointTraffic(cloud).read(ctx, id_, {**PLACE, "traffic": live}, {})
    assert inputs["traffic"] == {names["v2"]: 100}

    _, inputs, outputs = OnlineEndpoint(cloud).read(around("OnlineEndpoint", "ep"), id_, {}, {})
    assert inputs["properties"]["authMode"] == "AADToken"
    assert "traffic" not in inputs["properties"]
    assert inputs["tags"] == {"rev": "1"}
    assert outputs["scoringUri"].endswith("/score")

    deployment = f"{id_}/deployments/{names['v1']}"
    scale(azure, names["v1"], 5)
    same = declared("v1")
    ctx = around("OnlineDeployment", "v1")
    assert OnlineDeployment(cloud).read(ctx, deployment, same, {})[1] == same
    _, inputs, _ = OnlineDeployment(cloud).read(ctx, deployment, {}, {})
    assert (inputs["variant"], inputs["minInstances"]) == ("v1", 5)
    with pytest.raises(NotFound):
        OnlineDeployment(cloud).read(ctx, f"{id_}/deployments/none", same, {})


def test_an_imported_deployment_passes_its_own_check(azure: LocalAzure, cloud: AzureCloud) -> None:
    names = serve(cloud, {"v1": 100})
    id_ = f"{endpoint_id(azure)}/deployments/{names['v1']}"
    ctx = around("OnlineDeployment", "v1")
    _, inputs, _ = OnlineDeployment(cloud).read(ctx, id_, {}, {})
    _, failures = OnlineDeployment(cloud).check(ctx, inputs, None)
    assert failures == []


def test_a_preview_calls_nothing_and_knows_the_names(cloud: AzureCloud, azure: LocalAzure) -> None:
    azure.log.clear()
    ctx = around("OnlineDeployment", "v1", preview=True)
    _, state = OnlineDeployment(cloud).create(ctx, declared("v1"))
    assert state["deploymentId"] == f"{endpoint_id(azure)}/deployments/{state['deploymentName']}"
    later = checked({**declared("v1"), "endpointName": UNKNOWN})
    assert OnlineDeployment(cloud).create(ctx, later)[1]["deploymentId"] == UNKNOWN
    _, state = OnlineEndpoint(cloud).create(replace(ctx), ENDPOINT)
    assert (state["endpointId"], state["scoringUri"]) == (endpoint_id(azure), UNKNOWN)
    assert azure.log.entries() == []


def test_another_tenants_subscription_is_refused_before_anything_changes(
    azure: LocalAzure,
) -> None:
    tenant = "00000000-0000-0000-0000-0000000000bb"
    wrong = AzureCloud({"subscription_id": azure.subscription, "tenant_id": tenant})
    with pytest.raises(ProviderError, match=r"belongs to tenant .* nothing was changed"):
        OnlineEndpoint(wrong).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    assert azure.call("GET", endpoint_id(azure)).status_code == 404


def test_a_cancel_ends_the_wait_and_keeps_what_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with local_azure(tmp_path, monkeypatch) as azure:
        azure.workspace()
        azure.world.delay_s = 60
        cancelled = threading.Event()
        ctx = around("OnlineEndpoint", "ep", cancelled=cancelled)
        timer = threading.Timer(0.3, cancelled.set)
        timer.start()
        with pytest.raises(Partial, match="cancelled") as caught:
            OnlineEndpoint(new_cloud(azure)).create(ctx, ENDPOINT)
        timer.join()
        assert caught.value.id == endpoint_id(azure)


def warmed(cold: AzureCloud, warm: AzureCloud) -> AzureCloud:
    """Another process, but with the connections and the token of this one: quicker to test."""
    for name in ("_endpoint", "_authority", "_token", "_token_ends", "_local"):
        setattr(cold, name, getattr(warm, name))
    return cold


class Killed(BaseException):
    """The process ends here."""


class Mortal(AzureCloud):
    """Dies at one call: before it is sent, or after it was answered."""

    def __init__(self, azure: LocalAzure, at: int, *, answered: bool) -> None:
        super().__init__(
            {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
        )
        self._left, self._answered = at, answered

    def _exchange(
        self, ctx: Context, method: str, url: str, body: Any
    ) -> tuple[dict[str, str], Any]:
        self._left -= 1
        if self._left == 0:
            if self._answered:
                with contextlib.suppress(ProviderError):
                    super()._exchange(ctx, method, url, body)
            raise Killed
        return super()._exchange(ctx, method, url, body)


Step = Callable[[AzureCloud, LocalAzure], None]


def create_all(cloud: AzureCloud, azure: LocalAzure) -> None:
    del azure
    serve(cloud, {"v1": 90, "v2": 10})


def replace_machine(cloud: AzureCloud, azure: LocalAzure) -> None:
    """What the engine does for another instance type of v1."""
    old, new = declared("v1"), declared("v1", NEW_MACHINE)
    v2 = declared("v2")["deploymentName"]
    ctx = around("OnlineDeployment", "v1")
    OnlineDeployment(cloud).create(ctx, new)
    wanted = {**PLACE, "traffic": {new["deploymentName"]: 90, v2: 10}}
    tr = around("EndpointTraffic", "tr")
    EndpointTraffic(cloud).update(tr, endpoint_id(azure), {}, {}, wanted)
    old_id = f"{endpoint_id(azure)}/deployments/{old['deploymentName']}"
    OnlineDeployment(cloud).delete(ctx, old_id, old, {})


def destroy_all(cloud: AzureCloud, azure: LocalAzure) -> None:
    id_ = endpoint_id(azure)
    EndpointTraffic(cloud).delete(around("EndpointTraffic", "tr"), id_, TRAFFIC, {})
    for variant in ("v1", "v2"):
        inputs = declared(variant)
        path = f"{id_}/deployments/{inputs['deploymentName']}"
        OnlineDeployment(cloud).delete(around("OnlineDeployment", variant), path, inputs, {})
    OnlineEndpoint(cloud).delete(around("OnlineEndpoint", "ep"), id_, ENDPOINT, {})


def nothing(cloud: AzureCloud, azure: LocalAzure) -> None:
    del cloud, azure


def shown(azure: LocalAzure) -> list[Any]:
    return sorted(
        (r["id"], r["tags"], r.get("sku"), r["properties"].get("traffic"))
        for r in azure.world.resources()
        if "/onlineendpoints/" in str(r["id"]).lower()
    )


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("before", "step"),
    [(nothing, create_all), (create_all, replace_machine), (create_all, destroy_all)],
    ids=["create", "replace", "destroy"],
)
def test_a_kill_at_any_call_converges_at_the_next_run(
    azure: LocalAzure, before: Step, step: Step, answered: bool
) -> None:
    warm = new_cloud(azure)
    warm.call(around("OnlineEndpoint", "ep"), "GET", azure.group_id, "2024-03-01")
    before(warm, azure)
    start = list(azure.world.resources())
    step(warmed(new_cloud(azure), warm), azure)
    wanted = shown(azure)
    kills = 0
    for at in range(1, 100):
        for resource in list(azure.world.resources()):
            azure.world.delete(resource["id"])
        for resource in start:
            azure.world.put(resource)
        try:
            step(warmed(Mortal(azure, at, answered=answered), warm), azure)
        except Killed:
            kills += 1
            assert all(
                sum(r["properties"]["traffic"].values()) in (0, 100)
                for r in azure.world.of_type(f"{ML}/onlineEndpoints")
            )
            step(warmed(new_cloud(azure), warm), azure)
            assert shown(azure) == wanted, f"killed at call {at}"
        else:
            break
    assert kills > 5


@pytest.mark.parametrize(
    ("before", "leaving", "variants", "after"),
    [
        ({"a": 90, "b": 10}, "a", {"a": "v1", "a2": "v1", "b": "v2"}, {"a2": 90, "b": 10}),
        ({"a": 90, "b": 10}, "a", {"a": "v1", "b": "v2"}, {"b": 100}),
        ({"a": 40, "b": 20, "c": 40}, "a", {}, {"b": 33, "c": 67}),
        ({"a": 100}, "a", {"a": "v1", "b": "v2"}, {}),
        ({"a": 100, "b": 0}, "b", {}, {"a": 100}),
        ({"a": 100}, "x", {}, {"a": 100}),
    ],
)
def test_who_takes_over(
    before: dict[str, int], leaving: str, variants: dict[str, str], after: dict[str, int]
) -> None:
    assert shares.without(before, leaving, variants) == after


def test_wrong_settings_are_refused_together() -> None:
    failures = AzureCloud.check({"subscription_id": "mine", "tenantid": "x"})
    assert [f.path for f in failures] == [
        "azure.tenantid",
        "azure.subscription_id",
        "azure.tenant_id",
    ]


def test_a_conflict_that_stays_one_is_told_soon(azure: LocalAzure, cloud: AzureCloud) -> None:
    operation = f"{ML}/onlineEndpoints/write"
    azure.faults.add({"operation": operation, "status": 409, "code": "NameTaken", "times": 100})
    with pytest.raises(ProviderError, match="NameTaken"):
        OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)


def test_a_busy_endpoint_is_waited_for(azure: LocalAzure, cloud: AzureCloud) -> None:
    operation = f"{ML}/onlineEndpoints/write"
    azure.faults.add({"operation": operation, "status": 409, "code": "Conflict", "times": 2})
    OnlineEndpoint(cloud).create(around("OnlineEndpoint", "ep"), ENDPOINT)
    assert azure.get(endpoint_id(azure))["properties"]["provisioningState"] == "Succeeded"


def test_loading_the_resources_loads_neither_requests_nor_azure_identity() -> None:
    nouns = ("deployment", "endpoint", "traffic")
    imports = ", ".join(f"mlplatform.gaps.plugin.azure.{noun}" for noun in nouns)
    heavy = ("requests", "azure.identity", "azure.core")
    script = f"import sys, {imports}; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_cancel_is_a_provider_error() -> None:
    assert issubclass(Cancelled, ProviderError)


def test_the_way_of_the_traffic_is_whole_percents_that_sum_to_100() -> None:
    def way(strategy: str, step: int, old: dict[str, int], new: dict[str, int]) -> Any:
        return steps(old, new, Rollout(strategy=strategy, step_percent=step, wait_s=0))

    assert way("canary", 10, {"a": 100}, {"b": 100}) == [{"a": 90, "b": 10}, {"b": 100}]
    assert way("linear", 40, {"a": 100}, {"b": 100}) == [
        {"a": 60, "b": 40},
        {"a": 20, "b": 80},
        {"b": 100},
    ]
    both = way("linear", 25, {"a": 90, "b": 10}, {"c": 90, "d": 10})
    assert [sum(one.values()) for one in both] == [100] * 4
    assert way("canary", 10, {"a": 90, "b": 10}, {"a": 85, "b": 15}) == [{"a": 85, "b": 15}]
    assert way("canary", 10, {}, {"a": 100}) == [{"a": 100}], "nobody served before"


def roll(
    azure: LocalAzure, cloud: AzureCloud, old: str, new: str, **limits: float
) -> dict[str, Any]:
    rollout = {"strategy": "canary", "stepPercent": 10, "waitS": 0, **limits}
    before = {**PLACE, "traffic": {old: 100}}
    wanted = {**PLACE, "traffic": {new: 100}, "rollout": rollout}
    ctx = around("EndpointTraffic", "tr")
    id_ = f"{azure.workspace_id}/onlineEndpoints/ep1"
    return EndpointTraffic(cloud).update(ctx, id_, before, before, wanted)


def test_the_traffic_moves_in_steps(azure: LocalAzure, cloud: AzureCloud) -> None:
    names = serve(cloud, {"old": 100, "new": 0})
    roll(azure, cloud, names["old"], names["new"], maxErrorPercent=5, maxLatencyMs=500)
    assert traffic(azure) == {names["new"]: 100}
    puts = [one for one in azure.log.entries() if one["method"] == "PUT"]
    assert [one["path"] for one in puts[-2:]] == [endpoint_id(azure)] * 2


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"metric": "RequestLatency", "average": 900}, "900 ms"),
        (
            {"metric": "RequestsPerMinute", "total": 7, "labels": {"statusCodeClass": "5xx"}},
            "100.0 % of the requests failed",
        ),
    ],
)
def test_the_traffic_goes_back_where_the_metrics_speak_against_it(
    azure: LocalAzure, cloud: AzureCloud, point: dict[str, Any], words: str
) -> None:
    names = serve(cloud, {"old": 100, "new": 0})
    point = {"resource": "/onlineEndpoints/ep1", **point}
    assert azure.call("POST", "/_sandbox/metrics", point).status_code == 200
    with pytest.raises(ProviderError, match=words):
        roll(azure, cloud, names["old"], names["new"], maxErrorPercent=5, maxLatencyMs=500)
    assert traffic(azure) == {names["old"]: 100}
    azure.call("DELETE", "/_sandbox/metrics")
    roll(azure, cloud, names["old"], names["new"], maxErrorPercent=5, maxLatencyMs=500)
    assert traffic(azure) == {names["new"]: 100}


@pytest.fixture
def batch(azure: LocalAzure) -> str:
    """A batch endpoint with two deployments."""
    path = f"{azure.workspace_id}/batchEndpoints/nightly"
    compute = f"{azure.workspace_id}/computes/cpu"
    size = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 1}}
    here = {"location": LOCATION}
    azure.put(compute, {**here, "properties": {"computeType": "AmlCompute", "properties": size}})
    azure.put(path, {**here, "properties": {"authMode": "AADToken"}})
    for name in ("one", "two"):
        azure.put(f"{path}/deployments/{name}", {**here, "properties": {"compute": compute}})
    return path


def default_of(name: str, **tags: str) -> dict[str, Any]:
    place = {**PLACE, "endpointName": "nightly"}
    return {**place, "deploymentName": name, "endpointTags": tags}


def test_the_default_of_a_batch_endpoint_moves_before_its_deployment_goes(
    azure: LocalAzure, cloud: AzureCloud, batch: str
) -> None:
    ctx = around("BatchDefault", "nightly")
    id_, state = BatchDefault(cloud).create(ctx, default_of("one"))
    assert id_ == batch
    assert azure.call("DELETE", f"{batch}/deployments/one").status_code == 400
    BatchDefault(cloud).update(ctx, id_, default_of("one"), state, default_of("two"))
    assert azure.get(batch)["properties"]["defaults"] == {"deploymentName": "two"}
    assert azure.call("DELETE", f"{batch}/deployments/one").status_code in (200, 202)
    BatchDefault(cloud).delete(ctx, id_, default_of("two"), {})
    assert azure.get(batch)["properties"]["defaults"] == {}


def test_a_default_that_other_tags_dropped_is_seen_and_set_again(
    azure: LocalAzure, cloud: AzureCloud, batch: str
) -> None:
    ctx = around("BatchDefault", "nightly")
    id_, state = BatchDefault(cloud).create(ctx, default_of("one"))
    body = {"location": LOCATION, "tags": {"rev": "2"}, "properties": {"authMode": "AADToken"}}
    azure.put(batch, body)
    _, seen, _ = BatchDefault(cloud).read(ctx, id_, default_of("one"), state)
    assert seen["deploymentName"] == ""
    BatchDefault(cloud).update(ctx, id_, default_of("one"), state, default_of("one", rev="2"))
    found = azure.get(batch)
    assert (found["properties"]["defaults"], found["tags"]) == (
        {"deploymentName": "one"},
        {"rev": "2"},
    )


def test_a_default_needs_a_deployment_s_name(cloud: AzureCloud) -> None:
    _, failures = BatchDefault(cloud).check(
        around("BatchDefault", "nightly"), default_of("a deployment"), None
    )
    assert [failure.path for failure in failures] == ["deploymentName"]
