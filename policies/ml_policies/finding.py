"""What a rule found, and how it is said: where, what was got, what is allowed. Never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ml_policies.resource import ABSENT, Resource
from mlplatform.contracts.problem import show

_NOT_SHOWN = "[secret]"
_DOCUMENT = "a document"
_LONG = 200


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with a resource, or that cannot be decided before apply."""

    problem: str
    """What is wrong, or ``allowed: ...``; without values of the resource."""
    path: str = ""
    """Property path; empty when it is about the whole resource."""
    got: Any = ABSENT
    undecided: bool = False
    """The value is not known before apply."""
    resource: Resource | None = None
    """Of a stack rule: whose fault it is."""

    def text(self, resource: Resource) -> str:
        """``name: path: got 'x'; allowed: 'y'``."""
        where = f"{resource.name}: {self.path}: " if self.path else f"{resource.name}: "
        if self.undecided:
            return f"{where}cannot be decided before apply: the value is not known yet"
        if not self.path:
            return where + self.problem
        return f"{where}got {_shown(resource, self.path, self.got)}; {self.problem}"


def _shown(resource: Resource, path: str, value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if resource.is_secret(path):
        return _NOT_SHOWN
    # Policy documents and scripts: too long to read, and they may hold what nobody should see.
    if isinstance(value, dict | list) and len(str(value)) > _LONG:
        return _DOCUMENT
    if isinstance(value, str) and (len(value) > _LONG or value.lstrip().startswith("{")):
        return _DOCUMENT
    return show(value)
