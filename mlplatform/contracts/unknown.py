"""Values that are not known yet in a preview.

The engine sends one of seven fixed strings in place of a value that only an `up` will produce
(Pulumi SDK, `sdk/go/common/resource/plugin/rpc.go`). A contract counts such a value as present and
skips its checks. The same strings stand in `mlplatform.provider.values`; they are repeated here
because the contracts import nothing but the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MARKERS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_MARKER_CHARACTERS = 36


def is_unknown(value: Any) -> bool:
    """True for a marker, and for a string that a program built around one."""
    if not isinstance(value, str) or len(value) < _MARKER_CHARACTERS:
        return False
    return value in MARKERS or any(marker in value for marker in MARKERS)


def has_unknown(value: Any) -> bool:
    """True when the value, or anything inside it, is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(inner) for inner in value)
    return is_unknown(value)
