"""Joins the two sides: every Pulumi property gets its place in the vendor's request.

The result is a set of nodes, one for each pair of Pulumi class and vendor class. The general rule:
a property has the same name in the vendor's class, or in its `properties` class when Pulumi
flattens it, or it is the one whose vendor attribute has the same letters (a rename). What no rule
places is kept apart as unmapped and refused at run time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mlplatform.contracts.compile.azure_args import ArgsField, Module
from mlplatform.contracts.compile.azure_vendor import VendorClass, VendorField, VendorPackage

Json = dict[str, Any]


@dataclass(kw_only=True)
class Tally:
    """How each property of one type was placed, as paths; the rows of the coverage table."""

    same: list[str] = field(default_factory=list)
    flattened: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    read_only: list[str] = field(default_factory=list)
    pulumi_only: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one property lies: under `properties` or not, its wire name and the vendor's field."""

    inside: bool
    wire: str
    field: VendorField
    holder_required: bool


class Planner:
    """Builds the nodes of one vendor package and one Pulumi module into shared tables."""

    def __init__(
        self, module: Module, package: VendorPackage | None, prefix: str, nodes: Json, enums: Json
    ) -> None:
        self._module = module
        self._package = package
        self._prefix = prefix
        self._nodes = nodes
        self._enums = enums
        self._skip: set[str] = set()
        self._alone_paths: set[str] = set()
        self._open: list[str] = []

    def root(
        self,
        args: str,
        model: str | None,
        *,
        skip: set[str],
        alone: set[str],
        flat: bool,
        tally: Tally,
    ) -> str:
        """The node of a resource.

        skip: what travels in the URL. alone: paths that only the Pulumi type's API version has, so
        that the vendor's newer model cannot judge them.
        """
        self._skip, self._alone_paths, self._open = skip, alone, []
        vendor = self._package.get(model) if self._package and model else None
        return self._node(args, vendor, "", flat, tally)

    def _node(
        self, args: str, vendor: VendorClass | None, at: str, flat: bool, tally: Tally
    ) -> str:
        if vendor is not None and vendor.variants:
            vendor = self._variant(vendor, args) or vendor
        key = f"{self._prefix}.{args}" + (f"/{vendor.name}" if vendor else "")
        if key in self._open:
            return key
        self._open.append(key)
        node: Json = {"vendor": vendor.name if vendor else "", "fields": {}}
        # A node that another type made already is walked again for this type's tally.
        self._nodes.setdefault(key, node)
        for name, said in self._module.classes[args].items():
            path = f"{at}{name}"
            if path in self._skip:
                continue
            if vendor is None:
                node["fields"][name] = self._alone(said, flat, path, tally)
                continue
            place = self._place(vendor, name, said)
            if place is None:
                if path in self._alone_paths:
                    node["fields"][name] = self._alone(said, False, path, tally)
                else:
                    tally.unmapped.append(path)
                continue
            node["fields"][name] = self._joined(place, name, said, path, tally)
        if vendor is not None:
            node["ignored"] = self._read_only(vendor, set(node["fields"]))
        self._open.pop()
        return key

    def _place(self, vendor: VendorClass, name: str, said: ArgsField) -> Place | None:
        holders: list[tuple[bool, VendorClass, bool]] = [(False, vendor, True)]
        box = vendor.fields.get("properties")
        if box is not None and box.type.startswith("@") and self._package is not None:
            holders.append((True, self._package.get(box.type[1:]), box.required))
        for inside, holder, required in holders:
            # `odata.type` arrives as `odataType`.
            wire = name if name in holder.fields else _dotted(name, holder)
            if wire in holder.fields:
                found = holder.fields[wire]
                return Place(inside=inside, wire=wire, field=found, holder_required=required)
        for inside, holder, required in holders:
            alike = [
                wire
                for wire, found in holder.fields.items()
                if not found.read_only
                and {_letters(wire), _letters(found.attr)} & {_letters(name), _letters(said.attr)}
            ]
            if len(alike) == 1:
                found = holder.fields[alike[0]]
                return Place(inside=inside, wire=alike[0], field=found, holder_required=required)
        return None

    def _joined(self, place: Place, name: str, said: ArgsField, path: str, tally: Tally) -> Json:
        vendor = place.field
        bare = vendor.type.lstrip("[{")
        if vendor.read_only:
            tally.read_only.append(path)
        elif bare == "any":
            tally.free.append(path)
        elif place.wire != name:
            tally.renamed.append(path)
        else:
            (tally.flattened if place.inside else tally.same).append(path)
        made: Json = {"type": self._type(vendor, said, path, tally)}
        if place.wire != name:
            made["wire"] = place.wire
        if place.inside:
            made["inside"] = True
        if vendor.required and said.required and place.holder_required and said.const is None:
            made["required"] = True
        if vendor.create_only:
            made["create_only"] = True
        if vendor.read_only:
            made["read_only"] = True
        if vendor.limits:
            made["limits"] = vendor.limits
        return made

    def _type(self, vendor: VendorField, said: ArgsField, path: str, tally: Tally) -> str:
        prefix = vendor.type[: len(vendor.type) - len(vendor.type.lstrip("[{"))]
        bare = vendor.type[len(prefix) :]
        if bare.startswith("E:"):
            return f"{prefix}E:{self._enum(bare[2:], said.enum)}"
        if not bare.startswith("@"):
            if said.classes and bare != "any":
                tally.unmapped.append(f"{path} (an object in Pulumi, {bare} on the wire)")
            return vendor.type
        if not said.classes or self._package is None:
            # A list of strings in Pulumi is a map of empty objects on the wire (identities).
            string_set = prefix == "{" and said.type == "[str"
            return "{" if string_set else f"{prefix}any"
        target = self._package.get(bare[1:])
        if len(said.classes) == 1:
            args = said.classes[0]
            return f"{prefix}@{self._node(args, target, f'{path}.', False, tally)}"
        return f"{prefix}@{self._union(said.classes, target, path, tally)}"

    def _union(self, classes: tuple[str, ...], target: VendorClass, path: str, tally: Tally) -> str:
        key = f"{self._prefix}.{'|'.join(classes)}/{target.name}"
        options: Json = {}
        made = {"vendor": target.name, "options": options, "by": _camel(target.discriminator or "")}
        self._nodes.setdefault(key, made)
        for args in classes:
            chosen = self._variant(target, args)
            value = next(
                (f.const for f in self._module.classes[args].values() if f.const is not None), None
            )
            if chosen is None or value is None:
                tally.unmapped.append(f"{path} <{args}> (no such variant)")
                continue
            options[value] = self._node(args, chosen, f"{path}.", False, tally)
        return key

    def _variant(self, vendor: VendorClass, args: str) -> VendorClass | None:
        """The concrete vendor class whose discriminator has the constant of the Args class."""
        assert self._package is not None
        for said in self._module.classes[args].values():
            if said.const is not None and said.const in vendor.variants:
                return self._package.get(vendor.variants[said.const])
        return None

    def _alone(self, said: ArgsField, flat: bool, path: str, tally: Tally) -> Json:
        """A property of a type without a vendor model: the Pulumi class is the only source."""
        tally.pulumi_only.append(path)
        made: Json = {"type": said.type}
        if said.type.endswith("@"):
            node = self._node(said.classes[0], None, f"{path}.", False, tally)
            made["type"] = f"{said.type}{node}"
        elif said.enum is not None and said.type == "str":
            made["type"] = f"E:{self._enum(None, said.enum)}"
        if flat:
            made["inside"] = True
        if said.required:
            made["required"] = True
        return made

    def _enum(self, vendor: str | None, pulumi: str | None) -> str:
        """One enum with the values of both sides: the vendor's package may be of another API
        version than the Pulumi type.
        """
        values: set[str] = set()
        if vendor is not None and self._package is not None:
            values |= set(self._package.enums[vendor])
        if pulumi is not None:
            values |= set(self._module.enums[pulumi])
        name = f"{self._prefix}.{vendor or pulumi}"
        self._enums[name] = sorted(values | set(self._enums.get(name, ())))
        return name

    def _read_only(self, vendor: VendorClass, placed: set[str]) -> list[str]:
        """Names that a body may carry although the service fills them: Azure ignores them."""
        found = {wire for wire, f in vendor.fields.items() if f.read_only}
        box = vendor.fields.get("properties")
        if box is not None and box.type.startswith("@") and self._package is not None:
            inner = self._package.get(box.type[1:])
            found |= {wire for wire, f in inner.fields.items() if f.read_only}
        return sorted(found - placed)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _camel(wire: str) -> str:
    return re.sub(r"[._@-](\w)", lambda m: m[1].upper(), wire)


def _dotted(name: str, holder: VendorClass) -> str:
    return next((wire for wire in holder.fields if _camel(wire) == name), name)
