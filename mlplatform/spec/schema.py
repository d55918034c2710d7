"""The JSON Schema of a stack file, for editors: ``python -m mlplatform.spec.schema [--check]``.

It comes from the same models that read the configuration, with the catalogue's names added where
an editor can complete them. It describes the whole file, since editors see nothing less; keys of
other namespaces (``aws:region``) and Pulumi's own are let through.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mlplatform.catalog import aws, azure, frameworks, gcp, regions
from mlplatform.spec.models.spec import NOT_BUILT, SpecModel
from mlplatform.spec.parsing import NAMESPACE

FILE = Path(__file__).resolve().parents[2] / "docs" / "config.schema.json"
_NOT_BUILT_YET = "Not built in this version: refused when given."
_PROTECT = {
    "type": "boolean",
    "default": False,
    "description": "True keeps keys and stores from being deleted until protection is lifted.",
}
_PULUMI_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt", "environment")


def json_schema() -> dict[str, Any]:
    """The schema of ``Pulumi.<stack>.yaml``."""
    spec = SpecModel.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = spec["$defs"]
    for name, key, choices in _choices():
        _offer(definitions[name]["properties"][key], choices)
    _mark_not_built(spec)
    _drop_titles(spec)
    _close_mappings(spec)
    properties = {f"{NAMESPACE}{key}": value for key, value in spec["properties"].items()}
    properties[f"{NAMESPACE}protect"] = _PROTECT
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pulumi.<stack>.yaml of mlplatform",
        "type": "object",
        "required": ["config"],
        "additionalProperties": False,
        "properties": {
            "config": {
                "type": "object",
                "required": [f"{NAMESPACE}{key}" for key in spec["required"]],
                "properties": properties,
                "propertyNames": {
                    "anyOf": [
                        {"enum": sorted(properties)},
                        {"not": {"pattern": f"^{NAMESPACE}"}},
                    ]
                },
            },
            **{key: {"description": "Written by Pulumi."} for key in _PULUMI_KEYS},
        },
        "$defs": definitions,
    }


def text() -> str:
    """The schema as it is committed."""
    return json.dumps(json_schema(), indent=1) + "\n"


def _choices() -> Iterator[tuple[str, str, Iterable[str]]]:
    accelerators = {*aws.BY_ACCELERATOR, *azure.BY_ACCELERATOR, *gcp.ACCELERATORS}
    yield "AwsModel", "region", regions.AWS
    yield "GcpModel", "region", regions.GCP
    yield "AzureModel", "location", regions.AZURE
    yield "AwsEndpointModel", "instance_type", aws.endpoint_types()
    yield "GcpEndpointModel", "machine_type", gcp.machine_types()
    yield "AzureEndpointModel", "instance_type", azure.instance_types()
    yield "EndpointModel", "accelerator", accelerators
    yield "SubstitutableModel", "want", accelerators
    yield "SubstitutableModel", "or", accelerators
    clouds = ("aws", "gcp", "azure")
    versions = {v for f in frameworks.FRAMEWORKS for c in clouds for v in frameworks.versions(f, c)}
    yield "ModelModel", "version", versions


def _offer(field: dict[str, Any], choices: Iterable[str]) -> None:
    """Completions for a text. Hints, not a limit: the reader knows which go together."""
    target = next((kind for kind in field.get("anyOf", ()) if kind.get("type") == "string"), field)
    target["examples"] = sorted(choices)


def _mark_not_built(spec: dict[str, Any]) -> None:
    for pattern in NOT_BUILT:
        at = spec
        field: dict[str, Any] = {}
        for key in pattern.split("."):
            field = _named(at) if key == "*" else at["properties"][key]
            at = _definition(field, spec["$defs"])
        said = field.get("description", "")
        field["description"] = f"{said} {_NOT_BUILT_YET}".strip()


def _named(mapping: dict[str, Any]) -> dict[str, Any]:
    """What a mapping from names that the user chooses holds."""
    found: dict[str, Any] = next(iter(mapping["patternProperties"].values()))
    return found


def _close_mappings(node: Any) -> None:
    """A name that the pattern does not allow is refused by the reader, so here too."""
    if isinstance(node, dict):
        if "patternProperties" in node:
            node["additionalProperties"] = False
        for value in node.values():
            _close_mappings(value)


def _definition(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for kind in (field, *field.get("anyOf", ())):
        if "$ref" in kind:
            found: dict[str, Any] = definitions[kind["$ref"].rsplit("/", 1)[1]]
            return found
    return field


def _drop_titles(node: Any) -> None:
    """Pydantic repeats each key as a title, which editors show instead of the description."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str):
            del node["title"]
        for value in node.values():
            _drop_titles(value)
    elif isinstance(node, list):
        for value in node:
            _drop_titles(value)


def main(arguments: list[str]) -> int:
    """Write the schema; with ``--check`` only say whether it is up to date."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m mlplatform.spec.schema [--check]", file=sys.stderr)
        return 2
    made = text()
    if not arguments:
        FILE.write_text(made)
        return 0
    if FILE.exists() and FILE.read_text() == made:
        return 0
    print(f"docs/{FILE.name} is stale; run python -m mlplatform.spec.schema", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
