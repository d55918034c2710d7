"""The general rule that lays the provider's property names over the API's member names.

A rule must hit exactly one member whose shape fits the property's kind, else it does not count: a
guess that is silently wrong (`displayName` for `Name`) is worse than a line in the table.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping

from botocore.model import Shape

from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile.provider_model import Property

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOUN_WORDS = re.compile("[A-Z][a-z0-9]*")
_VERB = re.compile("^[A-Z][a-z]+")
_SHORT = {"configuration": "config", "identifier": "id"}
_ENDINGS = re.compile("(in(gb|mb|second|minute|byte|day)|list|config|setting|document)$")


@functools.cache
def canonical(name: str) -> str:
    """Words in the singular, lower case: `endpointConfigurations` -> `endpointconfig`."""
    words = (word.lower() for word in _WORDS.findall(name.replace("_", "")))
    singular = (_singular(word) for word in words)
    return "".join(_SHORT.get(word, word) for word in singular)


def nouns(operation: str, noun: str | None) -> list[str]:
    """The words for the thing that a member's name may start with: `CreateEndpointConfig` gives
    `endpointconfig` and `config`.
    """
    words = _NOUN_WORDS.findall(
        (noun or _VERB.sub("", operation)).replace("Configuration", "Config")
    )
    return [canonical("".join(words[i:])) for i in range(len(words))]


def find(
    name: str, prop: Property, owner: Iterable[str], candidates: Mapping[str, Shape]
) -> tuple[str, str] | None:
    """(member, name of the rule) for a property, or None when no rule hits exactly one member."""
    wanted = canonical(name)
    pool = {member: canonical(member) for member, shape in candidates.items() if fits(prop, shape)}
    rules: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("same name", lambda c: c == wanted),
        ("noun", lambda c: any(c == n + wanted or wanted == n + c for n in owner)),
        ("ending", lambda c: _ENDINGS.sub("", c) == wanted),
        ("arn or id", lambda c: c != wanted and _identity(c) in (_identity(wanted), wanted + "#")),
    )
    for rule, hit in rules:
        found = [member for member, folded in pool.items() if hit(folded)]
        if len(found) == 1:
            return found[0], rule
    return None


def fits(prop: Property, shape: Shape) -> bool:
    """Can a value of this kind become this shape, by the conversions that the runtime knows?"""
    kind, inner = shape.type_name, vendor.members(shape)
    if prop.kind == "object":
        return bool(
            kind == "structure" or (kind == "list" and shape.member.type_name == "structure")
        )
    if prop.kind == "list":
        assert prop.element is not None
        if kind == "list":
            return fits(prop.element, shape.member)
        return kind == "structure" and (prop.element.kind == "object" or _wraps(prop, inner))
    if prop.kind == "map":
        return kind == "map" or (kind == "list" and vendor.pairs(shape) is not None)
    if kind == "list":
        return fits(prop, shape.member)
    return kind in vendor.SCALARS or (kind == "structure" and _wraps(prop, inner))


def _wraps(prop: Property, inner: Mapping[str, Shape]) -> bool:
    return len(inner) == 1 and fits(prop, *inner.values())


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and len(word) > 2 and word[-2] != "s" else word


def _identity(folded: str) -> str:
    return re.sub("(arn|id)$", "#", folded)
