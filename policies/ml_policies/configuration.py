"""The pack's configuration: read, checked as a whole, and described by a JSON Schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ml_policies.profiles import LEVELS
from ml_policies.rule import Described

LEVEL = "enforcementLevel"
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "array": list,
    "object": dict,
    "null": type(None),
}


def schema(rules: Iterable[Described]) -> dict[str, Any]:
    """JSON Schema of a ``--policy-pack-config`` file, for editors."""
    level = {"enum": list(LEVELS), "description": "How strict."}
    properties: dict[str, Any] = {"all": {**level, "description": "How strict every rule is."}}
    for rule in rules:
        own = {
            name: {**setting.schema, "default": setting.default, "description": setting.says}
            for name, setting in rule.settings.items()
        }
        properties[rule.id] = {
            "description": rule.summary,
            "anyOf": [
                level,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {LEVEL: level, **own},
                },
            ],
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of the policy pack ml-platform",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def problems(given: Any, rules: Iterable[Described]) -> list[str]:
    """Everything that is wrong with a configuration, one line each."""
    if not isinstance(given, Mapping):
        return ["allowed: a mapping of rules to levels or settings"]
    known = {rule.id: rule for rule in rules}
    return [line for name, said in given.items() for line in _rule(str(name), said, known)]


def _rule(name: str, said: Any, known: Mapping[str, Described]) -> Iterator[str]:
    if name != "all" and name not in known:
        yield f"{name}: no such rule{_near(name, known)}"
        return
    if isinstance(said, str):
        yield from _level(name, said)
        return
    if not isinstance(said, Mapping):
        yield f"{name}: got {said!r}; allowed: a level or settings"
        return
    settings = known[name].settings if name != "all" else {}
    for key, value in said.items():
        if key == LEVEL:
            yield from _level(f"{name}.{LEVEL}", value)
        elif key not in settings:
            yield f"{name}.{key}: no such setting{_near(str(key), {LEVEL: 0, **settings})}"
        else:
            yield from _value(f"{name}.{key}", value, settings[key].schema)


def _level(path: str, value: Any) -> Iterator[str]:
    if value not in LEVELS:
        yield f"{path}: got {value!r}; allowed: {', '.join(LEVELS)}"


def _value(path: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    kinds = wanted.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = any(isinstance(value, _TYPES[kind]) for kind in kinds) and not isinstance(value, bool)
    if not fits:
        yield f"{path}: got {value!r}; allowed: {' or '.join(kinds)}"
        return
    if isinstance(value, int | float):
        low, high = wanted.get("minimum"), wanted.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = [f"at least {low:g}"] if low is not None else []
            bounds += [f"at most {high:g}"] if high is not None else []
            yield f"{path}: got {value!r}; allowed: {' and '.join(bounds)}"
    inner = wanted.get("items") or wanted.get("additionalProperties")
    if isinstance(inner, Mapping):
        held = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in held:
            yield from _value(f"{path}[{key}]", one, inner)


def _near(name: str, known: Mapping[str, Any]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    return f"; nearest: {found[0]}" if found else "; `mlp policy list` names them"
