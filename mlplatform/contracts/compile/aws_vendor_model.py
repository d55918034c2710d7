"""What the AWS API takes and gives: botocore's service models, and their constraints as plain
data.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape

SCALARS = frozenset(
    {"string", "boolean", "integer", "long", "float", "double", "timestamp", "blob"}
)
_CLASS_OR_BRACKET = re.compile(r"\\p\{(\w+)\}|\\.|[\[\]]")
_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
# Unicode and POSIX classes that Python's `re` lacks, written for the inside of a character class.
# Each stands for the same set or a larger one: a pattern that lets through a little more is
# harmless, one that refuses what AWS accepts is not.
_BEYOND_ASCII = "\u00a1-\U0010ffff"
_CLASSES = {
    "L": r"\w",
    "IsAlphabetic": r"\w",
    "Alnum": r"\w",
    "N": r"\w",
    "Nd": r"\d",
    "IsDigit": r"\d",
    "Z": r"\s",
    "IsWhitespace": r"\s",
    "M": _BEYOND_ASCII,
    "S": r"!-/:-@\[-`{-~" + _BEYOND_ASCII,
    "P": r"!-/:-@\[-`{-~" + _BEYOND_ASCII,
    "Punct": r"!-/:-@\[-`{-~",
    "Print": r"\x20-\x7e" + _BEYOND_ASCII,
}


@functools.cache
def service(name: str) -> ServiceModel:
    """The model of one AWS service, for example `application-autoscaling`."""
    return _session().get_service_model(name)


def operation(service_name: str, name: str) -> OperationModel:
    """One operation; LookupError with the nearest facts when the service does not have it."""
    model = service(service_name)
    if name not in model.operation_names:
        raise LookupError(f"{service_name} has no operation {name}")
    return model.operation_model(name)


def members(shape: Shape | None) -> dict[str, Shape]:
    """The members of a structure; {} for anything else."""
    return dict(getattr(shape, "members", None) or {})


def member(shape: Shape, path: str) -> Shape:
    """The shape at a member path; `[]` is a list's element, `$Key` one key of a map of strings."""
    for part in path.split("."):
        if part == "[]":
            shape = shape.member
        elif part.startswith("$"):
            shape = shape.value
        else:
            found = members(shape).get(part)
            if found is None:
                raise LookupError(f"{shape.name} has no member {part} (path {path})")
            shape = found
    return shape


def pairs(shape: Shape) -> tuple[str, str] | None:
    """(key member, value member) when a list of structures is a map in disguise, such as tags."""
    inner = list(members(getattr(shape, "member", None)))
    if len(inner) == 2 and inner[0].lower() in ("key", "tagkey", "name"):
        return (inner[0], inner[1]) if inner[1].lower() in ("value", "tagvalue") else None
    return None


def constraints(shape: Shape) -> dict[str, Any]:
    """Type, enum, pattern and bounds of a shape; what a walker over values needs, and no more."""
    out: dict[str, Any] = {"type": shape.type_name}
    for bound in ("min", "max"):
        if bound in shape.metadata:
            out[bound] = shape.metadata[bound]
    if getattr(shape, "enum", None):
        out["enum"] = list(shape.enum)
    pattern = shape.metadata.get("pattern")
    if pattern:
        translated = translate(pattern)
        out["pattern" if translated is not None else "pattern_not_checked"] = translated or pattern
    return out


def constrains(shape: Shape) -> bool:
    """True when the shape says more than its type."""
    return len(constraints(shape)) > 1


def translate(pattern: str) -> str | None:
    """A pattern of the model (Java's dialect) for Python's `re`; None when it cannot be said
    there.
    """
    text = pattern.replace(_SURROGATES, "\U00010000-\U0010ffff").replace(r"\z", r"\Z")
    text = _CLASS_OR_BRACKET.sub(_ClassWriter(), text)
    if r"\p" in text or r"\P" in text or "[[:" in text or "&&" in text:
        return None
    try:
        re.compile(text)
    except re.error:
        return None
    return text


class _ClassWriter:
    """Rewrites `\\p{...}`, with brackets of its own where it stands outside a character class."""

    def __init__(self) -> None:
        self._inside = False

    def __call__(self, found: re.Match[str]) -> str:
        text = found[0]
        if text in ("[", "]"):
            self._inside = text == "["
        members = _CLASSES.get(found[1] or "")
        if members is None:
            return text
        return members if self._inside else f"[{members}]"


@functools.cache
def _session() -> Any:
    return botocore.session.get_session()
