"""What holds for every kind of mlgap on Azure: checks, unknowns, import, retries, cancels."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.contracts.azure.gap_deployment import deployment_name
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.registry import RESOURCES, resource_type
from mlplatform.provider.model import Cancelled, Context, Level, NotFound, Partial
from mlplatform.provider.values import UNKNOWN
from tests.gaps.test_azure import Killed, Mortal, new_cloud, warmed
from tests.sandbox.azure_local import GROUP, LOCATION, WORKSPACE, LocalAzure, local_azure

Inputs = dict[str, Any]
PLACE = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE}
MACHINE = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
V1, V2 = (deployment_name(name, MACHINE) for name in ("v1", "v2"))
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
VAULT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults"
    "/mlvault1"
)
_ROWS = {
    "inputDataType": "Trailing",
    "jobInputType": "uri_folder",
    "uri": "azureml://datastores/captured/paths/m",
    "windowSize": "P7D",
    "windowOffset": "P0D",
    "columns": {"target_column": "y", "join_column": "id"},
}
DECLARED: dict[str, Inputs] = {
    "BatchDefault": {
        **PLACE,
        "endpointName": "nightly",
        "deploymentName": "one",
        "endpointTags": {"rev": "1"},
    },
    "EndpointTraffic": {**PLACE, "endpointName": "ep1", "traffic": {V1: 90, V2: 10}},
    "FeaturesetVersion": {
        **PLACE,
        "name": "customers",
        "version": "0ffa5b57",
        "properties": {
            "description": "Features of customers",
            "entities": ["azureml:customers:1"],
            "specification": {"path": "https://s.blob.core.windows.net/artifacts/features/0f"},
            "stage": "Production",
            "materializationSettings": {
                "storeType": "Offline",
                "resource": {"instanceType": "standard_e8s_v3"},
            },
        },
    },
    "FeaturestoreEntityVersion": {
        **PLACE,
        "name": "customers",
        "version": "1",
        "properties": {
            "indexColumns": [{"columnName": "id", "dataType": "String"}],
            "stage": "Production",
        },
    },
    "Job": {
        **PLACE,
        "jobName": "churn-train",
        "definition": {
            "jobType": "Command",
            "command": "python train.py",
            "environmentId": "azureml://registries/azureml/environments/sklearn/versions/1",
            "resources": {"instanceCount": 2},
            "limits": {"jobLimitsType": "Command", "timeout": "PT1H"},
            "tags": {"Owner": "ml-team"},
        },
    },
    "MonitorSchedule": {
        **PLACE,
        "name": "quality",
        "properties": {
            "displayName": "Quality of churn",
            "isEnabled": True,
            "trigger": {"triggerType": "Cron", "expression": "0 8 * * *", "timeZone": "UTC"},
            "action": {
                "actionType": "CreateMonitor",
                "monitorDefinition": {
                    "computeConfiguration": {
                        "computeType": "ServerlessSpark",
                        "computeIdentity": {"computeIdentityType": "AmlToken"},
                        "instanceType": "standard_e4s_v3",
                        "runtimeVersion": "3.4",
                    },
                    "signals": {
                        "quality": {
                            "signalType": "ModelPerformance",
                            "mode": "Enabled",
                            "productionData": [_ROWS],
                            "referenceData": {**_ROWS, "inputDataType": "Trailing"},
                            "metricThreshold": {
                                "modelType": "Classification",
                                "metric": "Accuracy",
                                "threshold": {"value": 0.8},
                            },
                        }
                    },
                },
            },
            "tags": {"Owner": "ml-team"},
        },
    },
    "OnlineDeployment": {
        **PLACE,
        "endpointName": "ep1",
        "location": LOCATION,
        "variant": "v3",
        "deploymentName": deployment_name("v3", MACHINE),
        "minInstances": 2,
        "maxInstances": 5,
        "properties": {
            **MACHINE,
            "environmentVariables": {"LEVEL": "info"},
            # Azure's own, which an import takes too.
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "scaleSettings": {"scaleType": "Default"},
        },
        "tags": {"Owner": "ml-team"},
    },
    "OnlineEndpoint": {
        **PLACE,
        "endpointName": "ep2",
        "location": LOCATION,
        "properties": {
            "authMode": "AADToken",
            "description": "Churn",
            "publicNetworkAccess": "Enabled",  # Azure's own, which an import takes too
        },
        "tags": {"Owner": "ml-team"},
    },
    "VaultKey": {
        "vaultId": VAULT,
        "keyName": "storage",
        "properties": {"kty": "RSA", "keySize": 3072, "keyOps": ["wrapKey", "unwrapKey"]},
        "tags": {"Owner": "ml-team"},
    },
    "WorkspacePurge": dict(PLACE),
}
CHANGED: dict[str, tuple[str, Any, bool]] = {
    "BatchDefault": ("deploymentName", "two", False),
    "EndpointTraffic": ("traffic", {V1: 100}, False),
    "FeaturesetVersion": ("properties.specification.path", "https://s/other", True),
    "FeaturestoreEntityVersion": ("properties.stage", "Archived", False),
    "Job": ("definition.command", "python train.py --trees 30", True),
    "MonitorSchedule": ("properties.trigger.expression", "0 9 * * *", False),
    "OnlineDeployment": ("properties.environmentVariables.LEVEL", "debug", False),
    "OnlineEndpoint": ("properties.description", "Bankchurn", False),
    "VaultKey": ("keyName", "other", True),
    "WorkspacePurge": ("workspaceName", "ws2", True),
}
"""One property of each kind, another value for it, and whether that makes another object."""
KINDS = sorted(DECLARED)
IN_PLACE = [noun for noun in KINDS if not CHANGED[noun][2]]
SLOW = ("BatchDefault", "EndpointTraffic", "MonitorSchedule", "OnlineDeployment", "OnlineEndpoint")
"""What Azure goes on with after it has answered."""
KEPT = ("FeaturesetVersion", "FeaturestoreEntityVersion", "VaultKey")
"""What stays when its resource goes: others may have been made with it."""
ONLY_DECLARED = {"OnlineDeployment": {"maxInstances"}}
"""What Azure does not have: a count moves between bounds that autoscaling keeps."""


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    """A workspace with an endpoint of each kind and two deployments on each."""
    with local_azure(tmp_path, monkeypatch) as running:
        workspace, here = running.workspace(), {"location": LOCATION}
        compute = f"{workspace}/computes/cpu"
        size = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 1}}
        cluster = {"computeType": "AmlCompute", "properties": size}
        running.put(compute, {**here, "properties": cluster})
        batch, online = f"{workspace}/batchEndpoints/nightly", f"{workspace}/onlineEndpoints/ep1"
        for endpoint in (batch, online):
            body = {**here, "tags": {"rev": "1"}, "properties": {"authMode": "AADToken"}}
            running.put(endpoint, body)
        for name in ("one", "two"):
            running.put(f"{batch}/deployments/{name}", {**here, "properties": {"compute": compute}})
        for name in (V1, V2):
            sku = {"name": "Default", "capacity": 1}
            body = {**here, "sku": sku, "properties": MACHINE}
            running.put(f"{online}/deployments/{name}", body)
        yield running


@pytest.fixture
def cloud(azure: LocalAzure) -> AzureCloud:
    return new_cloud(azure)


def around(noun: str, **more: Any) -> Context:
    token = f"mlgap:azure:{noun}"
    return Context(urn=f"urn:pulumi:dev::p::{token}::m", token=token, name="m", **more)


def kind(noun: str, cloud: AzureCloud) -> Any:
    """What answers for the kind."""
    return resource_type(f"mlgap:azure:{noun}")(cloud)


def put(inputs: Inputs, path: str, value: Any) -> Inputs:
    """A copy of the inputs with another value at a path."""
    changed = copy.deepcopy(inputs)
    *steps, last = path.split(".")
    at: Any = changed
    for step in steps:
        at = at[step]
    at[last] = value
    return changed


def changed(noun: str) -> Inputs:
    path, value, _ = CHANGED[noun]
    return put(DECLARED[noun], path, value)


def there(azure: LocalAzure) -> list[tuple[str, str]]:
    """Every object, with what is declared of it; not when it was made."""
    return sorted(
        (str(one["id"]), str({k: v for k, v in one.items() if k != "systemData"}))
        for one in azure.world.resources()
    )


def ids(azure: LocalAzure) -> list[str]:
    return [id_ for id_, _ in there(azure)]


def test_every_kind_is_in_these_tests() -> None:
    all_ = {token.rpartition(":")[2] for token in RESOURCES if token.startswith("mlgap:azure:")}
    assert set(DECLARED) == set(CHANGED) == all_


@pytest.mark.parametrize("noun", KINDS)
def test_what_is_declared_is_good_and_what_is_wrong_is_told_at_once(
    cloud: AzureCloud, noun: str
) -> None:
    assert kind(noun, cloud).check(around(noun), DECLARED[noun], None) == (DECLARED[noun], [])
    required = [name for name in DECLARED[noun] if name not in ("tags", "endpointTags")]
    derived = {"deploymentName"} if noun == "OnlineDeployment" else set()
    _, failures = kind(noun, cloud).check(around(noun), {"resourceGroup": "rg"}, None)
    told = {failure.path for failure in failures}
    assert {"resourceGroup", *required} - derived <= told
    assert all(failure.reason for failure in failures)


@pytest.mark.parametrize("noun", KINDS)
def test_a_preview_takes_what_is_not_known_yet_and_calls_nothing(
    azure: LocalAzure, cloud: AzureCloud, noun: str
) -> None:
    azure.log.clear()
    inputs = put(DECLARED[noun], CHANGED[noun][0], UNKNOWN)
    checked, failures = kind(noun, cloud).check(around(noun), inputs, None)
    assert (checked, failures) == (inputs, [])
    ident, state = kind(noun, cloud).create(around(noun, preview=True), inputs)
    assert ident == ""
    assert {name: state[name] for name in inputs} == inputs
    if noun in IN_PLACE:
        preview = around(noun, preview=True)
        new = kind(noun, cloud).update(preview, "x", DECLARED[noun], dict(state), inputs)
        assert {name: new[name] for name in inputs} == inputs
    assert azure.log.entries() == []


@pytest.mark.parametrize("noun", KINDS)
def test_a_diff_says_which_property_and_whether_another_object_is_made(
    cloud: AzureCloud, noun: str
) -> None:
    path, _, replaces = CHANGED[noun]
    old = DECLARED[noun]
    diff = kind(noun, cloud).diff(around(noun), "x", old, {}, changed(noun))
    assert {change.replace for change in diff.changes} == {replaces}
    assert all(change.path.startswith(path) for change in diff.changes)
    assert diff.changes
    same = kind(noun, cloud).diff(around(noun), "x", old, {}, copy.deepcopy(old))
    assert same.changes == ()


@pytest.mark.parametrize("noun", KINDS)
def test_a_refresh_shows_no_drift_and_an_import_nothing_that_a_program_would_change(
    cloud: AzureCloud, noun: str
) -> None:
    declared = DECLARED[noun]
    ident, state = kind(noun, cloud).create(around(noun), declared)
    name, seen, now = kind(noun, cloud).read(around(noun), ident, declared, state)
    assert (name, seen) == (ident, declared)
    assert {k: now[k] for k in state if k != "status"} == {
        k: v for k, v in state.items() if k != "status"
    }
    _, imported, _ = kind(noun, cloud).read(around(noun), ident, {}, {})
    checked, failures = kind(noun, cloud).check(around(noun), imported, None)
    assert failures == []
    diff = kind(noun, cloud).diff(around(noun), ident, imported, {}, declared)
    told = {change.path for change in diff.changes}
    assert told <= ONLY_DECLARED.get(noun, set()), f"imported as {checked}"


@pytest.mark.parametrize("noun", IN_PLACE)
def test_a_change_in_place_is_there_afterwards_and_makes_no_other_object(
    azure: LocalAzure, cloud: AzureCloud, noun: str
) -> None:
    ident, state = kind(noun, cloud).create(around(noun), DECLARED[noun])
    before, new = ids(azure), changed(noun)
    kind(noun, cloud).update(around(noun), ident, DECLARED[noun], state, new)
    assert ids(azure) == before
    assert kind(noun, cloud).read(around(noun), ident, new, state)[1] == new


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("noun", KINDS)
def test_a_create_that_is_killed_at_any_call_is_taken_up_and_makes_nothing_twice(
    azure: LocalAzure, noun: str, answered: bool
) -> None:
    warm = new_cloud(azure)
    warm.call(around(noun), "GET", azure.group_id, "2024-03-01")
    start = [copy.deepcopy(one) for one in azure.world.resources()]
    undisturbed, _ = kind(noun, warmed(new_cloud(azure), warm)).create(around(noun), DECLARED[noun])
    wanted = ids(azure)
    for at in range(1, 20):
        for one in list(azure.world.resources()):
            azure.world.delete(one["id"])
        for one in start:
            azure.world.put(one)
        mortal = warmed(Mortal(azure, at, answered=answered), warm)
        try:
            kind(noun, mortal).create(around(noun), DECLARED[noun])
        except Killed:
            again = kind(noun, warmed(new_cloud(azure), warm))
            ident, _ = again.create(around(noun), DECLARED[noun])
            assert (ident, ids(azure)) == (undisturbed, wanted), f"killed at call {at}"
        else:
            assert at > 1 or noun == "WorkspacePurge", "which calls nothing"
            return
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("noun", SLOW)
def test_a_long_operation_says_what_goes_on_and_a_cancelled_one_is_taken_up(
    azure: LocalAzure, noun: str
) -> None:
    said: list[str] = []
    cancelled = threading.Event()
    azure.world.delay_s = 0.6

    def hear(level: Level, message: str) -> None:
        assert level == "status"
        said.append(message)
        cancelled.set()  # as soon as it says that it waits

    ctx = around(noun, cancelled=cancelled, log=hear)
    with pytest.raises((Cancelled, Partial), match="cancelled") as caught:
        kind(noun, new_cloud(azure)).create(ctx, DECLARED[noun])
    assert "InProgress" in said[0]
    begun = ids(azure)
    ident, _ = kind(noun, new_cloud(azure)).create(around(noun), DECLARED[noun])
    assert ids(azure) == begun, "nothing twice"
    if isinstance(caught.value, Partial):
        assert caught.value.id == ident, "the engine keeps what was begun"
    _, seen, _ = kind(noun, new_cloud(azure)).read(around(noun), ident, DECLARED[noun], {})
    assert seen == DECLARED[noun]


@pytest.mark.parametrize("noun", KINDS)
def test_what_is_deleted_is_gone_or_kept_on_purpose_and_a_second_delete_is_done(
    azure: LocalAzure, cloud: AzureCloud, noun: str
) -> None:
    before = ids(azure)
    ident, state = kind(noun, cloud).create(around(noun), DECLARED[noun])
    made = ids(azure)
    for _ in range(2):
        kind(noun, cloud).delete(around(noun), ident, DECLARED[noun], state)
    if noun in KEPT:
        assert set(ids(azure)) == set(made) > set(before)
    elif noun == "Job":  # Azure ML keeps the record, archived
        with pytest.raises(NotFound):
            kind(noun, cloud).read(around(noun), ident, DECLARED[noun], state)
    else:
        assert ids(azure) == before
    if noun in ("OnlineDeployment", "OnlineEndpoint", "MonitorSchedule"):
        with pytest.raises(NotFound):
            kind(noun, cloud).read(around(noun), ident, DECLARED[noun], state)


@pytest.mark.parametrize("noun", [noun for noun in KINDS if noun != "WorkspacePurge"])
def test_what_is_gone_is_told_as_gone(azure: LocalAzure, cloud: AzureCloud, noun: str) -> None:
    ident, state = kind(noun, cloud).create(around(noun), DECLARED[noun])
    azure.world.delete(ident)
    with pytest.raises(NotFound):
        kind(noun, cloud).read(around(noun), ident, DECLARED[noun], state)
