"""Every line of the reviewed life-cycle table: about a property that is there, and in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.contracts import changes
from mlplatform.contracts.azure import create_only, gap, model

A = "azure-native"
LINES = [
    (token, kind, path, entry)
    for token, kinds in model.lifecycle_table().items()
    for kind, lines in kinds.items()
    for path, entry in lines.items()
]
BY_VALUE = ("never", "only", "kept")


def nested(path: str, value: Any) -> dict[str, Any]:
    for step in reversed(path.split(".")):
        value = {step: value}
    found: dict[str, Any] = value
    return found


def kinds(token: str, path: str, old: Any, new: Any) -> set[str]:
    found = changes(f"{A}:{token}", nested(path, old), nested(path, new))
    return {change.kind for change in found}


def properties(key: str, steps: list[str]) -> Iterator[str]:
    """The steps as far as the vendor's model goes with them, in every kind of a union."""
    node = model.node(key)
    if isinstance(node, model.Union):
        for option in node.options.values():
            yield from properties(option, steps)
        if steps[0] == node.by:
            yield steps[0]
        return
    field = node.fields.get(steps[0])
    if field is None:
        return
    bare = field.type.lstrip("[{")
    if len(steps) == 1 or not bare.startswith("@"):
        yield ".".join(steps)
    else:
        for rest in properties(bare[1:], steps[1:]):
            yield f"{steps[0]}.{rest}"


@pytest.mark.parametrize(("token", "kind", "path", "entry"), LINES)
def test_a_line_is_about_a_property_and_has_a_reason_and_a_source(
    token: str, kind: str, path: str, entry: str
) -> None:
    arm = model.types()[f"{A}:{token}"]
    assert path.split(".")[0] in arm.in_path or list(properties(arm.root, path.split(".")))
    parts = entry.split(" | ")
    assert len(parts) == (3 if kind in BY_VALUE else 2)
    assert all(part.strip() for part in parts)
    assert kind in ("update", "replace", "refuse", *BY_VALUE)


@pytest.mark.parametrize(
    ("token", "kind", "path"),
    [(token, kind, path) for token, kind, path, _ in LINES if kind not in BY_VALUE],
)
def test_a_line_is_in_force_for_every_other_value(token: str, kind: str, path: str) -> None:
    assert kinds(token, path, "one", "another") == {kind}


@pytest.mark.parametrize(
    ("token", "path", "old", "new", "kind"),
    [
        ("keyvault:Vault", "properties.enablePurgeProtection", True, False, "refuse"),
        ("keyvault:Vault", "properties.enablePurgeProtection", False, True, "update"),
        ("keyvault:Vault", "properties.enableSoftDelete", True, False, "refuse"),
        ("storage:StorageAccount", "kind", "Storage", "StorageV2", "update"),
        ("storage:StorageAccount", "kind", "StorageV2", "BlobStorage", "refuse"),
        *(
            ("machinelearningservices:Workspace", "managedNetwork.isolationMode", *case)
            for case in (
                ("AllowInternetOutbound", "Disabled", "refuse"),
                ("AllowInternetOutbound", "AllowOnlyApprovedOutbound", "update"),
                ("Disabled", "AllowInternetOutbound", "update"),
            )
        ),
    ],
)
def test_a_way_that_has_no_return_is_refused_by_its_new_value(
    token: str, path: str, old: Any, new: Any, kind: str
) -> None:
    assert kinds(token, path, old, new) == {kind}


@pytest.mark.parametrize(
    ("mode", "kind"), [("AllowInternetOutbound", "refuse"), ("Disabled", "update")]
)
@pytest.mark.parametrize("left", [{}, {"managedNetwork": {"firewallSku": "Basic"}}])
def test_a_managed_network_cannot_be_left_out_later(
    left: dict[str, Any], mode: str, kind: str
) -> None:
    old = {"managedNetwork": {"firewallSku": "Basic", "isolationMode": mode}}
    assert {one.kind for one in changes(f"{A}:machinelearningservices:Workspace", old, left)} == {
        kind
    }


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("containerregistry:Registry", "encryption.status"),
        ("machinelearningservices:OnlineEndpoint", "identity"),
        ("machinelearningservices:FeaturesetVersion", "properties.specification"),
        ("machinelearningservices:FeaturestoreEntityVersion", "properties.indexColumns"),
        ("machinelearningservices:Datastore", "properties.datastoreType"),
    ],
)
def test_what_the_vendor_does_not_mark_is_create_only_all_the_same(token: str, path: str) -> None:
    assert path in create_only(f"{A}:{token}")


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("machinelearningservices:BatchDeployment", "properties.resources.instanceCount"),
        ("machinelearningservices:BatchDeployment", "properties.codeConfiguration.codeId"),
        (
            "machinelearningservices:FeaturesetVersion",
            "properties.materializationSettings.notification.emails",
        ),
    ],
)
def test_a_mark_that_belongs_to_another_kind_is_corrected(token: str, path: str) -> None:
    assert path not in create_only(f"{A}:{token}")
    assert kinds(token, path, "one", "another") == {"update"}


def test_another_identity_is_another_endpoint() -> None:
    old = nested("identity.type", "SystemAssigned")
    (change,) = changes(gap.ENDPOINT, old, nested("identity.type", "UserAssigned"))
    assert change.kind == "replace"
