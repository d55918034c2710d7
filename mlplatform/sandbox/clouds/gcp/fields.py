"""Rules for fields that hold for every Vertex AI object: required, immutable, masks, filters."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlplatform.sandbox.clouds.gcp import discovery
from mlplatform.sandbox.clouds.gcp.refusal import Refusal

_IMMUTABLE_UNMARKED = {
    # The documents are silent; the Terraform provider's generator marks them (magic-modules).
    "GoogleCloudAiplatformV1beta1Endpoint": {"network", "encryptionSpec"},
    "GoogleCloudAiplatformV1beta1Model": {"containerSpec", "encryptionSpec", "versionAliases"},
}
_MAY_BE_EMPTY = {"explanationSpec"}
"""The vendor's own ModelMonitor.create_schedule sends it empty where a monitor has none."""
_SERVER_FILLS = {"name", "parent"}
_MOST_ROWS = 1000


def require(document: str, schema: str, value: Mapping[str, Any], at: str = "") -> None:
    """Refuse an object that lacks what its schema calls required."""
    properties = discovery.load(document)["schemas"][schema]["properties"]
    for name, field in properties.items():
        inner = value.get(name)
        if inner is None:
            wanted = discovery.marked(field, "Required") and name not in _SERVER_FILLS
            # A required number or flag may be zero, and zero is not written in JSON.
            if wanted and field.get("type") not in ("boolean", "integer", "number"):
                raise Refusal("INVALID_ARGUMENT", f"Required field is not set: {at}{name}")
        elif "$ref" in field and isinstance(inner, Mapping):
            if not inner and name in _MAY_BE_EMPTY:
                continue
            require(document, field["$ref"], inner, f"{at}{name}.")
        elif field.get("type") == "array" and "$ref" in field["items"]:
            for index, item in enumerate(inner):
                require(document, field["items"]["$ref"], item, f"{at}{name}[{index}].")


def masked(
    document: str,
    schema: str,
    current: Mapping[str, Any],
    given: Mapping[str, Any],
    mask: Sequence[str],
) -> dict[str, Any]:
    """The object after a change of the masked fields."""
    changed = copy.deepcopy(dict(current))
    properties = discovery.load(document)["schemas"][schema]["properties"]
    for path in mask:
        top = path.split(".")[0]
        if top not in properties:
            raise Refusal("INVALID_ARGUMENT", f"Invalid field in update_mask: {path}")
        if discovery.marked(properties[top], "Output only"):
            raise Refusal("INVALID_ARGUMENT", f"Field {path} is output only.")
        frozen = discovery.marked(properties[top], "Immutable")
        if frozen or top in _IMMUTABLE_UNMARKED.get(schema, ()):
            raise Refusal("INVALID_ARGUMENT", f"Field {path} is immutable.")
        copy_path(changed, given, path.split("."))
    return changed


def copy_path(target: dict[str, Any], source: Mapping[str, Any], steps: Sequence[str]) -> None:
    """Copy one field; a field that the source lacks is cleared."""
    head, *rest = steps
    if not rest:
        if head in source:
            target[head] = copy.deepcopy(source[head])
        else:
            target.pop(head, None)
        return
    inner = source.get(head, {})
    below = target.setdefault(head, {})
    if isinstance(below, dict) and isinstance(inner, Mapping):
        copy_path(below, inner, rest)


def matches(row: Mapping[str, Any], text: str) -> bool:
    """Does a row pass a list filter? Equalities joined by AND, as the SDK writes them."""
    for term in re.split(r"\s+AND\s+", text.strip()) if text.strip() else ():
        found = re.fullmatch(r"\(?([\w.\"]+)\s*(!?=|:)\s*(.*?)\)?", term)
        if found is None:
            raise Refusal("INVALID_ARGUMENT", f"Invalid filter: {term}")
        path, operator, wanted = found[1].replace('"', ""), found[2], found[3].strip("\"'")
        value = _field(row, path)
        if operator == ":" and wanted == "*":
            good = value is not None
        else:
            good = str(value) == wanted or str(value).rpartition("/")[2] == wanted
        if good == (operator == "!="):
            return False
    return True


def page(rows: Sequence[Any], request: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One page of a list, with a token for the next."""
    start = int(str(request.get("pageToken") or 0))
    size = int(request.get("pageSize") or _MOST_ROWS)
    shown: dict[str, Any] = {name: list(rows[start : start + size])}
    if start + size < len(rows):
        shown["nextPageToken"] = str(start + size)
    return shown


def _field(row: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    camel = re.sub(r"_([a-z])", lambda m: m[1].upper(), head)
    value = row.get(camel)
    if rest and isinstance(value, Mapping):
        return value.get(rest)
    return value
