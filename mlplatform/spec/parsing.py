"""From plain values to the spec's models, collecting every problem on the way.

What is wrong is taken out and the rest is read again, so that a misspelt key does not hide
the checks across fields of everything else.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mlplatform.catalog.nearest import nearest
from mlplatform.spec.model import NOT_BUILT, SpecModel
from mlplatform.spec.problems import MISSING, SpecProblem

NAMESPACE = "mlplatform:"
Location = tuple[str | int, ...]

NEUTRAL = {"min": 1, "max": 1000}
"""What stands in for a bound that was wrong, so that the rest around it is still checked."""

_ADDED_BY_PYDANTIC = frozenset({"[key]", "str"})


def parse(given: Mapping[str, Any]) -> tuple[SpecModel | None, list[SpecProblem]]:
    """The model of what is right, and a problem for each thing that is not.

    The model is ``None`` when a part that everything needs is missing.
    """
    problems = list(_not_built(given))
    values = _without(copy.deepcopy(dict(given)), [tuple(p) for p in _paths_not_built(given)])
    reported: set[Location] = set()
    while True:
        try:
            return SpecModel.model_validate(values), problems
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=True)
            problems += [_problem(details) for details in found if not _echo(details, reported)]
            mended = {
                _location(details["loc"])
                for details in found
                if _echo(details, reported) and details["loc"][-1] in NEUTRAL
            }
            wrong = {_location(details["loc"]) for details in found} - mended
            reported |= wrong
            smaller = _without(copy.deepcopy(values), sorted(wrong, key=len, reverse=True))
            for location in mended:
                _put(smaller, location, NEUTRAL[str(location[-1])])
            if smaller == values:
                return None, problems
            values = smaller


def _echo(details: ErrorDetails, reported: set[Location]) -> bool:
    """Whether something is missing only because we took out what was wrong in it."""
    location = _location(details["loc"])
    return details["type"] == "missing" and any(
        before[: len(location)] == location for before in reported
    )


def _problem(details: ErrorDetails) -> SpecProblem:
    location = _location(details["loc"])
    kind, got = details["type"], details["input"]
    if kind == "missing":
        got = MISSING
    name = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        known = _keys_at(location[:-1])
        near = nearest(name, known)
        hint = f"nearest: {near}" if near else f"allowed: {', '.join(sorted(known))}"
        return SpecProblem(path=path_text(location), got=got, message=f"no such key; {hint}")
    message = {
        "missing": "this key is needed",
        "string_pattern_mismatch": f"allowed: text that matches {_context(details, 'pattern')}",
        "int_type": "allowed: a whole number",
        "float_type": "allowed: a number",
        "bool_type": "allowed: true or false",
        "string_type": "allowed: text" + (" (put it in quotes)" if _is_number(got) else ""),
        "dict_type": "allowed: a mapping of names to values",
        "model_type": "allowed: a mapping of names to values",
        "list_type": "allowed: a list",
        "greater_than_equal": f"allowed: {_context(details, 'ge')} or more",
        "greater_than": f"allowed: above {_context(details, 'gt')}",
        "less_than_equal": f"allowed: {_context(details, 'le')} or less",
        "literal_error": f"allowed: {_context(details, 'expected')}",
    }.get(kind, details["msg"])
    if kind == "literal_error" and isinstance(got, str):
        choices = str(_context(details, "expected")).replace("'", "").replace(" or ", ", ")
        near = nearest(got, choices.split(", "))
        message += f"; nearest: {near}" if near else ""
    return SpecProblem(path=path_text(location), got=got, message=message)


def _context(details: ErrorDetails, key: str) -> Any:
    return details.get("ctx", {}).get(key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _location(location: Location) -> Location:
    """Without the parts that pydantic adds for unions and mapping keys."""
    return tuple(
        part
        for part in location
        if part not in _ADDED_BY_PYDANTIC and not (isinstance(part, str) and part.endswith("Model"))
    )


def path_text(location: Location) -> str:
    """``mlplatform:workloads.resnet50.clouds[0]``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return NAMESPACE + text


def _without(values: Any, locations: list[Location]) -> Any:
    for location in locations:
        at = values
        for part in location[:-1]:
            at = (
                at.get(part)
                if isinstance(at, dict)
                else at[part]
                if isinstance(at, list) and isinstance(part, int) and part < len(at)
                else None
            )
        if isinstance(at, dict):
            # A wrong key of a mapping is reported at the key; a missing one has its parent
            # taken out, since the parent cannot be read without it.
            if location and location[-1] in at:
                del at[location[-1]]
            elif len(location) > 1:
                _without(values, [location[:-1]])
        elif isinstance(at, list) and isinstance(location[-1], int) and location[-1] < len(at):
            del at[location[-1]]
        elif len(location) > 1:
            _without(values, [location[:-1]])
    return values


def _put(values: Any, location: Location, value: Any) -> None:
    for part in location[:-1]:
        values = values[part]
    values[location[-1]] = value


def _keys_at(location: Location) -> set[str]:
    """The keys that the spec knows at a place."""
    model: Any = SpecModel
    for part in location:
        fields = _fields(model)
        if part in fields:
            model = fields[str(part)]
        else:  # a name that the user chose: what a mapping holds
            model = next((arg for arg in _flat(model) if _fields(arg)), None)
        if model is None:
            return set()
    return {name for found in _flat(model) for name in _fields(found)}


def _fields(model: Any) -> dict[str, Any]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    return {}


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _flat(argument)


def _paths_not_built(given: Mapping[str, Any]) -> Iterator[list[str]]:
    for pattern in sorted(NOT_BUILT):
        yield from _matches(given, pattern.split("."), [])


def _matches(value: Any, parts: list[str], at: list[str]) -> Iterator[list[str]]:
    if not parts:
        yield at
    elif isinstance(value, Mapping):
        names = list(value) if parts[0] == "*" else [parts[0]]
        for name in names:
            if value.get(name) is not None:
                yield from _matches(value[name], parts[1:], [*at, name])


def _not_built(given: Mapping[str, Any]) -> Iterator[SpecProblem]:
    for path in _paths_not_built(given):
        value: Any = given
        for part in path:
            value = value[part]
        yield SpecProblem(
            path=path_text(tuple(path)),
            got=value,
            message="known, but this version does not build it yet; take it out",
        )
