"""Artifact Registry: repository ids, and the key's place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import (
    KMS_KEY,
    PROJECT,
    Grammar,
    check_all,
    same_location,
)
from mlplatform.contracts.problem import Problem

REPOSITORY_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="1 to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="cloud.google.com/artifact-registry/docs/repositories/create-repos",
)


def repository(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A repository's id and key."""
    yield from check_all(
        inputs, {"repositoryId": REPOSITORY_ID, "project": PROJECT, "kmsKeyName": KMS_KEY}
    )
    yield from same_location("kmsKeyName", inputs.get("kmsKeyName"), inputs.get("location"))
