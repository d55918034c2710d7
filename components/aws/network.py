"""Network without a way to the internet, and the endpoints through which AWS is reached.

Creates, for a component named ``NAME``, each zone ``Z`` and each service ``S``:

====================  ==================================================  ======
child                 type                                                when
====================  ==================================================  ======
``NAME``              aws:ec2/vpc:Vpc                                     always
``NAME-isolated``     aws:ec2/routeTable:RouteTable                       always
``NAME-Z``            aws:ec2/subnet:Subnet                               always
``NAME-Z-isolated``   aws:ec2/routeTableAssociation:...                   always
``NAME-inside``       aws:ec2/securityGroup:SecurityGroup                 always
``NAME-doors``        aws:ec2/securityGroup:SecurityGroup                 always
``NAME-s3``           aws:ec2/vpcEndpoint:VpcEndpoint (gateway)           always
``NAME-S``            aws:ec2/vpcEndpoint:VpcEndpoint (interface)         always
====================  ==================================================  ======

A gateway endpoint costs nothing; an interface endpoint costs by the hour and zone, so there are
only those that SageMaker's jobs and endpoints use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent

SERVICES = (
    "ecr.api",
    "ecr.dkr",
    "kms",
    "logs",
    "monitoring",
    "sagemaker.api",
    "sagemaker.featurestore-runtime",
    "sagemaker.runtime",
    "sts",
)
"""Interface endpoints: images, keys, logs, metrics, and SageMaker itself (SageMaker guide, "Give
SageMaker hosted endpoints access to resources in your VPC"; "Connect to SageMaker within your
VPC")."""


@dataclass(frozen=True, kw_only=True)
class SubnetArgs:
    availability_zone: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a caller decides."""

    place: Place
    cidr: str
    subnets: Sequence[SubnetArgs]
    """Two or more, each in a zone of its own."""
    services: Sequence[str] = SERVICES
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zones = [subnet.availability_zone for subnet in self.subnets]
        if len(zones) < 2 or len(zones) != len(set(zones)):
            raise ValueError(f"subnets: got zones {zones}, allowed: two or more, each once")


class Network(MlComponent):
    """One VPC with isolated subnets."""

    kind = "aws:Network"

    vpc_id: pulumi.Output[str]
    subnet_ids: list[pulumi.Output[str]]
    security_group_ids: list[pulumi.Output[str]]
    """What runs in the network is in these."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._tags = dict(args.tags)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            # Interface endpoints answer under the services' own names only with both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named(name),
            opts=self._opts(),
        )
        routes = aws.ec2.RouteTable(
            self._child("isolated"),
            vpc_id=vpc.id,
            tags=self._named(self._child("isolated")),
            opts=self._opts(),
        )
        self.subnet_ids = [self._subnet(vpc, routes, subnet) for subnet in args.subnets]
        inside, doors = self._groups(vpc, args.cidr)
        self._endpoints(vpc, routes, doors, args)
        self.vpc_id = vpc.id
        self.security_group_ids = [inside.id]
        self.register_outputs({"vpc_id": vpc.id, "subnet_ids": self.subnet_ids})

    def _subnet(
        self, vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable, args: SubnetArgs
    ) -> pulumi.Output[str]:
        subnet = aws.ec2.Subnet(
            self._child(args.availability_zone),
            vpc_id=vpc.id,
            availability_zone=args.availability_zone,
            cidr_block=args.cidr,
            map_public_ip_on_launch=False,
            tags=self._named(self._child(args.availability_zone)),
            opts=self._opts(),
        )
        aws.ec2.RouteTableAssociation(
            self._child(args.availability_zone, "isolated"),
            subnet_id=subnet.id,
            route_table_id=routes.id,
            opts=self._opts(),
        )
        return subnet.id

    def _groups(
        self, vpc: aws.ec2.Vpc, cidr: str
    ) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """What runs inside, and the network's side of the interface endpoints."""
        inside = aws.ec2.SecurityGroup(
            self._child("inside"),
            description="Jobs and endpoints: each other, and AWS over TLS",
            vpc_id=vpc.id,
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(
                    # The nodes of one distributed job choose their ports themselves.
                    protocol="-1",
                    from_port=0,
                    to_port=0,
                    self=True,
                )
            ],
            egress=[
                aws.ec2.SecurityGroupEgressArgs(protocol="-1", from_port=0, to_port=0, self=True),
                aws.ec2.SecurityGroupEgressArgs(
                    # S3's gateway has public addresses; there is no other route out.
                    protocol="tcp",
                    from_port=443,
                    to_port=443,
                    cidr_blocks=["0.0.0.0/0"],
                ),
            ],
            tags=self._named(self._child("inside")),
            opts=self._opts(),
        )
        doors = aws.ec2.SecurityGroup(
            self._child("doors"),
            description="Interface endpoints: TLS from the network",
            vpc_id=vpc.id,
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(
                    protocol="tcp", from_port=443, to_port=443, cidr_blocks=[cidr]
                )
            ],
            tags=self._named(self._child("doors")),
            opts=self._opts(),
        )
        return inside, doors

    def _endpoints(
        self,
        vpc: aws.ec2.Vpc,
        routes: aws.ec2.RouteTable,
        doors: aws.ec2.SecurityGroup,
        args: NetworkArgs,
    ) -> None:
        region = args.place.region
        aws.ec2.VpcEndpoint(
            self._child("s3"),
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[routes.id],
            tags=self._named(self._child("s3")),
            opts=self._opts(),
        )
        for service in args.services:
            suffix = service.replace(".", "-")
            aws.ec2.VpcEndpoint(
                self._child(suffix),
                vpc_id=vpc.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=self.subnet_ids,
                security_group_ids=[doors.id],
                private_dns_enabled=True,
                tags=self._named(self._child(suffix)),
                opts=self._opts(),
            )

    def _named(self, name: str) -> dict[str, str]:
        """EC2 shows the tag ``Name``; its objects have no other."""
        return {**self._tags, "Name": name}
