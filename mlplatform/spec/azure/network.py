"""The network of an Azure environment, and what is there already."""

from __future__ import annotations

import ipaddress
import re

from mlplatform.catalog import azure as catalog
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel, AzureNetworkModel, AzureOutboundModel
from mlplatform.spec.plan import SPARK_RULE, AzureNetwork, AzureOutbound, AzureStores

AT = "clouds.azure.network"
IMAGE_BUILDER_SIZE = catalog.DEFAULT
_GROUP = r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+"
_IDS = {
    "key_vault_id": "Microsoft.KeyVault/vaults",
    "container_registry_id": "Microsoft.ContainerRegistry/registries",
    "log_analytics_id": "Microsoft.OperationalInsights/workspaces",
}
_FQDN = re.compile(r"(\*\.)?([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_PRIVATE = tuple(
    ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
"""RFC 1918."""
_PREFIX_LONGEST = 27
"""Of the subnet of the private endpoints, of which Azure keeps five addresses (Virtual Network
FAQ). With a feature store there are eight endpoints, and those of workspaces and registries take
several addresses each ("Configure a private endpoint for an Azure Machine Learning workspace")."""
_ADDRESSES_MOST = 400
"""IP network rules of a storage account (Configure Azure Storage firewalls: restrictions)."""
_PORT_MOST = 65535
_RESOURCE = re.compile(_GROUP + r"/providers/(?P<type>[\w.]+/\w+)/[^/]+", re.IGNORECASE)
_SUB_RESOURCES = {
    "microsoft.storage/storageaccounts": ("blob", "dfs", "file", "queue", "table", "web"),
    "microsoft.keyvault/vaults": ("vault",),
    "microsoft.containerregistry/registries": ("registry",),
    "microsoft.machinelearningservices/workspaces": ("amlworkspace",),
    "microsoft.machinelearningservices/registries": ("amlregistry",),
    "microsoft.cache/redis": ("redisCache",),
    "microsoft.cache/redisenterprise": ("redisEnterprise",),
    "microsoft.sql/servers": ("sqlServer",),
    "microsoft.eventhub/namespaces": ("namespace",),
}
"""Of what workspaces reach most (learn.microsoft.com, Azure Private Endpoint: private-link
resource); parts of other resources are not known here."""


def is_private(settings: AzureModel) -> bool:
    """Whether the workspace has a private endpoint."""
    return settings.network is not None and settings.network.private


def is_managed(settings: AzureModel) -> bool:
    """Whether compute and deployments run in a managed network of the workspace."""
    return settings.network is not None and settings.network.isolation is not None


def stores(settings: AzureModel, findings: Findings) -> AzureStores:
    """What is taken by its id; each has to be the id of its kind."""
    for key, type_ in _IDS.items():
        value = getattr(settings, key)
        if value is not None:
            _id(value, f"clouds.azure.{key}", f"/providers/{type_}/[^/]+", type_, findings)
    return AzureStores(
        key_vault_id=settings.key_vault_id,
        container_registry_id=settings.container_registry_id,
        log_analytics_id=settings.log_analytics_id,
        log_retention_days=settings.log_retention_days,
        encrypt_workspace=settings.encrypt_workspace,
        purge_workspaces=settings.deleted_workspaces == "purge",
    )


def network(settings: AzureModel, findings: Findings) -> AzureNetwork:
    """Isolation as asked; the public network when nothing is."""
    asked = settings.network
    if asked is None:
        return AzureNetwork()
    _private(asked, findings)
    rules = [_rule(name, rule, asked, findings) for name, rule in asked.outbound.items()]
    if asked.outbound and asked.isolation is None:
        findings.problem(
            f"{AT}.outbound", sorted(asked.outbound), "allowed with isolation: it has the rules"
        )
    return AzureNetwork(
        isolation=asked.isolation,
        outbound=tuple(rule for rule in rules if rule is not None),
        private=asked.private,
        address_space=asked.address_space,
        subnet_id=asked.subnet_id,
        dns_group_id=asked.dns_group_id,
        allowed_ips=tuple(asked.allowed_ips),
        image_build_compute=asked.image_build_compute,
        image_builder_size=IMAGE_BUILDER_SIZE
        if asked.private and asked.image_build_compute is None
        else None,
    )


def _private(asked: AzureNetworkModel, findings: Findings) -> None:
    only = ("address_space", "subnet_id", "dns_group_id", "allowed_ips", "image_build_compute")
    given = {key: value for key in only if (value := getattr(asked, key))}
    if not asked.private:
        for key, value in given.items():
            findings.problem(f"{AT}.{key}", value, "allowed with private: true")
        return
    if asked.isolation is None:
        findings.missing(
            f"{AT}.isolation",
            "internet_outbound or approved_outbound with private: outside of a managed network no "
            "compute reaches the private stores",
        )
    if (asked.address_space is None) == (asked.subnet_id is None):
        findings.problem(AT, given, "allowed with private: address_space or subnet_id, one of them")
    if asked.dns_group_id is not None:
        if asked.subnet_id is None:
            findings.problem(
                f"{AT}.dns_group_id", asked.dns_group_id, "allowed with subnet_id: zones are made"
            )
        _id(asked.dns_group_id, f"{AT}.dns_group_id", "", "resource group", findings)
    if asked.subnet_id is not None:
        type_ = "Microsoft.Network/virtualNetworks/subnets"
        tail = "/providers/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+"
        _id(asked.subnet_id, f"{AT}.subnet_id", tail, type_, findings)
    if asked.address_space is not None:
        _range(asked.address_space, f"{AT}.address_space", findings)
    for position, address in enumerate(asked.allowed_ips):
        _public(address, f"{AT}.allowed_ips[{position}]", findings)
        if address in asked.allowed_ips[:position]:
            findings.problem(f"{AT}.allowed_ips[{position}]", address, "allowed: each one once")
    if len(asked.allowed_ips) > _ADDRESSES_MOST:
        words = f"allowed: at most {_ADDRESSES_MOST}; ranges such as 203.0.113.0/24 hold more"
        findings.problem(f"{AT}.allowed_ips", len(asked.allowed_ips), words)


def _rule(
    name: str, asked: AzureOutboundModel, network: AzureNetworkModel, findings: Findings
) -> AzureOutbound | None:
    at = f"{AT}.outbound.{name}"
    given = asked.model_dump(exclude_none=True)
    kinds = {
        "fqdn": {"fqdn"},
        "service_tag": {"service_tag", "ports", "protocol"},
        "resource_id": {"resource_id", "sub_resource"},
    }
    if name == SPARK_RULE:
        findings.problem(at, name, "allowed: another name, as monitors reach storage by this one")
    chosen = [kind for kind in kinds if kind in given]
    if len(chosen) != 1 or set(given) - kinds[chosen[0]]:
        findings.problem(
            at,
            given,
            "allowed: fqdn; service_tag with ports and protocol; resource_id with sub_resource",
        )
        return None
    if asked.resource_id is not None and asked.sub_resource is None:
        findings.missing(f"{at}.sub_resource", "which part of the resource, such as blob")
        return None
    if asked.resource_id is not None and asked.sub_resource is not None:
        _part(asked.resource_id, asked.sub_resource, at, findings)
    if asked.ports is not None and not _are_ports(asked.ports):
        words = "allowed: *, or ports and ranges of 1 to 65535 such as 443,8000-8100"
        findings.problem(f"{at}.ports", asked.ports, words)
    if asked.fqdn is not None:
        if network.isolation == "internet_outbound":
            findings.problem(
                f"{at}.fqdn",
                asked.fqdn,
                "allowed with isolation approved_outbound: the internet is open otherwise",
            )
        if _FQDN.fullmatch(asked.fqdn) is None:
            findings.problem(
                f"{at}.fqdn", asked.fqdn, "allowed: a host such as pypi.org or *.pypi.org"
            )
    return AzureOutbound(
        name=name,
        fqdn=asked.fqdn,
        service_tag=asked.service_tag,
        ports=asked.ports or "443",
        protocol=asked.protocol or "TCP",
        resource_id=asked.resource_id,
        sub_resource=asked.sub_resource,
    )


def _part(resource_id: str, part: str, at: str, findings: Findings) -> None:
    found = _RESOURCE.fullmatch(resource_id)
    if found is None:
        words = "allowed: the id of a resource, /subscriptions/.../providers/<type>/<name>"
        findings.problem(f"{at}.resource_id", resource_id, words)
        return
    known = _SUB_RESOURCES.get(found["type"].lower())
    if known is not None and part not in known:
        findings.not_among(f"{at}.sub_resource", part, known, "parts")


def _are_ports(text: str) -> bool:
    """``*``, or ports and ranges with commas between."""
    if text.strip() == "*":
        return True
    for one in text.replace(" ", "").split(","):
        ends = one.split("-")
        if len(ends) > 2 or not all(end.isascii() and end.isdigit() for end in ends):
            return False
        first, last = int(ends[0]), int(ends[-1])
        if not 1 <= first <= last <= _PORT_MOST:
            return False
    return True


def _id(value: str, at: str, tail: str, words: str, findings: Findings) -> None:
    if re.fullmatch(_GROUP + tail, value, re.IGNORECASE) is None:
        findings.problem(at, value, f"allowed: the id of a {words}")


def _range(value: str, at: str, findings: Findings) -> None:
    try:
        found = ipaddress.IPv4Network(value)
    except ValueError as error:
        findings.problem(at, value, f"allowed: a range such as 10.60.0.0/24 ({error})")
        return
    if found.prefixlen > _PREFIX_LONGEST or not any(found.subnet_of(one) for one in _PRIVATE):
        findings.problem(at, value, f"allowed: a private range of /{_PREFIX_LONGEST} or larger")


def _public(value: str, at: str, findings: Findings) -> None:
    """Storage takes public addresses and ranges up to /30 only (Configure Azure Storage firewalls:
    restrictions for IP network rules).
    """
    try:
        found = ipaddress.IPv4Network(value)
    except ValueError:
        findings.problem(at, value, "allowed: an address or range such as 203.0.113.7")
        return
    if (
        any(found.overlaps(one) for one in _PRIVATE)
        or found.prefixlen == 31
        or ("/" in value and found.prefixlen == 32)
    ):
        findings.problem(
            at, value, "allowed: a public address, or a range of at most /30; a single one bare"
        )
