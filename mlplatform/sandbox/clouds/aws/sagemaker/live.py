"""The life of an endpoint as pure functions over its document.

A document has ``Steady``, what the endpoint is when nothing is under way, and at most one
``Transition``: the phases it goes through, each with the moment it ends, and the ``Goal`` that
becomes the steady state afterwards (none: the endpoint is gone). Nothing runs in the background;
whoever looks at a document settles it first. So a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

KIND = "endpoint"

Work = Literal["create", "update", "weights", "rollback", "delete"]
Document = dict[str, Any]


def settled(document: Document, now: float) -> Document | None:
    """The document with a finished transition applied; ``None`` when the endpoint is gone."""
    transition = document.get("Transition")
    if transition is None or now < transition["Phases"][-1][1]:
        return document
    if transition["Goal"] is None:
        return None
    kept = {key: value for key, value in document.items() if key != "Transition"}
    return {**kept, "Steady": transition["Goal"], "LastModifiedTime": transition["Phases"][-1][1]}


def status(document: Mapping[str, Any], now: float) -> str:
    """EndpointStatus of a settled document."""
    transition = document.get("Transition")
    if transition is None:
        return str(document["Steady"]["Status"])
    return str(next(name for name, until in transition["Phases"] if now < until))


def begun(
    document: Document,
    work: Work,
    phases: Sequence[tuple[str, float]],
    goal: Mapping[str, Any] | None,
    now: float,
) -> Document:
    """The document with a transition: ``phases`` are statuses with their lengths in seconds."""
    ends, end = [], now
    for name, length_s in phases:
        end += length_s
        ends.append([name, end])
    transition = {"Work": work, "Since": now, "Phases": ends, "Goal": goal}
    return {**document, "Transition": transition, "LastModifiedTime": now}


def configs_in_use(document: Mapping[str, Any]) -> set[str]:
    """Names of the configurations that a settled endpoint runs or is moving to."""
    steady, goal = document["Steady"], (document.get("Transition") or {}).get("Goal")
    return {steady["Config"], *([goal["Config"]] if goal else [])}


def variant_of(declared: Mapping[str, Any], images: Sequence[str]) -> Document:
    """The live state of a variant that starts as its configuration declares it."""
    return {
        "Declared": dict(declared),
        "Images": list(images),
        "Count": declared.get("InitialInstanceCount", 1) if "InstanceType" in declared else None,
        "Weight": declared.get("InitialVariantWeight", 1.0),
        "Serverless": declared.get("ServerlessConfig"),
    }


def retained(
    running: Sequence[Mapping[str, Any]],
    planned: Sequence[Document],
    *,
    retain: bool,
    excluded: Sequence[str],
) -> list[Document]:
    """The planned variants with what UpdateEndpoint keeps of the running ones.

    botocore, UpdateEndpoint: ``RetainAllVariantProperties`` keeps instance counts and weights of
    variants of the same name; ``ExcludeRetainedVariantProperties`` names what the new
    configuration overrides nevertheless. By default nothing is kept.
    """
    former = {one["Declared"]["VariantName"]: one for one in running}
    result = []
    for one in planned:
        old = former.get(one["Declared"]["VariantName"])
        kept = dict(one)
        if retain and old is not None:
            if "DesiredInstanceCount" not in excluded and None not in (old["Count"], one["Count"]):
                kept["Count"] = old["Count"]
            if "DesiredWeight" not in excluded:
                kept["Weight"] = old["Weight"]
        result.append(kept)
    return result


def removed_or_retyped(
    running: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Names of running variants that the planned ones leave out or give another instance type."""
    types = {one["Declared"]["VariantName"]: one["Declared"].get("InstanceType") for one in planned}
    return [
        one["Declared"]["VariantName"]
        for one in running
        if one["Declared"]["VariantName"] not in types
        or types[one["Declared"]["VariantName"]] != one["Declared"].get("InstanceType")
    ]


def described(document: Mapping[str, Any], now: float) -> Document:
    """DescribeEndpoint's answer for a settled document."""
    steady, transition = document["Steady"], document.get("Transition") or {}
    work, goal = transition.get("Work"), transition.get("Goal")
    answer: Document = {
        "EndpointName": document["EndpointName"],
        "EndpointArn": document["EndpointArn"],
        "EndpointConfigName": steady["Config"],
        "EndpointStatus": status(document, now),
        "CreationTime": document["CreationTime"],
        "LastModifiedTime": document["LastModifiedTime"],
        **steady["Extra"],
    }
    if "FailureReason" in steady:
        answer["FailureReason"] = steady["FailureReason"]
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        wanted = goal if work == "weights" else steady
        rows = [
            _summary(now_is, then_is, work, document["CreationTime"])
            for now_is, then_is in zip(steady[kind], wanted[kind], strict=True)
        ]
        if rows:
            answer[kind] = rows
    if work in ("update", "rollback"):
        target = transition["Target"]
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": target["Config"],
            "StartTime": transition["Since"],
            "ProductionVariants": [_pending(one) for one in target["ProductionVariants"]],
        }
    return answer


def _summary(
    current: Mapping[str, Any], desired: Mapping[str, Any], work: str | None, since: float
) -> Document:
    row = {
        "VariantName": current["Declared"]["VariantName"],
        "DeployedImages": [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": since}
            for image in current["Images"]
        ],
        "CurrentWeight": current["Weight"],
        "DesiredWeight": desired["Weight"],
    }
    if current["Count"] is not None:
        row["CurrentInstanceCount"] = 0 if work == "create" else current["Count"]
        row["DesiredInstanceCount"] = desired["Count"]
    if current["Serverless"] is not None:
        row["CurrentServerlessConfig"] = current["Serverless"]
        row["DesiredServerlessConfig"] = desired["Serverless"]
    for member in ("ManagedInstanceScaling", "RoutingConfig"):
        if member in current["Declared"]:
            row[member] = current["Declared"][member]
    if work in ("create", "weights", "delete"):
        doing = {"create": "Creating", "weights": "Updating", "delete": "Deleting"}[work]
        row["VariantStatus"] = [{"Status": doing, "StartTime": since}]
    return row


def _pending(variant: Mapping[str, Any]) -> Document:
    row: Document = {
        "VariantName": variant["Declared"]["VariantName"],
        "DesiredWeight": variant["Weight"],
        "CurrentWeight": 0.0,
        "VariantStatus": [{"Status": "Creating"}],
    }
    if variant["Count"] is not None:
        row |= {"CurrentInstanceCount": 0, "DesiredInstanceCount": variant["Count"]}
    return row
