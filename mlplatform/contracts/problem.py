"""What a contract says about one resource: problems (refused now) and changes (what an update
would do).

Both are values without behaviour, so that the policy pack, the stand-ins, the gap provider and the
command line can each render them in their own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

_SHOWN_CHARACTERS = 120


def show(value: Any) -> str:
    """The value as a reader should see it: quoted strings, whole numbers without `.0`, cut when
    long.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = (
        {True: "true", False: "false"}[value]
        if isinstance(value, bool)
        else "nothing"
        if value is None
        else repr(value)
    )
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One reason for which the vendor would refuse the resource.

    path: Pulumi property path, camelCase, for example `productionVariants[0].instanceType`; empty
    for the resource as a whole. got: the value found (None when it is missing). message: what is
    allowed, with the nearest match where there is one; it starts with `allowed:` or says what is
    wrong. source: the vendor's document or the rule, for example `botocore sagemaker
    CreateEndpointConfig`.
    """

    path: str
    got: Any
    message: str
    source: str

    def __str__(self) -> str:
        where = self.path or "(resource)"
        return f"{where}: got {show(self.got)}, {self.message} ({self.source})"

    @property
    def reason(self) -> str:
        """The text without the path, for interfaces that carry the path in a field of its own."""
        return f"got {show(self.got)}, {self.message} ({self.source})"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the vendor does with one changed property.

    path: Pulumi property path of the changed value. kind: `update` in place, `replace` by a new
    object, `refuse` when the vendor's API rejects the change and a replacement would not help.
    """

    path: str
    kind: Literal["update", "replace", "refuse"]
    reason: str
    source: str


def render(problems: Iterable[Problem]) -> str:
    """All problems as one list, one line each, in the order given."""
    return "\n".join(f"  - {problem}" for problem in problems)
