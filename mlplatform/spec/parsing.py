"""From plain values to the spec's models, collecting every problem on the way.

What is wrong is reported, mended (taken out, or replaced by a stand-in where the key is needed),
and the rest is read again. So a misspelt key does not hide the checks across fields, and what
those find about a mended place is left out: it would be about the stand-in.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mlplatform.catalog.nearest import nearest
from mlplatform.spec.mending import Location, mend, without
from mlplatform.spec.models.base import PATTERN_WORDS
from mlplatform.spec.models.spec import NOT_BUILT, SpecModel
from mlplatform.spec.problems import MISSING, SpecProblem

NAMESPACE = "mlplatform:"

_UNION_MARKS = frozenset(
    {"str", "int", "float", "bool", "list[str]", "PerCloudModel", "SubstitutableModel"}
)
"""What pydantic adds to a path where a value may have one of several forms."""
_KEY_MARK = "[key]"
_MAPPING = "allowed: a mapping of names to values"


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What could be read, and what could not."""

    model: SpecModel
    problems: list[SpecProblem]
    mended: frozenset[str]
    """Paths, without the namespace, whose value in ``model`` is not the user's."""


def parse(given: Mapping[str, Any]) -> Parsed:
    """The model of what is right, and a problem for each thing that is not."""
    not_built = sorted(place for pattern in NOT_BUILT for place in places(given, pattern))
    problems = [_not_built(given, place) for place in not_built]
    values: Any = copy.deepcopy(dict(given))
    for place in not_built:
        values = without(values, place)
    mended: set[Location] = set(not_built)
    while True:
        try:
            model = SpecModel.model_validate(values)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=True)
            problems += _problems([one for one in found if not _echo(one, mended)])
            wrong = {_location(one["loc"]) for one in found}
            unwanted = {_location(one["loc"]) for one in found if _is_about_key(one)}
            # What a stand-in did not mend is taken out with what needs it.
            values = mend(values, wrong - unwanted, unwanted | (wrong & mended))
            mended |= wrong
        else:
            return Parsed(
                model=model, problems=problems, mended=frozenset(map(_plain_text, mended))
            )


def path_text(location: Location) -> str:
    """``mlplatform:workloads.resnet50.clouds[0]``."""
    return NAMESPACE + _plain_text(location)


def _plain_text(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _echo(details: ErrorDetails, mended: set[Location]) -> bool:
    """Whether it is about what an earlier round took out or put in."""
    location = _location(details["loc"])
    return any(before[: len(location)] == location for before in mended)


def _is_about_key(details: ErrorDetails) -> bool:
    return details["type"] == "extra_forbidden" or details["loc"][-1:] == (_KEY_MARK,)


def _problems(found: list[ErrorDetails]) -> Iterator[SpecProblem]:
    """One problem for each place, also where several forms are allowed and none fits."""
    places: dict[Location, list[ErrorDetails]] = {}
    for details in found:
        places.setdefault(_location(details["loc"]), []).append(details)
    for place, several in places.items():
        form = any(mark in _UNION_MARKS for mark in several[0]["loc"])
        deeper = any(len(other) > len(place) and other[: len(place)] == place for other in places)
        if form and deeper:
            continue  # the other form was meant, and its own problem is on the list
        messages = list(dict.fromkeys(_message(place, details) for details in several))
        message = ", or ".join([messages[0], *(m.removeprefix("allowed: ") for m in messages[1:])])
        got = MISSING if several[0]["type"] == "missing" else several[0]["input"]
        yield SpecProblem(path=path_text(place), got=got, message=message)


def _message(place: Location, details: ErrorDetails) -> str:
    kind, got, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = nearest(str(place[-1]), known)
        hint = f"nearest: {near}" if near else f"allowed: {', '.join(sorted(known))}"
        return f"no such key; {hint}"
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return f"allowed: {PATTERN_WORDS.get(pattern, f'text that matches {pattern}')}"
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        near = nearest(got, choices.split(", "))
        return f"allowed: {choices}" + (f"; nearest: {near}" if near else "")
    if kind == "string_type":
        is_number = isinstance(got, int | float) and not isinstance(got, bool)
        return "allowed: text" + (" (put it in quotes)" if is_number else "")
    plain = {
        "missing": "this key is needed",
        "int_type": "allowed: a whole number",
        "float_type": "allowed: a number",
        "finite_number": "allowed: a finite number",
        "bool_type": "allowed: true or false",
        "dict_type": _MAPPING,
        "model_type": _MAPPING,
        "list_type": "allowed: a list",
        "too_short": f"allowed: {context.get('min_length', 1)} or more",
        "too_long": f"allowed: {context.get('max_length', 0)} or fewer",
        "string_too_short": f"allowed: {context.get('min_length', 1)} characters or more",
        "string_too_long": f"allowed: {context.get('max_length', 0)} characters or fewer",
        "greater_than_equal": f"allowed: {context.get('ge', 0):g} or more",
        "greater_than": f"allowed: above {context.get('gt', 0):g}",
        "less_than_equal": f"allowed: {context.get('le', 0):g} or less",
        "less_than": f"allowed: below {context.get('lt', 0):g}",
    }
    return plain.get(kind, details["msg"])


def _location(location: Location) -> Location:
    """Without the marks that pydantic adds for the forms of a value and for keys."""
    parts = location[:-1] if location and location[-1] == _KEY_MARK else location
    return tuple(
        part
        for index, part in enumerate(parts)
        if not (index and part in _UNION_MARKS and parts[index - 1] not in _MAPPINGS)
    )


def _keys_at(place: Location) -> set[str]:
    """The keys that the spec knows at a place."""
    model: Any = SpecModel
    for part in place:
        fields = {key: kind for found in _flat(model) for key, kind in _fields(found).items()}
        if part in fields:
            model = fields[str(part)]
        else:  # a name that the user chose: what a mapping holds
            model = next((kind for kind in _flat(model) if _fields(kind)), None)
    return {key for found in _flat(model) for key in _fields(found)}


def _fields(model: Any) -> dict[str, Any]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    return {}


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _flat(argument)


def _mappings(model: type[BaseModel]) -> Iterator[str]:
    """Keys, at any depth, whose names users choose."""
    for name, annotation in _fields(model).items():
        for found in _flat(annotation):
            if get_origin(found) is dict:
                yield name
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from _mappings(found)


_MAPPINGS = frozenset(_mappings(SpecModel))
"""A name there may look like a mark."""


def places(given: Any, pattern: str) -> Iterator[Location]:
    """Where a dotted path, in which ``*`` is any name, has a value."""
    return _matches(given, pattern.split("."), ())


def _matches(value: Any, parts: list[str], at: Location) -> Iterator[Location]:
    if not parts:
        yield at
    elif isinstance(value, Mapping):
        for name in list(value) if parts[0] == "*" else parts[:1]:
            if value.get(name) is not None:
                yield from _matches(value[name], parts[1:], (*at, name))


def value_at(given: Any, place: Location) -> Any:
    """What was typed there."""
    for part in place:
        given = given[part]
    return given


def _not_built(given: Mapping[str, Any], place: Location) -> SpecProblem:
    return SpecProblem(
        path=path_text(place),
        got=value_at(given, place),
        message="known, but this version does not build it yet; take it out",
    )
