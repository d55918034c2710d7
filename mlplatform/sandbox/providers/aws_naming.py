"""Automatic names, as the Pulumi bridge makes them: the resource's name and seven random digits."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.aws.plan import Plan
from mlplatform.provider.model import Context, Failure, NotFound

DEFAULTS = "__defaults"
_DIGITS = 7


def named(
    plan: Plan, ctx: Context, inputs: Mapping[str, Any], old: Mapping[str, Any] | None
) -> tuple[dict[str, Any], list[Failure]]:
    """The inputs with a name. A name once made stays, unless the program now gives its own.

    The name is made in Check, so that it, and what is built from it, is known in a preview. With a
    prefix (`namePrefix`, `bucketPrefix`) the name is made at creation instead.
    """
    out = {key: value for key, value in inputs.items() if key != DEFAULTS}
    auto = plan.auto_name
    if auto is None or out.get(auto.property) not in (None, "") or prefix(plan, out) is not None:
        return out, []
    out[DEFAULTS] = [auto.property]
    if old and auto.property in (old.get(DEFAULTS) or ()):
        out[auto.property] = old[auto.property]
        return out, []
    base = ctx.name.lower() if auto.lower else ctx.name
    name = f"{auto.prefix}{base}" if auto.plain else f"{auto.prefix}{base}-{_digits(ctx.seed)}"
    out[auto.property] = name
    if len(name) > auto.max:
        over = len(name) - auto.max
        reason = (
            f"got {name!r}, allowed: at most {auto.max} characters; the automatic name is {over} "
            f"too long: shorten the resource's name or give {auto.property}"
        )
        return out, [Failure(path=auto.property, reason=reason)]
    return out, []


def prefix(plan: Plan, inputs: Mapping[str, Any]) -> str | None:
    """The prefix that the program gives instead of a name."""
    if plan.auto_name is None:
        return None
    found = inputs.get(f"{plan.auto_name.property}Prefix")
    return found if isinstance(found, str) and found else None


def made_from_prefix(start: str) -> str:
    """A name as the provider itself makes it from a prefix: the prefix and 26 digits."""
    return start + os.urandom(13).hex()


def was_given(plan: Plan, inputs: Mapping[str, Any]) -> bool:
    """True when the program itself gave the name: a replacement must then delete the old one
    first.
    """
    auto = plan.auto_name
    if auto is None or inputs.get(auto.property) in (None, ""):
        return False
    return auto.property not in (inputs.get(DEFAULTS) or ())


def from_id(found: Plan, text: str) -> dict[str, Any]:
    """The properties that an imported id is made of."""
    steps = re.split(r"\{(\w+)\}", found.import_id)
    if found.import_id == "{id}":
        steps = re.split(r"\{(\w+)\}", found.id) if not found.id.startswith("@") else []
    wanted = steps[1::2]
    if not wanted:
        return {}
    pattern, last = "", len(steps) - 1
    for i, step in enumerate(steps):
        lazy = "?" if i == 1 and last > 2 else ""
        pattern += f"(?P<{step}>.+{lazy})" if i % 2 else re.escape(step)
    match = re.fullmatch(pattern, text)
    if match is None:
        raise NotFound(f"got id {text!r}, allowed: {found.import_id}")
    return dict(match.groupdict())


def _digits(seed: bytes) -> str:
    return hashlib.sha256(seed or os.urandom(16)).hexdigest()[:_DIGITS]
