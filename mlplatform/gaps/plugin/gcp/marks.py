"""How mlgap knows what it made: a label on models, and numbers for deployed models.

Both follow from the resource's URN, so that a run after a kill finds what the last one made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.model import OWN_LABEL

_OWNER_LENGTH = 32
_FINGERPRINT_LENGTH = 16
_ID_FIRST, _ID_COUNT = 10**9, 9 * 10**9
"""Ten digits without a leading zero: the longest id that DeployModel takes."""

TRIES = 4
"""How many ids a deployed model may have, for the case that Vertex AI refuses a used one."""


def owner(urn: str) -> str:
    """The value of the label on models of this resource."""
    return hashlib.sha256(urn.encode()).hexdigest()[:_OWNER_LENGTH]


def labelled(labels: Mapping[str, str] | None, urn: str) -> dict[str, str]:
    """The declared labels and mlgap's own."""
    return {**(labels or {}), OWN_LABEL: owner(urn)}


def declared(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels without mlgap's own."""
    return {key: value for key, value in labels.items() if key != OWN_LABEL}


def fingerprint(value: Any) -> str:
    """A short hash of what makes a model version what it is."""
    return hashlib.sha256(_text(value).encode()).hexdigest()[:_FINGERPRINT_LENGTH]


def deployed_id(urn: str, name: str, fixed: Mapping[str, Any], attempt: int) -> str:
    """The id of a deployed model: the same for the same resource, name and fixed properties."""
    digest = hashlib.sha256(_text([urn, name, dict(fixed), attempt]).encode()).hexdigest()
    return str(_ID_FIRST + int(digest[:16], 16) % _ID_COUNT)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
