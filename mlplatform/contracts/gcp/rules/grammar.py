"""Grammars that several Google services share: names, members, roles, keys, URIs.

Each is a `Grammar`: the pattern, what is allowed in words, and the page it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """What one text value may be."""

    pattern: str
    words: str
    source: str

    def check(self, path: str, value: Any) -> Iterator[Problem]:
        """The problem with a known, non-empty text that does not match."""
        if not isinstance(value, str) or not value or is_unknown(value):
            return
        if re.fullmatch(self.pattern, value) is None:
            yield Problem(
                path=path, got=value, message=f"allowed: {self.words}", source=self.source
            )


def check_all(inputs: Mapping[str, Any], grammars: Mapping[str, Grammar]) -> Iterator[Problem]:
    """Each top-level property against its grammar."""
    for name, grammar in grammars.items():
        yield from grammar.check(name, inputs.get(name))


PROJECT = Grammar(
    pattern=r"(?:[a-z][a-z0-9.-]*[a-z0-9]:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d+",
    words="a project id: 6 to 30 lower-case letters, digits and dashes, or a project number",
    source="cloud.google.com/resource-manager/docs/creating-managing-projects",
)

SERVICE_ACCOUNT_EMAIL = Grammar(
    pattern=r"[a-z0-9-]+@[a-z0-9.-]+\.(?:iam\.)?gserviceaccount\.com",
    words="a service account's address, name@project.iam.gserviceaccount.com",
    source="cloud.google.com/iam/docs/service-account-overview",
)

KMS_KEY = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+",
    words="projects/P/locations/L/keyRings/R/cryptoKeys/K",
    source="aiplatform EncryptionSpec.kmsKeyName",
)

GCS_URI = Grammar(
    pattern=r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](?:/\S*)?",
    words="gs://BUCKET/PATH",
    source="cloud.google.com/storage/docs/buckets#naming",
)

IMAGE_URI = Grammar(
    pattern=(
        r"(?:[a-z0-9.-]+-docker\.pkg\.dev/[^/\s:@]+(?:/[a-z0-9._-]+)+"
        r"|(?:[a-z]+\.)?gcr\.io(?:/[a-z0-9._-]+)+)"
        r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
    ),
    words="an image in Artifact Registry, LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG",
    source="aiplatform ModelContainerSpec.imageUri",
)


def key_location(key: Any) -> str | None:
    """The location inside a known key name."""
    if not isinstance(key, str) or is_unknown(key):
        return None
    found = re.match(r"projects/[^/]+/locations/([^/]+)/", key)
    return found[1] if found is not None else None


def same_location(
    path: str, key: Any, location: Any, *, source: str = KMS_KEY.source
) -> Iterator[Problem]:
    """A key must live where the resource lives."""
    at = key_location(key)
    if at is None or not isinstance(location, str) or is_unknown(location):
        return
    if at.lower() != location.lower():
        message = f"allowed: a key in {location}, where the resource is"
        yield Problem(path=path, got=key, message=message, source=source)
