"""One resource as a rule sees it: plain values, with markers where a value is not known yet.

Secrets arrive here as plain text, since a rule may have to look into them. ``Resource.secrets``
says where they are, and no message shows a value from there (``finding``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mlplatform.contracts.unknown import is_unknown

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks secrets (pulumi sdk/go/common/resource/sig/sig.go)."""
_CLOUD_SUFFIX = re.compile(r"-(aws|gcp|azure)$")
_STEP = re.compile(r"[^.\[\]]+|\[\*\]|\[\d+\]")


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""In place of a value that is not there."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the engine says about one resource. Property names are camelCase, as on the wire."""

    type: str
    name: str
    urn: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    """Paths of properties that are secret."""
    protect: bool = False
    retain_on_delete: bool = False
    parent: str = ""
    """URN of the component that it belongs to."""
    provider: Mapping[str, Any] = field(default_factory=dict)
    """Configuration of its provider, where the engine tells it."""

    @property
    def stack(self) -> str:
        """``dev`` or ``prod-aws``: the stack's name."""
        parts = self.urn.split(":")
        return parts[2] if len(parts) > 2 else ""

    @property
    def environment(self) -> str:
        """The stack's name without the cloud that may end it."""
        return _CLOUD_SUFFIX.sub("", self.stack)

    def over(self, declared: Resource | None) -> Resource:
        """This one, with what was declared of it where its outputs say nothing.

        A provider need not give back what it was told: azure-native keeps no ``resourceUri`` of a
        diagnostic setting among its outputs, and knows little of them in a preview.
        """
        if declared is None:
            return self
        silent = {
            key: value
            for key, value in declared.props.items()
            if key not in self.props or is_unknown(self.props[key])
        }
        return replace(
            self, props={**self.props, **silent}, secrets=self.secrets | declared.secrets
        )

    def find(self, path: str) -> Iterator[tuple[str, Any]]:
        """Each place that ``a.b[*].c`` names, with its value, ``ABSENT`` or an unknown's marker.

        A part that is not known, or not there, ends the walk and stands for what is below it.
        """
        return _walk(self.props, _STEP.findall(path), "")

    def get(self, path: str) -> Any:
        """The one value at a path."""
        return next(self.find(path))[1]

    def is_secret(self, path: str) -> bool:
        """Whether a path is of a secret, or lies in one, or holds one."""
        return any(
            path == secret or _below(path, secret) or _below(secret, path)
            for secret in self.secrets
        )


def is_on(value: Any) -> bool:
    """Whether it is there and known to be true."""
    return value is True or value == "true"


def absent(value: Any) -> bool:
    """Not there, or empty: to a cloud an empty string, list or object is none."""
    return value is ABSENT or value is None or value in ("", [], {})


def unwrapped(value: Any, at: str = "") -> tuple[Any, frozenset[str]]:
    """A copy of what came over the wire without the marks of secrets; and where those were."""
    found: set[str] = set()
    return _unwrap(value, at, found), frozenset(found)


def _unwrap(value: Any, at: str, found: set[str]) -> Any:
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET:
            found.add(at)
            return _unwrap(value.get("value"), at, found)
        return {
            key: _unwrap(inner, f"{at}.{key}" if at else str(key), found)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_unwrap(inner, f"{at}[{index}]", found) for index, inner in enumerate(value)]
    return value


def _walk(value: Any, steps: Sequence[str], at: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield at, value
        return
    if is_unknown(value):
        yield at, value
        return
    step, rest = steps[0], steps[1:]
    if step == "[*]":
        if not isinstance(value, list) or not value:
            yield f"{at}[0]{_rest(rest)}", ABSENT
        else:
            for index, inner in enumerate(value):
                yield from _walk(inner, rest, f"{at}[{index}]")
        return
    if step.startswith("["):
        index = int(step[1:-1])
        inner = value[index] if isinstance(value, list) and index < len(value) else ABSENT
        here = f"{at}{step}"
    else:
        inner = value.get(step, ABSENT) if isinstance(value, Mapping) else ABSENT
        here = f"{at}.{step}" if at else step
    if inner is ABSENT or inner is None:
        yield here + _rest(rest), ABSENT
    else:
        yield from _walk(inner, rest, here)


def _rest(steps: Sequence[str]) -> str:
    return "".join(
        ("[0]" if step == "[*]" else step) if step.startswith("[") else f".{step}" for step in steps
    )


def _below(path: str, root: str) -> bool:
    return path.startswith((f"{root}.", f"{root}["))
