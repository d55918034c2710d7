"""What a workspace's managed network may reach.

Pure: arguments in, Azure's own words out. Everything that runs in the workspace runs in that
network: compute clusters, endpoints, Spark of monitoring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi_azure_native import machinelearningservices as ml

MODES = {
    "internet_outbound": "AllowInternetOutbound",
    "approved_outbound": "AllowOnlyApprovedOutbound",
}


@dataclass(frozen=True, kw_only=True)
class OutboundArgs:
    """One rule: a host, a service of Azure, or one resource by a private endpoint."""

    name: str
    fqdn: str | None = None
    service_tag: str | None = None
    ports: str = "443"
    protocol: str = "TCP"
    resource_id: pulumi.Input[str] | None = None
    sub_resource: str | None = None
    spark: bool = False
    """With ``resource_id``: jobs on serverless Spark reach it too."""

    def __post_init__(self) -> None:
        given = [v for v in (self.fqdn, self.service_tag, self.resource_id) if v is not None]
        if len(given) != 1 or (self.resource_id is None) != (self.sub_resource is None):
            raise ValueError(
                f"rule {self.name}: allowed: fqdn, service_tag, or resource_id with sub_resource"
            )

    def wire(self) -> Any:
        """The rule as Azure ML takes it: one of the three kinds."""
        if self.fqdn is not None:
            return ml.FqdnOutboundRuleArgs(
                type="FQDN", category="UserDefined", destination=self.fqdn
            )
        if self.service_tag is not None:
            return ml.ServiceTagOutboundRuleArgs(
                type="ServiceTag",
                category="UserDefined",
                destination=ml.ServiceTagDestinationArgs(
                    action="Allow",
                    service_tag=self.service_tag,
                    port_ranges=self.ports,
                    protocol=self.protocol,
                ),
            )
        return ml.PrivateEndpointOutboundRuleArgs(
            type="PrivateEndpoint",
            category="UserDefined",
            destination=ml.PrivateEndpointDestinationArgs(
                service_resource_id=self.resource_id,
                subresource_target=self.sub_resource,
                spark_enabled=self.spark,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class IsolationArgs:
    """A managed network of a workspace."""

    mode: Literal["internet_outbound", "approved_outbound"]
    rules: Sequence[OutboundArgs] = ()
    spark: bool = False
    """Made ready for serverless Spark at once, not with the first job."""

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        if len(names) != len(set(names)):
            raise ValueError(f"rules: got {names}, allowed: each name once")
        hosts = [rule.name for rule in self.rules if rule.fqdn is not None]
        if hosts and self.mode != "approved_outbound":
            raise ValueError(f"rules: got hosts {hosts}, allowed with mode approved_outbound only")

    def wire(self) -> ml.ManagedNetworkSettingsArgs:
        """The network without its rules, which are resources of their own."""
        hosts = any(rule.fqdn is not None for rule in self.rules)
        return ml.ManagedNetworkSettingsArgs(
            isolation_mode=MODES[self.mode],
            # The firewall that hosts need costs by the hour; the smaller one does for them.
            firewall_sku="Basic" if hosts else None,
            status=ml.ManagedNetworkProvisionStatusArgs(spark_ready=True) if self.spark else None,
        )
