"""ARM resource ids: building blocks, comparison and parsing.

`/subscriptions/S/resourceGroups/G/providers/Namespace/type/name[/type/name...]`; an extension
resource repeats `/providers/Namespace/type/name` behind the id that it belongs to. Azure compares
ids without case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlplatform.contracts.azure import model


@dataclass(frozen=True, kw_only=True)
class ArmId:
    """One id, taken apart. type: such as `Microsoft.Storage/storageAccounts`."""

    scope: str
    type: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1]


def parse(text: str) -> ArmId | None:
    """The last provider part of an id; None when the text is no resource id."""
    parts = [part for part in text.split("/") if part]
    low = [part.lower() for part in parts]
    if not text.startswith("/"):
        return None
    if "providers" in low:
        at = len(low) - 1 - low[::-1].index("providers")
        rest = parts[at + 1 :]
        if len(rest) < 3 or len(rest) % 2 == 0:
            return None
        type_ = "/".join([rest[0], *rest[1::2]])
        return ArmId(scope="/" + "/".join(parts[:at]), type=type_, names=tuple(rest[2::2]))
    if len(parts) == 4 and low[0] == "subscriptions" and low[2] == "resourcegroups":
        scope = "/".join(["", *parts[:2]])
        return ArmId(scope=scope, type="Microsoft.Resources/resourceGroups", names=(parts[3],))
    return None


def inputs(token: str, id_: str) -> dict[str, str] | None:
    """The path parameters that stand in the id of a resource of this type; None = another type."""
    pattern = re.sub(
        r"{(\w+)}",
        lambda m: f"(?P<{m[1]}>.+)" if m[1] in ("scope", "resourceUri") else f"(?P<{m[1]}>[^/]+)",
        model.types()[token].path,
    )
    found = re.fullmatch(pattern, id_, re.IGNORECASE)
    if found is None:
        return None
    return {name: value for name, value in found.groupdict().items() if name != "subscriptionId"}
