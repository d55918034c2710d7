"""Vertex AI's own messages: from inputs to them and back, and by what mlgap knows its own."""

from __future__ import annotations

import re
from typing import Any

from mlplatform.contracts.gcp.rules.model import OWN_LABEL
from mlplatform.gaps.plugin.gcp import marks
from mlplatform.gaps.plugin.gcp.cloud import beta_types, types
from mlplatform.gaps.plugin.gcp.kinds import Kind

RUN_LABEL = "mlgap-run"
"""Holds the hash of the definition that a run was made from."""


def message(urn: str, kind: Kind, inputs: dict[str, Any]) -> Any:
    """The vendor's message, with the marks by which mlgap finds it again."""
    from google.protobuf import json_format

    library = beta_types() if kind.beta else types()
    given = {k: v for k, v in inputs.items() if k != kind.id_field}
    if kind.labelled:
        given["labels"] = {**given.get("labels", {}), **own_labels(urn, kind, inputs)}
    if "modelToUpload" in given and "parentModel" not in given:
        # A model of its own; a version of another's is the other's.
        model = given["modelToUpload"]
        given["modelToUpload"] = {**model, "labels": marks.labelled(model.get("labels"), urn)}
    made = getattr(library, kind.message)()
    json_format.ParseDict(_whole(given), type(made).pb(made))
    return made


def own_labels(urn: str, kind: Kind, inputs: dict[str, Any]) -> dict[str, str]:
    """The labels that tell whose it is and, for a run, of what definition."""
    if not kind.labelled:
        return {}
    definition = {name: value for name, value in inputs.items() if name != "labels"}
    run = {RUN_LABEL: marks.fingerprint(definition)} if kind.run else {}
    return {OWN_LABEL: marks.owner(urn), **run}


def shown(found: Any) -> dict[str, Any]:
    """The message as JSON."""
    from google.protobuf import json_format

    answer: dict[str, Any] = json_format.MessageToDict(type(found).pb(found))
    return answer


def unmarked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without mlgap's own labels."""
    found = {**answer, "labels": _theirs(answer)}
    model = answer.get("modelToUpload")
    if isinstance(model, dict) and "labels" in model:
        labels = _theirs(model)
        rest = {k: v for k, v in model.items() if k != "labels"}
        found["modelToUpload"] = {**rest, **({"labels": labels} if labels else {})}
    return found


def owner(kind: Kind, answer: dict[str, Any]) -> str:
    """What tells whose it is; without the project in a resource name, for answers may have its
    number.
    """
    at: Any = answer
    for step in kind.owner.split("."):
        at = at.get(step) if isinstance(at, dict) else None
    return re.sub(r"^projects/[^/]+/", "", str(at or ""))


def as_asked(seen: dict[str, Any]) -> dict[str, Any]:
    """Inputs without what a run that ended well filled in: which model it made, and of what.

    Source: aiplatform TrainingPipeline.modelToUpload; custom_task, baseOutputDirectory.
    """
    model, task = seen.get("modelToUpload"), seen.get("trainingTaskInputs")
    if not isinstance(model, dict) or not isinstance(task, dict):
        return seen
    folder = str(task.get("baseOutputDirectory", {}).get("outputUriPrefix", "")).rstrip("/")
    filled = {"name": model.get("name"), "artifactUri": f"{folder}/model"}
    asked = {k: v for k, v in model.items() if k not in filled or v != filled[k]}
    return {**seen, "modelToUpload": asked}


def state(found: Any) -> str:
    """The name of its state; empty for kinds that have none."""
    value = getattr(found, "state", None)
    return str(value.name) if value is not None else ""


def outputs(inputs: dict[str, Any], found: Any) -> dict[str, Any]:
    """What the engine keeps of it."""
    return {**inputs, "name": str(found.name), "state": state(found)}


def title(kind: Kind, inputs: dict[str, Any]) -> str:
    """What people know it by."""
    return str(inputs.get("displayName") or inputs.get(kind.id_field or ""))


def last(name: Any) -> str:
    """The last part of a resource name."""
    return str(name).rpartition("/")[2]


def collection(kind: Kind) -> str:
    """``modelMonitors`` in resource names."""
    return f"{kind.message[0].lower()}{kind.message[1:]}s"


def snake(name: str) -> str:
    """A field's name in the vendor's Python messages."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _theirs(answer: dict[str, Any]) -> dict[str, str]:
    return {k: v for k, v in answer.get("labels", {}).items() if not k.startswith("mlgap-")}


def _whole(value: Any) -> Any:
    """The engine's doubles as whole numbers where they are, as the JSON reader wants them."""
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
