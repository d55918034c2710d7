"""Google's discovery documents: methods, schemas, and what their prose says about a field.

The documents ship inside google-api-python-client, so compiling needs no network. They carry the
URL shapes, field types and enums as data, but "required", "immutable" and "output only" only as the
opening words of a description.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.contracts.gcp import documents

_OPENING_CHARACTERS = 90
"""The words that mark a field stand at the start; later on they speak of other fields."""

_WORDS = "Required|Optional|Input only|Identifier|Output only|Immutable|Deprecated"
_MARKS = rf"(?:\W*(?:{_WORDS})\b[.;:,\]]*\s*)*?"


@dataclass(frozen=True)
class Document:
    """One service version: `name` such as `aiplatform.v1beta1`."""

    name: str
    data: Mapping[str, Any]

    @property
    def source(self) -> str:
        """How a problem names this document."""
        return f"{self.name.replace('.', ' ')} discovery document, revision {self.data['revision']}"

    @property
    def prefix(self) -> str:
        """What stands before every method's path, with a leading slash."""
        return "/" + str(self.data.get("servicePath", ""))

    def method(self, name: str) -> Mapping[str, Any]:
        """A method by its path of collections, `projects.locations.endpoints.create`."""
        *collections, last = name.split(".")
        at: Mapping[str, Any] = self.data
        for collection in collections:
            at = at["resources"][collection]
        found: Mapping[str, Any] = at["methods"][last]
        return found

    def resolve(self, field: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that a field refers to, or the field itself."""
        found: Mapping[str, Any] = self.data["schemas"][field["$ref"]] if "$ref" in field else field
        return found


@functools.cache
def document(name: str) -> Document:
    """A bundled document, or one of our own; LookupError when there is none of that name."""
    written = documents.own(name)
    if written is not None:
        return Document(name, json.loads(written.read_text(encoding="utf-8")))
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise LookupError("google-api-python-client is not installed")
    path = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{name}.json"
    if not path.exists():
        raise LookupError(f"google-api-python-client has no document {name}")
    return Document(name, json.loads(path.read_text(encoding="utf-8")))


def marked(field: Mapping[str, Any], word: str) -> bool:
    """Does the description open with `Required.`, `Immutable.` or `Output only.`?"""
    opening = str(field.get("description", ""))[:_OPENING_CHARACTERS]
    return re.match(_MARKS + r"\W*" + word + r"\b[.;:\]]", opening, re.IGNORECASE) is not None


def computed(field: Mapping[str, Any]) -> bool:
    """Does only the service set this field? `readOnly` alone also marks some immutable inputs."""
    return marked(field, "Output only") or (
        bool(field.get("readOnly")) and not marked(field, "Immutable")
    )


def required(field: Mapping[str, Any], method: Mapping[str, Any]) -> bool:
    """Must a caller of `method` send the field, as far as the document says?"""
    return marked(field, "Required") or method["id"] in field.get("annotations", {}).get(
        "required", ()
    )
