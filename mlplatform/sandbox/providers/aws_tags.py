"""Tags of one resource: reading them, telling drift from default tags, and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlplatform.contracts.aws import decode
from mlplatform.contracts.aws.encode import request
from mlplatform.sandbox.providers.aws_cloud import CallFailed
from mlplatform.sandbox.providers.aws_settle import same

if TYPE_CHECKING:
    from mlplatform.sandbox.providers.aws_action import Action


def read(action: Action, seen: Mapping[str, Any]) -> dict[str, str]:
    call = action.plan.tags["list"]
    try:
        state = {**action.state, **seen}
        answer = action.api(call.op, request(action.plan, call, state))
    except CallFailed as error:
        if error.code in call.optional:
            return {}
        if not error.offered:
            return action.all_tags  # nothing can be said about drift then
        raise
    return decode.tags(decode.dig(answer, call.at.split(".")))


def settled(action: Action, inputs: dict[str, Any], seen: Mapping[str, str]) -> dict[str, Any]:
    declared = inputs.get("tags") or {}
    own = {
        key: value
        for key, value in seen.items()
        if key in declared or action.default_tags.get(key) != value
    }
    if not same(declared, own) or len(declared) != len(own):
        return {**inputs, "tags": own}
    return inputs


def update(action: Action) -> None:
    wanted, now = action.all_tags, action.read()["tags"]
    surplus = sorted(set(now) - set(wanted))
    add, remove = action.plan.tags["add"], action.plan.tags["remove"]
    if surplus and not (add.whole and wanted):
        extra = {"tagKeys": surplus, "tagKeyItems": [{"Key": key} for key in surplus]}
        action.api(remove.op, request(action.plan, remove, {**action.state, **extra}))
    missing = {key: value for key, value in wanted.items() if now.get(key) != value}
    if missing or (surplus and add.whole and wanted):
        values = {**action.state, "tags": wanted if add.whole else missing}
        action.api(add.op, request(action.plan, add, values))
