"""The input side: what `pulumi_azure_native` lets a program write, read as source text.

The package is the largest on the registry and slow to import, so its modules are parsed with
`ast`. An `...Args` class gives the engine's property names (from the getters), the types, the
constants of discriminators and which arguments are required.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

_PLAIN = {"str": "str", "int": "int", "float": "num", "bool": "bool", "Any": "any"}
_ASSETS = {"Asset", "Archive"}


@dataclass(frozen=True, kw_only=True)
class ArgsField:
    """One property. classes: the nested `...Args` it accepts; several = a union.

    type: as in `azure_vendor`, with `@` standing for the nested classes. const: the value of a
    discriminator.
    """

    attr: str
    type: str
    required: bool
    classes: tuple[str, ...] = ()
    enum: str | None = None
    const: str | None = None


@dataclass(kw_only=True)
class Resource:
    """One resource class: its arguments, outputs and REST API version (None: not an ARM type)."""

    args: str
    outputs: list[str]
    api: str | None


@dataclass(kw_only=True)
class Module:
    """One module of the package, for example `keyvault`."""

    folder: Path
    classes: dict[str, dict[str, ArgsField]] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Module:
        module = cls(folder=folder)
        enums = folder / "_enums.py"
        if enums.exists():
            for node in ast.parse(enums.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    module.enums[node.name] = _members(node)
        nested = folder / "_inputs.py"
        if nested.exists():
            module._load(nested)
        return module

    def resource(self, noun: str) -> Resource:
        """Read the resource's own file as well; LookupError when there is none."""
        path = self.folder / (re.sub(r"(?<!^)(?=[A-Z])", "_", noun).lower() + ".py")
        tree = self._load(path)
        # The plain name may be taken by a nested type; then the resource's class is ...InitArgs.
        args = f"{noun}InitArgs" if f"{noun}InitArgs" in self.classes else f"{noun}Args"
        body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == noun)
        version = re.search(r"Uses Azure REST API version ([\w-]+)", path.read_text())
        return Resource(
            args=args,
            outputs=sorted(_getters(body).values()),
            api=version[1] if version else None,
        )

    def _load(self, path: Path) -> ast.Module:
        if not path.exists():
            raise LookupError(f"no file {path.name} in {self.folder.name}")
        tree = ast.parse(path.read_text())
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("Args"):
                self.classes[node.name] = self._fields(node)
        return tree

    def _fields(self, node: ast.ClassDef) -> dict[str, ArgsField]:
        init = next(n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
        names = _getters(node)
        constants = {
            call.args[1].value: call.args[2].value
            for call in ast.walk(init)
            if isinstance(call, ast.Call)
            and ast.unparse(call.func) == "pulumi.set"
            and isinstance(call.args[1], ast.Constant)
            and isinstance(call.args[2], ast.Constant)
        }
        found: dict[str, ArgsField] = {}
        keywords = zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
        for argument, default in keywords:
            if argument.annotation is None or argument.arg not in names:
                continue
            text = ast.unparse(argument.annotation)
            const = constants.get(argument.arg)
            enum = next((e for e in re.findall(r"'(\w+)'", text) if e in self.enums), None)
            found[names[argument.arg]] = ArgsField(
                attr=argument.arg,
                type=_type(text),
                required=default is None,
                classes=tuple(re.findall(r"'(\w+Args)'", text)),
                enum=enum,
                const=const if isinstance(const, str) else None,
            )
        return found


def _members(node: ast.ClassDef) -> list[str]:
    return [
        item.value.value
        for item in node.body
        if isinstance(item, ast.Assign)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    ]


def _getters(node: ast.ClassDef) -> dict[str, str]:
    """Python name -> engine name of every property."""
    found: dict[str, str] = {}
    for item in node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        for decorator in item.decorator_list:
            text = ast.unparse(decorator)
            if text.startswith("pulumi.getter"):
                named = re.search(r"name='([^']+)'", text)
                found[item.name] = named[1] if named else item.name
    return found


def _type(annotation: str) -> str:
    text = annotation
    for wrapper in ("pulumi.Input", "Optional"):
        text = re.sub(rf"\b{re.escape(wrapper)}\[", "~[", text)
    prefix = ""
    while True:
        text = text.strip()
        if text.startswith("~["):
            text = text[2:-1]
        elif text.startswith("Sequence["):
            prefix, text = prefix + "[", text[len("Sequence[") : -1]
        elif text.startswith("Mapping["):
            prefix, text = prefix + "{", text.split(",", 1)[1][:-1]
        else:
            break
    if "Args'" in text:
        return prefix + "@"
    words = [word.rsplit(".", 1)[-1] for word in re.findall(r"[\w.]+", text)]
    if _ASSETS & set(words):
        return prefix + "any"
    return prefix + next((_PLAIN[word] for word in words if word in _PLAIN), "str")
