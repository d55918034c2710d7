"""Compute Engine's networks, subnets and network attachments, and policies for connections.

Sources: compute v1 and networkconnectivity v1 discovery documents; VPC, "Subnets" (ranges of one
network never overlap); "Delete networks" (a network with subnets stays).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mlplatform.sandbox.clouds.gcp import discovery, operations
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_HOST = "https://www.googleapis.com/compute/v1/"
_LINK = re.compile(r"https://(?:www|compute)\.googleapis\.com/compute/[^/]+/")
_COLLECTIONS = ("networks", "subnetworks", "networkAttachments")
_FINGERPRINTED = ("subnetworks", "networkAttachments")


class Networks(Documented):
    """`networks.*`, `subnetworks.*`, `networkAttachments.*` and their operations."""

    def __init__(self, world: World) -> None:
        kinds = "|".join((*_COLLECTIONS, "operations"))
        paths = rf"/compute/v1/projects/[^/]+/(global|regions/[^/]+)/({kinds})"
        super().__init__(world, "compute.v1", paths)
        for kind in _COLLECTIONS:
            self.hooks |= {
                f"{kind}.insert": self._insert,
                f"{kind}.get": self._read,
                f"{kind}.list": self._list,
                f"{kind}.patch": self._patch,
                f"{kind}.delete": self._delete,
            }
        self.hooks["subnetworks.expandIpCidrRange"] = self._expand
        for place in ("global", "region"):
            self.hooks[f"{place}Operations.get"] = self._operation
            self.hooks[f"{place}Operations.wait"] = self._operation

    def _insert(self, asked: Asked) -> Document:
        kind = asked.route.method.partition(".")[0]
        ident = str(asked.body.get("name", ""))
        if not re.fullmatch(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?", ident):
            raise Refusal("INVALID_ARGUMENT", f"Invalid value for field 'resource.name': {ident!r}")
        name = f"{asked.name}/{ident}"
        if self.key(name) in self.world.objects:
            raise Refusal("ALREADY_EXISTS", f"The resource '{name}' already exists")
        given = discovery.without_output_fields(
            self.document, asked.route.detail["request"], asked.body
        )
        if kind == "networks" and "autoCreateSubnetworks" not in given:
            raise Refusal("INVALID_ARGUMENT", "Legacy networks are no longer made.")
        if kind == "subnetworks":
            network = short(given.get("network", ""))
            self.world.get(self.key(network))
            self._room(network, str(given.get("ipCidrRange", "")), besides="")
        if kind == "networkAttachments":
            self._subnets_exist(given)
        number = str(self.world.next_number())
        made = {"id": number, "selfLink": _HOST + name, "creationTimestamp": self.world.now()}
        stored = {**given, **made, **self._fingerprint(kind)}
        if kind == "networks":
            stored.setdefault("routingConfig", {"routingMode": "REGIONAL"})
            stored.setdefault("mtu", 1460)
        self.world.objects[self.key(name)] = stored
        return self._started(asked, "insert", name)

    def _read(self, asked: Asked) -> Document:
        found = dict(self.get(asked))
        if asked.route.method.startswith("networks."):
            found["subnetworks"] = [s["selfLink"] for _, s in self._subnets(asked.name)]
        return found

    def _list(self, asked: Asked) -> Document:
        return {"items": [value for _, value in self.world.children(self.key(asked.name) + "/")]}

    def _patch(self, asked: Asked) -> Document:
        kind = asked.route.method.partition(".")[0]
        stored = self.world.get(self.key(asked.name))
        if kind in _FINGERPRINTED and asked.body.get("fingerprint") != stored["fingerprint"]:
            raise Refusal("FAILED_PRECONDITION", "Invalid fingerprint.", http=412)
        changed = {k: v for k, v in asked.body.items() if k != "fingerprint"}
        if kind == "subnetworks" and changed.keys() & {"ipCidrRange", "network", "region"}:
            raise Refusal("INVALID_ARGUMENT", "These fields of a subnet are not patched.")
        if kind == "networkAttachments":
            self._subnets_exist(changed)
        self.world.objects[self.key(asked.name)] = {
            **stored,
            **changed,
            **self._fingerprint(kind),
        }
        return self._started(asked, "patch", asked.name)

    def _expand(self, asked: Asked) -> Document:
        name = asked.name.removesuffix("/expandIpCidrRange")
        stored = self.world.get(self.key(name))
        wanted = str(asked.body.get("ipCidrRange", ""))
        if not _block(stored["ipCidrRange"]).subnet_of(_block(wanted)):
            raise Refusal("INVALID_ARGUMENT", "The new range must contain the old one.")
        self._room(short(stored["network"]), wanted, besides=name)
        changed = {"ipCidrRange": wanted, **self._fingerprint("subnetworks")}
        self.world.objects[self.key(name)] = {**stored, **changed}
        return self._started(asked, "expandIpCidrRange", name)

    def _delete(self, asked: Asked) -> Document:
        self.world.get(self.key(asked.name))
        user = next(self._users(asked.name), None)
        if user is not None:
            message = f"The resource '{asked.name}' is already being used by '{user}'"
            raise Refusal("INVALID_ARGUMENT", message)
        del self.world.objects[self.key(asked.name)]
        return self._started(asked, "delete", asked.name)

    def _users(self, name: str) -> Iterator[str]:
        """Names of what keeps an object from being deleted: who has its name in a field."""
        for key in self.world.objects:
            service, _, owner = key.partition("/")
            if owner == name or service not in ("compute", "networkconnectivity", "aiplatform"):
                continue
            value = self.world.objects[key]
            parts = [
                value.get("network"),
                *value.get("subnetworks", ()),
                *(value.get("pscConfig") or {}).get("subnetworks", ()),
            ]
            if "/persistentResources/" in key:
                parts.append((value.get("pscInterfaceConfig") or {}).get("networkAttachment"))
            if name in {short(str(part)) for part in parts if part}:
                yield owner

    def _subnets(self, network: str) -> Iterator[tuple[str, Document]]:
        for key, value in self.world.children("compute/"):
            if "/subnetworks/" in key and short(value["network"]) == network:
                yield key, value

    def _room(self, network: str, wanted: str, *, besides: str) -> None:
        """Refuse a range that another subnet of the network has a part of."""
        block = _block(wanted)
        for key, other in self._subnets(network):
            if key != self.key(besides) and _block(other["ipCidrRange"]).overlaps(block):
                message = f"Invalid IPCidrRange: {wanted} conflicts with existing subnetwork"
                raise Refusal("INVALID_ARGUMENT", f"{message} '{key.rpartition('/')[2]}'")

    def _subnets_exist(self, given: Document) -> None:
        for link in given.get("subnetworks", ()):
            self.world.get(self.key(short(link)))

    def _fingerprint(self, kind: str) -> Document:
        return {"fingerprint": self.world.etag()} if kind in _FINGERPRINTED else {}

    def _started(self, asked: Asked, verb: str, name: str) -> Document:
        scope = re.match(r"projects/[^/]+/(?:global|regions/[^/]+)", asked.name)
        assert scope is not None  # every path of this service has one
        path = f"{scope[0]}/operations/operation-{self.world.next_number()}"
        given = {"operationType": verb, "targetLink": _HOST + name}
        operations.start(
            self.world, path, effect="compute.keep", given={}, metadata=given, slow=0.5
        )
        return self._shown(path)

    def _operation(self, asked: Asked) -> Document:
        return self._shown(asked.name.removesuffix("/wait"))

    def _shown(self, path: str) -> Document:
        """An operation in Compute Engine's own form, which is not google.longrunning's."""
        found = operations.poll(self.world, path)
        return {
            "kind": "compute#operation",
            "name": path.rpartition("/")[2],
            "selfLink": _HOST + path,
            "status": "DONE" if found["done"] else "RUNNING",
            **(found.get("metadata") or {}),
        }


class ConnectionPolicies(Documented):
    """`serviceConnectionPolicies.*`: who may make addresses in a network."""

    def __init__(self, world: World) -> None:
        paths = r"/v1/projects/[^/]+/locations/[^/]+/serviceConnectionPolicies"
        super().__init__(world, "networkconnectivity.v1", paths)
        self.hooks["projects.locations.serviceConnectionPolicies.create"] = self._create

    def _create(self, asked: Asked) -> Document:
        network = short(str(asked.body.get("network", "")))
        self.world.get(f"compute/{network}")
        for link in asked.body.get("pscConfig", {}).get("subnetworks", ()):
            self.world.get(f"compute/{short(link)}")
        wanted = asked.body.get("serviceClass")
        for _, other in self.world.children(self.key(asked.name) + "/"):
            if (short(other["network"]), other["serviceClass"]) == (network, wanted):
                message = f"A policy for {wanted} in this network and region already exists."
                raise Refusal("ALREADY_EXISTS", message)
        return self.create(asked, extra={"infrastructure": "PSC", "etag": self.world.etag()})


def short(link: str) -> str:
    """A link without host and version."""
    return _LINK.sub("", link)


def attachment_exists(world: World, name: str) -> None:
    """Refuse the name of a network attachment that is not there."""
    if f"compute/{short(name)}" not in world.objects:
        raise Refusal("NOT_FOUND", f"Network attachment {name} was not found.")


def _block(text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        message = f"Invalid value for field 'resource.ipCidrRange': {text!r}"
        raise Refusal("INVALID_ARGUMENT", message) from None
