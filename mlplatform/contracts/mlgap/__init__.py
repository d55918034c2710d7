"""The contracts of `mlgap:<cloud>:<Noun>`, the types of this project's own provider.

Behind each stands an object of a vendor, so the vendor's model judges it as it judges the ordinary
types. Google's and Azure's contracts take these tokens themselves; what is here is AWS's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast

from mlplatform.contracts.loading import load
from mlplatform.contracts.problem import Change, Problem

__all__ = ["changes", "check", "covers", "taggable"]

_JUDGES = {
    "aws": "mlplatform.contracts.mlgap.aws",
    "azure": "mlplatform.contracts.azure",
    "gcp": "mlplatform.contracts.gcp",
}
"""Middle of the token: the module that judges, imported at first use."""


class _Judge(Protocol):
    def covers(self, token: str) -> bool: ...
    def check(self, token: str, given: Mapping[str, Any], /) -> list[Problem]: ...
    def changes(
        self, token: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> list[Change]: ...
    def taggable(self, token: str) -> str | None: ...


def covers(token: str) -> bool:
    """True when a contract knows the type."""
    judge = _judge(token)
    return judge is not None and judge.covers(token)


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """Everything that the vendor, or the division of ownership, would refuse."""
    return _known(token).check(token, inputs)


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What happens to each property that differs."""
    return _known(token).changes(token, old, new)


def taggable(token: str) -> str | None:
    """The property that carries tags, None for a type without."""
    return _known(token).taggable(token)


def _judge(token: str) -> _Judge | None:
    package, _, rest = token.partition(":")
    name = _JUDGES.get(rest.partition(":")[0])
    if package != "mlgap" or name is None:
        return None
    return cast("_Judge", load(name))


def _known(token: str) -> _Judge:
    judge = _judge(token)
    if judge is None or not judge.covers(token):
        raise LookupError(f"no contract covers {token}")
    return judge
