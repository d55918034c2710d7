"""Whether policies allow a request, by the logic that AWS publishes; pure.

An explicit Deny decides; then an Allow; what nothing speaks of is denied. Sources: IAM guide,
"Policy evaluation logic", "IAM JSON policy elements: Condition operators" (absent keys, IfExists,
ForAllValues, ForAnyValue, Null), "Action", "NotAction", "Resource", "NotResource", "Principal",
"Policy variables". What is not published here (an operator that does not exist) raises, so that
a wrong policy never passes for a narrow one.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["allowed", "denied", "not allowed"]
"""An Allow holds; a Deny holds; neither does, which refuses as well."""

Value = str | Sequence[str]
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call as IAM sees it.

    Attributes:
        action: such as ``s3:GetObject``.
        resource: the ARN, or ``*`` for actions that know none.
        principal: ``Service:sagemaker.amazonaws.com`` or ``AWS:arn:...``; for policies that name
            principals.
        context: condition keys; names in any case. Absent keys are absent.
    """

    action: str
    resource: str = "*"
    principal: str = ""
    context: Mapping[str, Value] = field(default_factory=dict)


def decide(request: Request, policies: Iterable[Mapping[str, Any]]) -> Decision:
    """What these policies, all of one kind, say together.

    Raises ``ValueError`` for a statement that AWS would not have accepted.
    """
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in _several(policy["Statement"])
        if applies(statement, request)
    }
    if "Deny" in effects:
        return "denied"
    return "allowed" if "Allow" in effects else "not allowed"


def applies(statement: Mapping[str, Any], request: Request) -> bool:
    """Whether a statement speaks of the request."""
    context = {key.lower(): value for key, value in request.context.items()}
    return (
        _principal(statement, request.principal)
        and _action(statement, request.action)
        and _resource(statement, request.resource, context)
        and all(
            _condition(operator, key, _several(wanted), context)
            for operator, tests in (statement.get("Condition") or {}).items()
            for key, wanted in tests.items()
        )
    )


def _principal(statement: Mapping[str, Any], principal: str) -> bool:
    element, negated = _one_of(statement, "Principal", "NotPrincipal")
    if element is None:
        return True
    if element == "*":
        return not negated
    kind, _, name = principal.partition(":")
    named = any(one in ("*", name) or _account_of(one, name) for one in _several(element.get(kind)))
    return named != negated


def _account_of(named: str, principal: str) -> bool:
    """An account, or its root, stands for everyone in it."""
    account = re.fullmatch(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?", named)
    return account is not None and f"::{account.group(1)}:" in principal


def _action(statement: Mapping[str, Any], action: str) -> bool:
    element, negated = _one_of(statement, "Action", "NotAction")
    if element is None:
        raise ValueError(f"a statement without Action and NotAction: {statement}")
    return negated != any(_like(a.lower(), action.lower()) for a in _several(element))


def _resource(statement: Mapping[str, Any], resource: str, context: Mapping[str, Value]) -> bool:
    element, negated = _one_of(statement, "Resource", "NotResource")
    if element is None:
        return True  # a trust policy: the role itself
    patterns = [_filled(one, context) for one in _several(element)]
    return negated != any(p is not None and _like_parts(p, resource) for p in patterns)


def _one_of(statement: Mapping[str, Any], plain: str, negated: str) -> tuple[Any, bool]:
    if plain in statement and negated in statement:
        raise ValueError(f"a statement with {plain} and {negated}: {statement}")
    return statement.get(plain, statement.get(negated)), negated in statement


def _condition(
    operator: str, key: str, wanted: Sequence[Any], context: Mapping[str, Value]
) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    found = context.get(key.lower())
    if name == "Null":
        return any((str(one).lower() == "true") == (found is None) for one in wanted)
    if name not in _OPERATORS:
        raise ValueError(f"no condition operator {operator}")
    values = [] if found is None else [found] if isinstance(found, str) else list(found)
    negated, test = _OPERATORS[name]
    texts = [filled for one in wanted if (filled := _filled(_text(one), context)) is not None]

    def holds(value: str) -> bool:
        return negated != any(test(one, value) for one in texts)

    if quantifier == "ForAllValues":
        return all(map(holds, values))
    if not values:
        return if_exists or (negated and quantifier != "ForAnyValue")
    if quantifier == "ForAnyValue":
        return any(map(holds, values))
    if quantifier:
        raise ValueError(f"no condition operator {operator}")
    return all(map(holds, values))


def _filled(pattern: str, context: Mapping[str, Value]) -> str | None:
    """The pattern with its variables; None when one has no value, and then nothing matches."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = found.group(1).partition(",")
        if name in _LITERAL:
            return f"[{_LITERAL[name]}]"
        known = context.get(name.strip().lower())
        if isinstance(known, str):
            return known
        missing = missing or not default
        return default.strip(" '")

    text = _VARIABLE.sub(value, pattern)
    return None if missing else text


def _like(pattern: str, text: str) -> bool:
    """``*`` is any characters, ``?`` is one; ``[*]`` is a star itself, from ``${*}``."""
    parts = re.split(r"(\[[*?$]\]|\*|\?)", pattern)
    wild = {"*": ".*", "?": "."}
    source = "".join(
        wild.get(part) or re.escape(part[1] if re.fullmatch(r"\[[*?$]\]", part) else part)
        for part in parts
    )
    return re.fullmatch(source, text, re.DOTALL) is not None


def _like_parts(pattern: str, text: str) -> bool:
    """ARNs part by part, so that a star does not reach over a colon into the next part."""
    if pattern == "*":
        return True
    patterns, texts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(texts) and all(map(_like, patterns, texts))


def _number(test: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, found: test(float(found), float(wanted))


def _date(test: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def seconds(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

    return lambda wanted, found: test(seconds(found), seconds(wanted))


def _address(wanted: str, found: str) -> bool:
    return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)


def _equal(wanted: str, found: str) -> bool:
    return found == wanted


def _equal_ignoring_case(wanted: str, found: str) -> bool:
    return found.lower() == wanted.lower()


_Test = Callable[[str, str], bool]
_OPERATORS: dict[str, tuple[bool, _Test]] = {
    "StringEquals": (False, _equal),
    "StringNotEquals": (True, _equal),
    "StringEqualsIgnoreCase": (False, _equal_ignoring_case),
    "StringNotEqualsIgnoreCase": (True, _equal_ignoring_case),
    "StringLike": (False, _like),
    "StringNotLike": (True, _like),
    "NumericEquals": (False, _number(lambda a, b: a == b)),
    "NumericNotEquals": (True, _number(lambda a, b: a == b)),
    "NumericLessThan": (False, _number(lambda a, b: a < b)),
    "NumericLessThanEquals": (False, _number(lambda a, b: a <= b)),
    "NumericGreaterThan": (False, _number(lambda a, b: a > b)),
    "NumericGreaterThanEquals": (False, _number(lambda a, b: a >= b)),
    "DateEquals": (False, _date(lambda a, b: a == b)),
    "DateNotEquals": (True, _date(lambda a, b: a == b)),
    "DateLessThan": (False, _date(lambda a, b: a < b)),
    "DateLessThanEquals": (False, _date(lambda a, b: a <= b)),
    "DateGreaterThan": (False, _date(lambda a, b: a > b)),
    "DateGreaterThanEquals": (False, _date(lambda a, b: a >= b)),
    "Bool": (False, _equal_ignoring_case),
    "BinaryEquals": (False, _equal),
    "IpAddress": (False, _address),
    "NotIpAddress": (True, _address),
    "ArnEquals": (False, _like_parts),
    "ArnLike": (False, _like_parts),
    "ArnNotEquals": (True, _like_parts),
    "ArnNotLike": (True, _like_parts),
}
"""Operator: whether it is a negated one, and the test of a wanted against a found value."""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
