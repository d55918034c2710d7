"""Where an object is: resource names, Pulumi ids and URLs from inputs, and inputs from an id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mlplatform.contracts.gcp.plan import Plan

_COMPUTE = re.compile(r"https://(?:www|compute)\.googleapis\.com/compute/[^/]+/")
_HOLE = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with its `{holes}` filled; LookupError names a hole without a value."""

    def value(hole: re.Match[str]) -> str:
        found = values.get(hole[1])
        if found in (None, ""):
            raise LookupError(f"{hole[1]} is needed to name the object")
        return str(found)

    return _HOLE.sub(value, template)


def short_link(text: str) -> str:
    """A Compute Engine link without host and version: both spellings name one object."""
    return _COMPUTE.sub("", text)


def named_by_service(plan: Plan) -> bool:
    """Does the service choose the whole name? Then it is the id too, and no input has it."""
    return plan["name"] == "{name}" and "identity" not in plan


def self_name(plan: Plan, inputs: Mapping[str, Any]) -> str:
    """The API's resource name that follows from the inputs."""
    return fill(plan["name"], inputs)


def pulumi_id(plan: Plan, inputs: Mapping[str, Any]) -> str:
    """The id in Pulumi's state, in the provider's own form."""
    if "policy" in plan:
        return member_id(plan, inputs)
    return fill(plan.get("id", plan["name"]), inputs)


def member_id(plan: Plan, inputs: Mapping[str, Any]) -> str:
    """A binding's id: object, role and member, with the condition's title where there is one."""
    owner = fill(plan.get("id_prefix", plan["name"]), inputs)
    parts = [owner, str(inputs.get("role", "")), str(inputs.get("member", ""))]
    title = (inputs.get("condition") or {}).get("title")
    return "/".join([*parts, str(title)] if title else parts)


def from_id(plan: Plan, text: str) -> dict[str, str]:
    """The inputs that an id carries; {} when it has not the type's form.

    Import ids may be shorter than full names: the last part alone is the object's own name.
    """
    for template in (plan["name"], plan.get("id", plan["name"])):
        found = _match(template, text, plan.get("wide"))
        if found is not None:
            return found
    identity = plan.get("identity")
    return {identity: text} if identity and "/" not in text else {}


def split_member_id(plan: Plan, text: str) -> dict[str, str]:
    """Owner, role and member of an import id; spaces or slashes stand between them."""
    if " " in text:
        owner, role, member = [*text.split(" ", 2), "", ""][:3]
    else:
        found = re.fullmatch(
            r"(?P<owner>.+?)/(?P<role>(?:projects/[^/]+/|organizations/[^/]+/)?roles/[^/]+)"
            r"/(?P<member>[^/]+:.+|allUsers|allAuthenticatedUsers)",
            text,
        )
        if found is None:
            return {}
        owner, role, member = found["owner"], found["role"], found["member"]
    named = _match(plan.get("id_prefix", plan["name"]), owner, None) or {plan["member_of"]: owner}
    return {**named, "role": role, "member": member}


def url(path: str, plan: Plan, inputs: Mapping[str, Any]) -> str:
    """The request path: `{self}` and `{parent}` keep their slashes, single inputs do not."""

    def value(hole: re.Match[str]) -> str:
        if hole[1] in ("self", "parent"):
            template = plan["name"] if hole[1] == "self" else plan["parent"]
            return quote(fill(template, inputs), safe="/@:")
        return quote(fill(hole[0], inputs), safe="")

    return _HOLE.sub(value, path)


def _match(template: str, text: str, wide: str | None) -> dict[str, str] | None:
    """The holes' values where the text has the template's form.

    One hole may hold slashes: `wide`, or without it the one that opens the template (a parent's
    full name). A hole that comes twice must have the same value twice.
    """
    pattern, seen = "", set[str]()
    for position, piece in enumerate(re.split(r"(\{\w+\})", template)):
        hole = _HOLE.fullmatch(piece)
        if hole is None:
            pattern += re.escape(piece)
        elif hole[1] in seen:
            pattern += f"(?P={hole[1]})"
        else:
            slashes = hole[1] == wide or (wide is None and position == 1 and template[0] == "{")
            seen.add(hole[1])
            pattern += f"(?P<{hole[1]}>{'.+' if slashes else '[^/]+'})"
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found is not None else None
