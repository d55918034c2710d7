"""Automatic names and labels, as the Pulumi bridge and the Google provider make them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.gcp.plan import Plan
from mlplatform.provider.model import Context, Failure
from mlplatform.provider.values import UNKNOWN, has_unknown

DEFAULTS = "__defaults"
"""Where the bridge notes which inputs it filled in."""

ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
"""The provider's own label (provider setting addPulumiAttributionLabel)."""

_DIGITS = 7


def named(
    plan: Plan, ctx: Context, inputs: Mapping[str, Any], old: Mapping[str, Any] | None
) -> tuple[dict[str, Any], list[Failure]]:
    """The inputs with a name. A name once made stays, unless the program gives its own.

    The name is made in Check, so that it, and what is built from it, is known in a preview.
    """
    out = {key: value for key, value in inputs.items() if key != DEFAULTS}
    rule, name = plan.get("auto_name"), plan.get("identity")
    if rule is None or name is None or out.get(name) not in (None, ""):
        return out, []
    out[DEFAULTS] = [name]
    if old and name in (old.get(DEFAULTS) or ()):
        out[name] = old[name]
        return out, []
    base = ctx.name if rule.get("keep_case") else ctx.name.lower()
    separator = rule.get("separator", "-")
    digits = hashlib.sha256(ctx.seed or os.urandom(16)).hexdigest()[:_DIGITS]
    out[name] = f"{base.replace('-', separator)}{separator}{digits}"
    over = len(out[name]) - int(rule["length"])
    if over > 0:
        reason = (
            f"got {out[name]!r}, allowed: at most {rule['length']} characters; the automatic name "
            f"is {over} too long: shorten the resource's name or give {name}"
        )
        return out, [Failure(path=name, reason=reason)]
    return out, []


def was_given(plan: Plan, inputs: Mapping[str, Any]) -> bool:
    """Did the program name the object itself? Then a replacement must delete the old one first."""
    name = plan.get("identity")
    return name is not None and name not in (inputs.get(DEFAULTS) or ())


def labelled(
    plan: Plan, inputs: Mapping[str, Any], defaults: Mapping[str, str], attributed: bool
) -> dict[str, Any]:
    """The outputs `pulumiLabels` and `effectiveLabels` of a type with labels; {} for others."""
    if "labels" not in plan["properties"] or plan.get("own_labels") == "labels":
        return {}
    own = inputs.get("labels") or {}
    if has_unknown(own):
        return {"pulumiLabels": UNKNOWN, "effectiveLabels": UNKNOWN}
    given = {**defaults, **own}
    return {
        "pulumiLabels": given,
        "effectiveLabels": {**given, **(ATTRIBUTION if attributed else {})},
    }
