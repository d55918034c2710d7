"""Network and stores on Azure: what is planned, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import AzureOutbound, AzurePlan
from tests.spec.stacks import ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
AT = "clouds.azure.network"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub/subnets/private"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/shared-keys"


def planned(network: dict[str, Any], **settings: Any) -> AzurePlan:
    more = {f"clouds.azure.{key}": value for key, value in settings.items()}
    platform = spec.read(changed(DEV, {AT: network, **more}), stack="dev-azure", root=ROOT)
    assert platform.azure is not None
    return platform.azure


def refused(network: dict[str, Any], **settings: Any) -> dict[str, str]:
    more = {f"clouds.azure.{key}": value for key, value in settings.items()}
    return problems(changed(DEV, {AT: network, **more}), stack="dev-azure")


def test_a_private_platform_has_a_network_of_its_own_or_an_existing_subnet() -> None:
    assert planned(
        {"private": True, "isolation": "internet_outbound", "address_space": "10.60.0.0/22"}
    ).network.private
    existing = planned(
        {
            "private": True,
            "isolation": "internet_outbound",
            "subnet_id": SUBNET,
            "dns_group_id": GROUP,
        }
    ).network
    assert (existing.subnet_id, existing.dns_group_id) == (SUBNET, GROUP)
    assert "one of them" in refused({"private": True, "isolation": "internet_outbound"})[AT]


def test_a_private_registry_builds_no_images_so_a_cluster_does() -> None:
    private = {"private": True, "isolation": "internet_outbound", "address_space": "10.60.0.0/22"}
    made = planned(private)
    assert made.network.image_builder_size == "Standard_D2as_v4"
    family = {one.name: one.needed_vcpus for one in made.quotas}["standardDASv4Family"]
    own = planned({**private, "image_build_compute": "builds"})
    assert (own.network.image_builder_size, own.network.image_build_compute) == (None, "builds")
    assert family - {q.name: q.needed_vcpus for q in own.quotas}["standardDASv4Family"] == 2 * 2
    assert planned({"isolation": "internet_outbound"}).network.image_builder_size is None


def test_a_private_platform_has_a_managed_network_as_nothing_else_reaches_its_stores() -> None:
    network = {"private": True, "address_space": "10.60.0.0/22"}
    assert "no compute reaches" in refused(network)[f"{AT}.isolation"]


def test_what_may_be_reached_is_named() -> None:
    outbound = {
        "pypi": {"fqdn": "*.pypi.org"},
        "logs": {"service_tag": "AzureMonitor", "ports": "443,8000-8100"},
        "store": {"resource_id": f"{GROUP}/providers/a/b/c", "sub_resource": "blob"},
    }
    found = planned({"isolation": "approved_outbound", "outbound": outbound}).network.outbound
    assert found == (
        AzureOutbound(name="pypi", fqdn="*.pypi.org"),
        AzureOutbound(name="logs", service_tag="AzureMonitor", ports="443,8000-8100"),
        AzureOutbound(name="store", resource_id=f"{GROUP}/providers/a/b/c", sub_resource="blob"),
    )


@pytest.mark.parametrize(
    ("network", "path", "words"),
    [
        ({"address_space": "10.0.0.0/16"}, "address_space", "private: true"),
        (
            {"private": True, "isolation": "internet_outbound", "address_space": "8.8.8.0/24"},
            "address_space",
            "private range",
        ),
        (
            {"private": True, "isolation": "internet_outbound", "address_space": "10.0.0.1/16"},
            "address_space",
            "host bits",
        ),
        (
            {"private": True, "isolation": "internet_outbound", "subnet_id": "subnet"},
            "subnet_id",
            "virtualNetworks/subnets",
        ),
        (
            {
                "private": True,
                "isolation": "internet_outbound",
                "address_space": "10.0.0.0/16",
                "allowed_ips": ["10.1.1.1"],
            },
            "allowed_ips[0]",
            "public address",
        ),
        (
            {
                "private": True,
                "isolation": "internet_outbound",
                "address_space": "10.0.0.0/16",
                "dns_group_id": GROUP,
            },
            "dns_group_id",
            "with subnet_id",
        ),
        ({"outbound": {"pypi": {"fqdn": "pypi.org"}}}, "outbound", "with isolation"),
        (
            {"isolation": "internet_outbound", "outbound": {"pypi": {"fqdn": "pypi.org"}}},
            "outbound.pypi.fqdn",
            "approved_outbound",
        ),
        (
            {"isolation": "approved_outbound", "outbound": {"pypi": {"fqdn": "https://pypi.org"}}},
            "outbound.pypi.fqdn",
            "a host",
        ),
        (
            {
                "isolation": "approved_outbound",
                "outbound": {"spark-storage": {"fqdn": "pypi.org"}},
            },
            "outbound.spark-storage",
            "another name",
        ),
        (
            {"isolation": "approved_outbound", "outbound": {"x1": {"resource_id": "/x"}}},
            "outbound.x1.sub_resource",
            "blob",
        ),
        (
            {
                "isolation": "approved_outbound",
                "outbound": {"x1": {"fqdn": "pypi.org", "ports": "443"}},
            },
            "outbound.x1",
            "allowed: fqdn;",
        ),
    ],
)
def test_what_azure_would_refuse_is_refused(network: dict[str, Any], path: str, words: str) -> None:
    found = refused(network)
    assert words in found[f"{AT}.{path}"]
    assert len(found) == 1


def test_a_private_endpoint_needs_a_private_platform() -> None:
    at = "workloads.bankchurn.endpoint.private"
    assert "clouds.azure.network.private" in problems(changed(DEV, {at: True}), "dev-azure")[at]
    network = {"private": True, "isolation": "internet_outbound", "address_space": "10.60.0.0/22"}
    found = changed(DEV, {at: True, AT: network})
    assert problems(found, "dev-azure") == {}


def test_what_exists_is_taken_by_its_id_which_has_to_be_of_its_kind() -> None:
    assert planned({}, key_vault_id=VAULT, log_retention_days=90).stores.key_vault_id == VAULT
    found = refused({}, key_vault_id="shared-keys", container_registry_id=VAULT)
    assert set(found) == {"clouds.azure.key_vault_id", "clouds.azure.container_registry_id"}


def test_in_a_managed_network_the_flag_of_a_deployment_is_a_gap() -> None:
    egress = {"workloads.bankchurn.endpoint.azure.egress": "workspace"}
    isolated = {**egress, AT: {"isolation": "approved_outbound"}}
    (gap,) = spec.read(changed(DEV, isolated), stack="dev-azure", root=ROOT).gaps
    assert gap.path == "workloads.bankchurn.endpoint.azure.egress"
    assert "no longer applies" in gap.reason
    assert spec.read(changed(DEV, egress), stack="dev-azure", root=ROOT).gaps == ()
