"""Microsoft's published models, read as source text: classes with wire names, types and flags.

The packages are parsed with `ast`, never imported: importing all of them takes many seconds and
tells less (the marks of read-only and create-only fields stand in the source). Two styles exist:
`rest_field(...)` annotations (generated from TypeSpec) and `_attribute_map` with `_validation`
(generated from Swagger).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PLAIN = {
    "str": "str",
    "int": "int",
    "float": "num",
    "bool": "bool",
    "datetime": "str",
    "date": "str",
    "timedelta": "str",
}
_WIRE = {
    "str": "str",
    "int": "int",
    "long": "int",
    "float": "num",
    "bool": "bool",
    "iso-8601": "str",
    "duration": "str",
    "date": "str",
    "rfc-1123": "str",
}
_LIMITS = {
    "pattern": "pattern",
    "max_length": "longest",
    "min_length": "shortest",
    "maximum": "most",
    "minimum": "least",
    "max_items": "most_items",
    "min_items": "fewest_items",
}


@dataclass(kw_only=True)
class VendorField:
    """One wire property.

    type: `str`, `int`, `num`, `bool`, `any`, `E:<enum>`, `=<constant>`, `@<class>`, and a prefix
    `[` for lists or `{` for maps. attr: the vendor's own Python name, which finds renames.
    """

    type: str
    attr: str
    required: bool = False
    read_only: bool = False
    create_only: bool = False
    limits: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class VendorClass:
    """One object on the wire; a discriminator names the property that selects a variant."""

    name: str
    fields: dict[str, VendorField] = field(default_factory=dict)
    discriminator: str | None = None
    variants: dict[str, str] = field(default_factory=dict)


class VendorPackage:
    """The classes and enums of one package, for example `azure/mgmt/keyvault`."""

    def __init__(self, folder: Path) -> None:
        self._nodes: dict[str, ast.ClassDef] = {}
        self._done: dict[str, VendorClass] = {}
        self._subclasses: dict[str, dict[str, str]] = {}
        self.enums: dict[str, list[str]] = {}
        for path in sorted((folder / "models").glob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    self._read(node)
        if not self._nodes:
            raise LookupError(f"no models in {folder}")

    def _read(self, node: ast.ClassDef) -> None:
        bases = [ast.unparse(base) for base in node.bases]
        if any(base.endswith("Enum") for base in bases):
            self.enums[node.name] = [
                item.value.value
                for item in node.body
                if isinstance(item, ast.Assign)
                and isinstance(item.value, ast.Constant)
                and isinstance(item.value.value, str)
            ]
            return
        self._nodes[node.name] = node
        for keyword in node.keywords:
            if keyword.arg == "discriminator" and isinstance(keyword.value, ast.Constant):
                for base in bases:
                    self._subclasses.setdefault(base, {})[str(keyword.value.value)] = node.name

    def get(self, name: str) -> VendorClass:
        """The class with everything it inherits; LookupError when the package has none."""
        if name in self._done:
            return self._done[name]
        if name not in self._nodes:
            raise LookupError(f"no class {name}")
        node = self._nodes[name]
        found = self._done[name] = VendorClass(name=name)
        for base in (ast.unparse(b) for b in node.bases):
            if base in self._nodes:
                parent = self.get(base)
                found.fields.update(parent.fields)
                found.discriminator = parent.discriminator
        if any(_assigned(item) == "_attribute_map" for item in node.body):
            self._swagger(node, found)
        else:
            self._typespec(node, found)
        return found

    # -- TypeSpec style -------------------------------------------------------------------------

    def _typespec(self, node: ast.ClassDef, found: VendorClass) -> None:
        for item in node.body:
            if not (isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Call)):
                continue
            maker = ast.unparse(item.value.func)
            if maker not in ("rest_field", "rest_discriminator"):
                continue
            options = {k.arg: k.value for k in item.value.keywords if k.arg}
            attr = ast.unparse(item.target)
            wire = ast.literal_eval(options["name"]) if "name" in options else attr
            seen = ast.literal_eval(options["visibility"]) if "visibility" in options else []
            annotation = ast.unparse(item.annotation)
            found.fields[wire] = VendorField(
                type=self._annotated(item.annotation),
                attr=attr,
                required=not annotation.startswith("Optional["),
                read_only=seen == ["read"],
                create_only="create" in seen and "update" not in seen,
            )
            if maker == "rest_discriminator":
                found.discriminator = wire
        if found.discriminator:
            found.variants = dict(self._leaves(node.name))

    def _leaves(self, name: str) -> Iterator[tuple[str, str]]:
        for value, sub in self._subclasses.get(name, {}).items():
            yield value, sub
            yield from self._leaves(sub)

    def _annotated(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            parsed = ast.parse(str(node.value), mode="eval").body
            return "any" if isinstance(parsed, ast.Constant) else self._annotated(parsed)
        if isinstance(node, ast.Subscript):
            head = ast.unparse(node.value).rsplit(".", 1)[-1]
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if head == "Optional":
                return self._annotated(inner[0])
            if head == "Union":
                types = [self._annotated(item) for item in inner]
                return next((t for t in types if t.startswith("E:")), "any")
            if head in ("list", "List"):
                return "[" + self._annotated(inner[0])
            if head in ("dict", "Dict", "Mapping"):
                return "{" + self._annotated(inner[1])
            if head == "Literal":
                return "=" + self._constant(inner[0])
            return "any"
        name = ast.unparse(node).rsplit(".", 1)[-1]
        if name in _PLAIN:
            return _PLAIN[name]
        if name in self.enums:
            return f"E:{name}"
        return f"@{name}" if name in self._nodes else "any"

    def _constant(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        # Literal[SomeEnum.MEMBER]: the member's name is the value in capitals.
        enum, _, member = ast.unparse(node).rpartition(".")
        plain = member.replace("_", "").lower()
        values = self.enums.get(enum.rsplit(".", 1)[-1], [])
        return next((v for v in values if _plain(v) == plain), member)

    # -- Swagger style --------------------------------------------------------------------------

    def _swagger(self, node: ast.ClassDef, found: VendorClass) -> None:
        tables: dict[str, Any] = {
            name: ast.literal_eval(item.value)
            for item in node.body
            if isinstance(item, ast.Assign) and (name := _assigned(item)).startswith("_")
        }
        init = next(n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
        hints = {a.arg: a.annotation for a in init.args.kwonlyargs if a.annotation is not None}
        found.fields = {}
        for attr, mapping in tables["_attribute_map"].items():
            said = dict(tables.get("_validation", {}).get(attr, {}))
            hint = self._annotated(hints[attr]) if attr in hints else "any"
            leaf = VendorField(
                type=self._written(mapping["type"], hint),
                attr=attr,
                required=bool(said.get("required")),
                read_only=bool(said.get("readonly")),
                limits={_LIMITS[k]: v for k, v in said.items() if k in _LIMITS},
            )
            steps = mapping["key"].replace("\\.", "\0").split(".")
            self._nest(found, [step.replace("\0", ".") for step in steps], leaf)
        subtypes: Mapping[str, Mapping[str, str]] = tables.get("_subtype_map", {})
        for attr, variants in subtypes.items():
            found.discriminator = tables["_attribute_map"][attr]["key"].replace("\\.", ".")
            found.variants = dict(variants)

    def _nest(self, at: VendorClass, steps: list[str], leaf: VendorField) -> None:
        """Put a dotted key (`properties.scope`) where it lies on the wire."""
        *up, last = steps
        for step in up:
            name = f"{at.name}.{step}"
            holder = at.fields.setdefault(step, VendorField(type=f"@{name}", attr=step))
            holder.required = holder.required or leaf.required
            at = self._done.setdefault(name, VendorClass(name=name))
        at.fields[last] = leaf

    def _written(self, text: str, hint: str) -> str:
        if text[:1] in "[{":
            return text[0] + self._written(text[1:-1], hint.lstrip("[{"))
        if hint.startswith("E:"):
            return hint
        return _WIRE.get(text) or (f"@{text}" if text in self._nodes else "any")


def _assigned(item: ast.stmt) -> str:
    if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
        return item.targets[0].id
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
