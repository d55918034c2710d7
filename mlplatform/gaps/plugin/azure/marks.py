"""Tags that mlgap keeps on what it makes, and hides from programs.

`mlgap-owner` tells which resource of which stack made an object: what an interrupted create left
is taken up again, a stranger's object is not. `mlgap-variant` tells which deployments stand for
the same variant, so that one can take over the traffic of another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

OWNER = "mlgap-owner"
VARIANT = "mlgap-variant"
PREFIX = "mlgap-"


def owner(urn: str) -> str:
    """Short, and the same for one resource of one stack."""
    return hashlib.sha256(urn.encode()).hexdigest()[:16]


def marked(tags: Mapping[str, str] | None, urn: str, **more: str) -> dict[str, str]:
    """The declared tags with mlgap's own."""
    return {**(tags or {}), OWNER: owner(urn), **more}


def declared(tags: Mapping[str, Any] | None) -> dict[str, str]:
    """The tags that a program sees."""
    return {k: str(v) for k, v in (tags or {}).items() if not k.startswith(PREFIX)}


def is_mine(resource: Mapping[str, Any], urn: str) -> bool:
    """Whether this resource of this stack made the object."""
    return (resource.get("tags") or {}).get(OWNER) == owner(urn)
