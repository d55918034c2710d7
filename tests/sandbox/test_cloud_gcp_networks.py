"""Networks of the local cloud, through the stand-in for pulumi-gcp: what the service refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.provider.model import ProviderError
from tests.sandbox.gcp_served import PROJECT, Served, served
from tests.sandbox.test_cloud_gcp_provider import Driver

NETWORK = "gcp:compute/network:Network"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
ATTACHMENT = "gcp:compute/networkAttachment:NetworkAttachment"
POLICY = "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy"
REGION = f"projects/{PROJECT}/regions/us-central1"
VPC = f"projects/{PROJECT}/global/networks/n"
Made = tuple[str, Any, Any]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


class Changing(Driver):
    """Changes and deletes, too."""

    def update(self, token: str, ident: str, old: Any, state: Any, new: Any) -> Any:
        return self.provider.update(self.context(token, "x"), ident, old, state, new)

    def delete(self, token: str, ident: str, inputs: Any, state: Any) -> None:
        self.provider.delete(self.context(token, "x"), ident, inputs, state)


@pytest.fixture
def gcp(running: Served, monkeypatch: pytest.MonkeyPatch) -> Changing:
    running.reset()
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    return Changing()


def network(gcp: Changing) -> Made:
    return gcp.create(NETWORK, "n", name="n", project=PROJECT, autoCreateSubnetworks=False)


def subnet(gcp: Changing, name: str, cidr: str) -> Made:
    return gcp.create(
        SUBNET,
        name,
        name=name,
        project=PROJECT,
        region="us-central1",
        network=VPC,
        ipCidrRange=cidr,
        logConfig={"flowSampling": 0.5},
    )


def attachment(gcp: Changing, *subnets: str) -> Made:
    return gcp.create(
        ATTACHMENT,
        "a",
        name="a",
        project=PROJECT,
        region="us-central1",
        connectionPreference="ACCEPT_MANUAL",
        subnetworks=[f"{REGION}/subnetworks/{name}" for name in subnets],
    )


def test_what_was_made_is_read_back_without_drift(gcp: Changing) -> None:
    made = {NETWORK: network(gcp), SUBNET: subnet(gcp, "s", "10.0.0.0/24")}
    made[ATTACHMENT] = attachment(gcp, "s")
    for token, (ident, state, inputs) in made.items():
        assert gcp.read(token, ident, inputs, state)[1] == inputs
    assert made[NETWORK][1]["selfLink"].endswith(f"/compute/v1/{VPC}")


def test_a_subnet_needs_its_network(gcp: Changing) -> None:
    with pytest.raises(ProviderError, match=r"global/networks/n.*not found"):
        subnet(gcp, "s", "10.0.0.0/24")


def test_ranges_of_one_network_do_not_overlap(gcp: Changing) -> None:
    network(gcp)
    subnet(gcp, "s", "10.0.0.0/24")
    with pytest.raises(ProviderError, match="conflicts with existing subnetwork 's'"):
        subnet(gcp, "t", "10.0.0.128/25")


def test_a_range_grows_in_place_up_to_its_neighbour(gcp: Changing) -> None:
    network(gcp)
    ident, state, inputs = subnet(gcp, "s", "10.0.0.0/24")
    grown = {**inputs, "ipCidrRange": "10.0.0.0/23"}
    state = gcp.update(SUBNET, ident, inputs, state, grown)
    assert state["ipCidrRange"] == "10.0.0.0/23"
    subnet(gcp, "t", "10.0.2.0/24")
    with pytest.raises(ProviderError, match="conflicts"):
        gcp.update(SUBNET, ident, grown, state, {**grown, "ipCidrRange": "10.0.0.0/22"})


def test_a_subnet_s_fields_change_with_its_fingerprint(gcp: Changing) -> None:
    network(gcp)
    ident, state, inputs = subnet(gcp, "s", "10.0.0.0/24")
    after = gcp.update(SUBNET, ident, inputs, state, {**inputs, "privateIpGoogleAccess": True})
    assert after["privateIpGoogleAccess"] is True
    assert after["fingerprint"] != state["fingerprint"]


def test_what_is_in_use_is_not_deleted(gcp: Changing) -> None:
    vpc, first = network(gcp), subnet(gcp, "s", "10.0.0.0/24")
    used = attachment(gcp, "s")
    for token, (ident, state, inputs) in ((NETWORK, vpc), (SUBNET, first)):
        with pytest.raises(ProviderError, match="already being used by"):
            gcp.delete(token, ident, inputs, state)
    for token, (ident, state, inputs) in ((ATTACHMENT, used), (SUBNET, first), (NETWORK, vpc)):
        gcp.delete(token, ident, inputs, state)


def test_a_class_has_one_policy_in_a_network_and_region(gcp: Changing) -> None:
    network(gcp)
    subnet(gcp, "s", "10.0.0.0/24")
    given = {
        "project": PROJECT,
        "location": "us-central1",
        "network": VPC,
        "serviceClass": "gcp-vertexai",
        "pscConfig": {"subnetworks": [f"{REGION}/subnetworks/s"]},
    }
    gcp.create(POLICY, "p", name="p", **given)
    with pytest.raises(ProviderError, match="already exists"):
        gcp.create(POLICY, "q", name="q", **given)
