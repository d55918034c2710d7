"""First layer, shape: Pulumi inputs -> ARM request, and what the vendor's model refuses in them.

Every property is placed by the compiled data; one that has no place is a problem, never dropped.
Enums are compared without case, as Azure does. Values that are not known yet stay in place and are
not judged. Read-only members that Azure ignores in a request are left out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlplatform.catalog.nearest import allowed, nearest, unknown_property
from mlplatform.contracts.azure import model
from mlplatform.contracts.paths import join
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_SCOPES = ("scope", "resourceUri")
"""Path parameters that are whole resource ids."""

_FILLED_BY_PROVIDER = frozenset({"location"})
"""Required by Azure, but the provider takes them from its configuration or the resource group."""

_TYPE_WORDS = {
    "str": "a string",
    "int": "a whole number",
    "num": "a number",
    "bool": "true or false",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the provider would send: `PUT path?api-version=...` with this body."""

    path: str
    api_version: str
    query: dict[str, Any]
    body: dict[str, Any]


@dataclass(kw_only=True)
class Reader:
    """Walks inputs along the nodes; collects problems with their Pulumi paths."""

    source: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, got: Any, message: str) -> None:
        self.problems.append(Problem(path=path, got=got, message=message, source=self.source))

    def object(self, key: str, value: Any, at: str) -> Any:
        """One object of the wire; the value itself when it is not an object."""
        if not isinstance(value, Mapping):
            self.refuse(at, value, "allowed: an object")
            return value
        found = model.node(key)
        if isinstance(found, model.Union):
            return self._one_of(found, value, at)
        return self._fields(found, value, at)

    def _one_of(self, union: model.Union, value: Mapping[str, Any], at: str) -> Any:
        kind = value.get(union.by)
        if is_unknown(kind):
            return dict(value)
        chosen = model.choose(union, kind) if kind is not None else None
        if chosen is None:
            path = join(at, union.by)
            snake = _snake(union.by)
            if kind is None and snake in value:
                self.refuse(
                    join(at, snake),
                    value[snake],
                    f"no such property; nearest: {union.by}. A plain dict reached a property of "
                    "several kinds untranslated: use the Args class "
                    f"{_args_of(union, value[snake])}",
                )
            else:
                self.refuse(path, kind, allowed(union.options, kind or "", noun="kinds"))
            return dict(value)
        return self._fields(chosen, value, at)

    def _fields(self, node: model.Node, value: Mapping[str, Any], at: str) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, given in value.items():
            if name.startswith("__"):
                continue
            found = node.fields.get(name)
            if found is None:
                self._unplaced(node, name, given, at)
                continue
            if given is None or found.read_only:
                continue
            wire = self.value(found.type, given, join(at, name))
            self._limits(found, given, join(at, name))
            holder = body.setdefault("properties", {}) if found.inside else body
            holder[found.wire] = wire
        for name, found in node.fields.items():
            late = not at and name in _FILLED_BY_PROVIDER
            if found.required and not late and value.get(name) is None:
                self.refuse(join(at, name), None, f"required by {node.vendor or node.args}")
        return body

    def _unplaced(self, node: model.Node, name: str, given: Any, at: str) -> None:
        if name in node.ignored:
            return  # read-only: Azure ignores it in a request
        message = unknown_property(name, list(node.fields))
        if "_" in name and nearest(name, list(node.fields)) is not None:
            message += f"; snake_case on the wire: use the Args class {node.args}, not a plain dict"
        self.refuse(join(at, name), given, message)

    def value(self, type_: str, given: Any, at: str) -> Any:
        """One value as the wire wants it."""
        if given is None or is_unknown(given):
            return given
        if type_.startswith("["):
            return self._list(type_[1:], given, at)
        if type_.startswith("{"):
            return self._map(type_[1:], given, at)
        if type_.startswith("@"):
            return self.object(type_[1:], given, at)
        if type_ == "any":
            return plain(given)
        return self._scalar(type_, given, at)

    def _list(self, item: str, given: Any, at: str) -> Any:
        if not isinstance(given, list | tuple):
            self.refuse(at, given, "allowed: a list")
            return given
        return [self.value(item, each, join(at, i)) for i, each in enumerate(given)]

    def _map(self, item: str, given: Any, at: str) -> Any:
        if not item and isinstance(given, list | tuple):
            return {str(each): {} for each in given}  # a string set
        if not isinstance(given, Mapping):
            self.refuse(at, given, "allowed: a map" if item else "allowed: a list of ids")
            return given
        return {
            key: self.value(item or "any", each, join(at, key))
            for key, each in given.items()
            if not key.startswith("__")
        }

    def _scalar(self, type_: str, given: Any, at: str) -> Any:
        if isinstance(given, float) and given.is_integer() and type_ != "num":
            given = int(given)  # the engine knows one kind of number
        if type_.startswith("="):
            if str(given).lower() != type_[1:].lower():
                self.refuse(at, given, f"allowed: {type_[1:]}")
        elif type_.startswith("E:"):
            values = model.enum(type_[2:])
            if str(given).lower() not in {"", *(v.lower() for v in values)}:
                self.refuse(at, given, allowed(values, given))
        elif not _is(type_, given):
            self.refuse(at, given, f"allowed: {_TYPE_WORDS[type_]}")
        return given

    def _limits(self, found: model.Field, given: Any, at: str) -> None:
        """Bounds from the vendor's model; an empty string counts as absent."""
        if is_unknown(given) or given in ("", None):
            return
        for limit, bound in found.limits.items():
            message = _breaks(limit, bound, given)
            if message:
                self.refuse(at, given, f"allowed: {message}")


def request(
    token: str, inputs: Mapping[str, Any], subscription_id: str
) -> tuple[Request, list[Problem]]:
    """The request for these inputs, and everything that the vendor's model refuses in them.

    Raises KeyError for a token that is not covered.
    """
    arm = model.types()[token]
    reader = Reader(source=arm.source)
    path = arm.path.replace("{subscriptionId}", subscription_id)
    for position, name in enumerate(arm.in_path):
        given = inputs.get(name)
        last = position == len(arm.in_path) - 1
        _path_part(reader, name, given, last)
        path = path.replace("{" + name + "}", str(given or "").strip("/"))
    in_url = {*arm.in_path, *arm.query}
    body = reader.object(arm.root, {k: v for k, v in inputs.items() if k not in in_url}, "")
    query = {name: inputs[name] for name in arm.query if inputs.get(name) is not None}
    made = Request(path=path, api_version=arm.api_version, query=query, body=body)
    return made, reader.problems


def _path_part(reader: Reader, name: str, given: Any, last: bool) -> None:
    if is_unknown(given):
        return
    if given in (None, ""):
        if not last:  # the resource's own name may be left to the provider
            reader.refuse(name, given, "required: it is part of the resource id")
    elif not isinstance(given, str):
        reader.refuse(name, given, "allowed: a string")
    elif name not in _SCOPES and "/" in given:
        reader.refuse(name, given, "allowed: a name, not a resource id")


def plain(value: Any) -> Any:
    """A free-form value as JSON: whole numbers without a fraction."""
    return json.loads(json.dumps(value), parse_float=_number)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _is(type_: str, given: Any) -> bool:
    if type_ == "str":
        return isinstance(given, str)
    if type_ == "bool":
        return isinstance(given, bool)
    if isinstance(given, bool):
        return False
    return isinstance(given, int) if type_ == "int" else isinstance(given, int | float)


def _breaks(limit: str, bound: Any, given: Any) -> str:
    """What is allowed, when `given` breaks the limit; else nothing."""
    if limit == "pattern":
        fits = not isinstance(given, str) or re.search(bound, given, re.DOTALL) is not None
        return "" if fits else f"text like {bound}"
    if limit in ("most", "least"):
        if not isinstance(given, int | float) or isinstance(given, bool):
            return ""
        fits = given <= bound if limit == "most" else given >= bound
        return "" if fits else f"at {limit} {bound}"
    if not isinstance(given, str | list | Mapping):
        return ""
    fits = len(given) <= bound if limit in ("longest", "most_items") else len(given) >= bound
    what = "items" if limit.endswith("items") else "characters"
    side = "at most" if limit in ("longest", "most_items") else "at least"
    return "" if fits else f"{side} {bound} {what}"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _args_of(union: model.Union, kind: Any) -> str:
    chosen = model.choose(union, kind)
    return chosen.args if chosen is not None else f"of {union.vendor}"
