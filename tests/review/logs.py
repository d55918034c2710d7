"""Event logs made by hand, in the engine's own form, for what no engine would write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlplatform.review import events, model
from mlplatform.review.events import EventLog
from mlplatform.review.model import Review, StackReview

STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::p::{token}::{name}"


def step(
    op: str,
    token: str,
    name: str,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    parent: str = STACK,
    diff: Mapping[str, str] | None = None,
    protect: tuple[bool, bool] = (False, False),
) -> dict[str, Any]:
    """One step; old and new are inputs. diff: path -> kind, such as `update-replace`."""

    def side(inputs: Mapping[str, Any] | None, *, protected: bool) -> dict[str, Any] | None:
        if inputs is None:
            return None
        return {"custom": True, "parent": parent, "inputs": inputs, "protect": protected}

    about = {
        "op": op,
        "urn": urn(token, name),
        "type": token,
        "old": side(old, protected=protect[0]),
        "new": side(new, protected=protect[1]),
        "detailedDiff": {p: {"diffKind": k, "inputDiff": True} for p, k in (diff or {}).items()},
    }
    return {"resourcePreEvent": {"metadata": about}}


def said(message: str, *, severity: str = "warning", about: str = "") -> dict[str, Any]:
    return {"diagnosticEvent": {"severity": severity, "message": message, "urn": about}}


def violation(message: str, *, about: str, level: str = "mandatory") -> dict[str, Any]:
    return {
        "policyEvent": {
            "resourceUrn": about,
            "policyName": "rule",
            "policyPackName": "pack",
            "enforcementLevel": level,
            "message": message,
        }
    }


def text(listed: Sequence[Mapping[str, Any]], *, succeeded: bool = True) -> str:
    """The log's text, with its end."""
    end = {"summaryEvent": {"isPreview": True, "result": "succeeded" if succeeded else "failed"}}
    every = [*listed, end]
    return "".join(json.dumps({"sequence": i, **event}) + "\n" for i, event in enumerate(every))


def log(*listed: Mapping[str, Any], succeeded: bool = True) -> EventLog:
    return events.read(text(listed, succeeded=succeeded).splitlines())


def stack(*listed: Mapping[str, Any], succeeded: bool = True) -> StackReview:
    return model.read(log(*listed, succeeded=succeeded))


def review(*listed: Mapping[str, Any], succeeded: bool = True) -> Review:
    return Review(title="a against b", stacks=(stack(*listed, succeeded=succeeded),))
