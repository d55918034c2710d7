"""Versions of feature sets and entities against the local Azure: made, taken up again, kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.contracts import azure as contract
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.version import FeatureVersion
from mlplatform.provider.model import Context, NotFound, ProviderError
from tests.sandbox.azure_local import GROUP, WORKSPACE, LocalAzure, local_azure

SET = "mlgap:azure:FeaturesetVersion"
ENTITY = "mlgap:azure:FeaturestoreEntityVersion"
PLACE = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE, "name": "customers"}
INPUTS: dict[str, Any] = {
    **PLACE,
    "version": "0ffa5b57",
    "properties": {
        "description": "Features of customers",
        "entities": ["azureml:customers:1"],
        "specification": {"path": "https://s.blob.core.windows.net/artifacts/features/0ffa5b57"},
        "stage": "Production",
        "materializationSettings": {
            "storeType": "Offline",
            "resource": {"instanceType": "standard_e8s_v3"},
        },
    },
}
OF_ENTITY: dict[str, Any] = {
    **PLACE,
    "version": "1",
    "properties": {
        "indexColumns": [{"columnName": "id", "dataType": "String"}],
        "stage": "Production",
    },
}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def versions(azure: LocalAzure) -> FeatureVersion:
    config = {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
    return FeatureVersion(AzureCloud(config))


def around(token: str = SET) -> Context:
    return Context(urn=f"urn:pulumi:dev::p::{token}::v", token=token, name="v")


def with_properties(**changes: Any) -> dict[str, Any]:
    return {**INPUTS, "properties": {**INPUTS["properties"], **changes}}


@pytest.mark.parametrize(("token", "inputs"), [(SET, INPUTS), (ENTITY, OF_ENTITY)])
def test_a_version_is_made_and_read_and_stays_when_its_resource_goes(
    azure: LocalAzure, versions: FeatureVersion, token: str, inputs: dict[str, Any]
) -> None:
    assert versions.check(around(token), inputs, None) == (inputs, [])
    id_, outputs = versions.create(around(token), inputs)
    assert outputs == inputs
    assert versions.read(around(token), id_, inputs, outputs)[1] == inputs
    versions.delete(around(token), id_, inputs, outputs)
    assert azure.get(id_)["name"] == inputs["version"]
    _, imported, _ = versions.read(around(token), id_, {}, {})
    assert {name: imported[name] for name in PLACE} == PLACE
    assert imported["version"] == inputs["version"]


def test_one_that_was_kept_is_taken_up_again_and_another_of_its_name_is_refused(
    versions: FeatureVersion,
) -> None:
    id_, outputs = versions.create(around(), INPUTS)
    versions.delete(around(), id_, INPUTS, outputs)
    again = with_properties(description="Back again")
    assert versions.create(around(), again)[0] == id_
    assert versions.read(around(), id_, again, again)[1] == again
    other = with_properties(specification={"path": "https://elsewhere/features"})
    with pytest.raises(ProviderError, match=r"says something else \(specification\.path\)"):
        versions.create(around(), other)


def test_when_rows_are_computed_changes_in_place_and_what_they_are_does_not(
    azure: LocalAzure, versions: FeatureVersion
) -> None:
    id_, outputs = versions.create(around(), INPUTS)
    settings = {"storeType": "Offline", "resource": {"instanceType": "standard_e4s_v3"}}
    new = with_properties(materializationSettings=settings)
    assert not any(c.replace for c in versions.diff(around(), id_, INPUTS, outputs, new).changes)
    versions.update(around(), id_, INPUTS, outputs, new)
    live = azure.get(id_)["properties"]["materializationSettings"]
    assert live["resource"]["instanceType"] == "standard_e4s_v3"
    for other in (with_properties(entities=["azureml:customers:2"]), {**INPUTS, "version": "2"}):
        found = versions.diff(around(), id_, INPUTS, outputs, other)
        assert all(change.replace for change in found.changes)


def test_a_version_whose_store_is_gone_is_gone(azure: LocalAzure, versions: FeatureVersion) -> None:
    id_, outputs = versions.create(around(), INPUTS)
    assert azure.call("DELETE", azure.workspace_id).status_code < 300
    with pytest.raises(NotFound):
        versions.read(around(), id_, INPUTS, outputs)


@pytest.mark.parametrize(
    ("token", "given", "path"),
    [
        (SET, {**INPUTS, "version": ""}, "version"),
        (SET, with_properties(stage="Live"), "properties.stage"),
        (SET, with_properties(specificaton={}), "properties.specificaton"),
        (
            SET,
            with_properties(materializationSettings={"storeType": "Nowhere"}),
            "properties.materializationSettings.storeType",
        ),
        (
            ENTITY,
            {**OF_ENTITY, "properties": {"indexColumns": [{"dataType": "Text"}]}},
            "properties.indexColumns[0].dataType",
        ),
    ],
)
def test_what_azure_would_refuse_is_named_with_its_path(
    token: str, given: dict[str, Any], path: str
) -> None:
    assert path in {problem.path for problem in contract.check(token, given)}
