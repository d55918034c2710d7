from __future__ import annotations

import pytest

from components.aws.images import Images, ImagesArgs
from components.aws.network import SERVICES, Network, NetworkArgs, SubnetArgs
from components.aws.place import Place
from tests.recorder import Inventory, run

PLACE = Place(account_id="123456789012", region="eu-west-1")
SUBNETS = [
    SubnetArgs(availability_zone="eu-west-1a", cidr="10.60.0.0/20"),
    SubnetArgs(availability_zone="eu-west-1b", cidr="10.60.16.0/20"),
]


def network() -> Inventory:
    args = NetworkArgs(place=PLACE, cidr="10.60.0.0/16", subnets=SUBNETS, tags={"Owner": "me"})
    return run(lambda: Network("net", args))


def test_subnets_are_isolated_there_is_no_gateway_and_no_route() -> None:
    made = network()
    types = {resource.type for resource in made.resources}
    assert not {kind for kind in types if "Gateway" in kind or "NatGateway" in kind}
    assert "routes" not in made.one("aws:ec2/routeTable:RouteTable").inputs
    subnet = made.one("aws:ec2/subnet:Subnet", "net-eu-west-1b")
    assert subnet.inputs["mapPublicIpOnLaunch"] is False
    joined = made.one(
        "aws:ec2/routeTableAssociation:RouteTableAssociation", "net-eu-west-1b-isolated"
    )
    assert joined.inputs["routeTableId"] == "net-isolated-id"


def test_aws_is_reached_through_endpoints_only() -> None:
    doors = [r for r in network().resources if r.type == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    kinds = {r.inputs["serviceName"].split(".", 3)[3]: r.inputs["vpcEndpointType"] for r in doors}
    assert kinds == {"s3": "Gateway", **dict.fromkeys(SERVICES, "Interface")}
    interface = next(r for r in doors if r.name == "net-sagemaker-runtime")
    assert interface.inputs["subnetIds"] == ["net-eu-west-1a-id", "net-eu-west-1b-id"]
    assert interface.inputs["securityGroupIds"] == ["net-doors-id"]
    assert interface.inputs["privateDnsEnabled"] is True


def test_only_the_network_itself_comes_in() -> None:
    made = network()
    inside = made.one("aws:ec2/securityGroup:SecurityGroup", "net-inside").inputs
    assert [rule["self"] for rule in inside["ingress"]] == [True]
    doors = made.one("aws:ec2/securityGroup:SecurityGroup", "net-doors").inputs
    assert [(rule["cidrBlocks"], rule["fromPort"]) for rule in doors["ingress"]] == [
        (["10.60.0.0/16"], 443)
    ]


@pytest.mark.parametrize("subnets", [SUBNETS[:1], [SUBNETS[0], SUBNETS[0]]])
def test_fewer_than_two_zones_are_refused(subnets: list[SubnetArgs]) -> None:
    with pytest.raises(ValueError, match="two or more"):
        NetworkArgs(place=PLACE, cidr="10.60.0.0/16", subnets=subnets)


def test_an_image_repository_is_immutable_scanned_encrypted_and_known_at_preview() -> None:
    made: list[Images] = []
    args = ImagesArgs(place=PLACE, repository="ml-test-serving", key_arn="arn:key")
    inventory = run(lambda: made.append(Images("images", args)))
    repository = inventory.one("aws:ecr/repository:Repository").inputs
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [
        {"encryptionType": "KMS", "kmsKey": "arn:key"}
    ]
    assert "untagged" in inventory.one("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs["policy"]
    uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml-test-serving"
    assert made[0].repository_uri == uri
