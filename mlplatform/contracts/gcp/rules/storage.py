"""Cloud Storage: bucket and object names, retention times, the default key's place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import (
    KMS_KEY,
    PROJECT,
    check_all,
    key_location,
)
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

NAMING = "cloud.google.com/storage/docs/buckets#naming"
_DAY_S = 86_400
_SOFT_DELETE_S = (7 * _DAY_S, 90 * _DAY_S)
_LONGEST_OBJECT_BYTES = 1024
_MULTI_REGIONS = {"US": "us", "EU": "europe", "ASIA": "asia"}


def bucket(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A bucket."""
    yield from check_all(inputs, {"project": PROJECT})
    logging = inputs.get("logging")
    named = {
        "name": inputs.get("name"),
        "logging.logBucket": logging.get("logBucket") if isinstance(logging, Mapping) else None,
    }
    for path, name in named.items():
        if isinstance(name, str) and name and not is_unknown(name):
            wrong = wrong_bucket_name(name)
            if wrong is not None:
                yield Problem(path=path, got=name, message=wrong, source=NAMING)
    yield from _encryption(inputs)
    yield from _soft_delete(inputs)


def stored_object(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An object: its name, and exactly one of file and text."""
    name = inputs.get("name")
    source = "cloud.google.com/storage/docs/objects#naming"
    if isinstance(name, str) and name and not is_unknown(name):
        if len(name.encode()) > _LONGEST_OBJECT_BYTES:
            message = f"allowed: at most {_LONGEST_OBJECT_BYTES} bytes"
            yield Problem(path="name", got=name, message=message, source=source)
        if "\n" in name or "\r" in name or name in (".", ".."):
            message = "allowed: no line break, and neither . nor .."
            yield Problem(path="name", got=name, message=message, source=source)
    given = [key for key in ("source", "content") if inputs.get(key) is not None]
    if len(given) != 1:
        message = "allowed: exactly one of source and content"
        got = " and ".join(given) or None
        yield Problem(path="source", got=got, message=message, source="pulumi_gcp BucketObject")
    yield from KMS_KEY.check("kmsKeyName", _without_version(inputs.get("kmsKeyName")))


def wrong_bucket_name(name: str) -> str | None:
    """What is wrong with a bucket's name; None when it is good."""
    longest = 222 if "." in name else 63
    if not 3 <= len(name) <= longest or any(len(part) > 63 for part in name.split(".")):
        return "allowed: 3 to 63 characters (222 with dots, 63 between them)"
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*[a-z0-9]", name) or ".." in name:
        return "allowed: lower-case letters, digits, -, _ and ., first and last a letter or digit"
    if name.startswith("goog") or re.search("google|g00gle", name):
        return "allowed: no name that starts with goog or contains google"
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        return "allowed: no IP address"
    return None


def _encryption(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    encryption = inputs.get("encryption")
    if not isinstance(encryption, Mapping):
        return
    path, key = "encryption.defaultKmsKeyName", encryption.get("defaultKmsKeyName")
    yield from KMS_KEY.check(path, key)
    at, location = key_location(key), inputs.get("location")
    if at is None or not isinstance(location, str) or is_unknown(location):
        return
    if _MULTI_REGIONS.get(location.upper(), location.lower()) != at.lower():
        message = f"allowed: a key in the bucket's location {location}"
        source = "cloud.google.com/storage/docs/encryption/customer-managed-keys#key-locations"
        yield Problem(path=path, got=key, message=message, source=source)


def _soft_delete(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    policy = inputs.get("softDeletePolicy")
    if not isinstance(policy, Mapping):
        return
    seconds = as_number(policy.get("retentionDurationSeconds"))
    if seconds is None or seconds == 0:
        return
    if not _SOFT_DELETE_S[0] <= seconds <= _SOFT_DELETE_S[1]:
        message = "allowed: 0 (off), or 604800 to 7776000 seconds (7 to 90 days)"
        source = "cloud.google.com/storage/docs/soft-delete"
        path = "softDeletePolicy.retentionDurationSeconds"
        yield Problem(path=path, got=seconds, message=message, source=source)


def _without_version(key: Any) -> Any:
    return re.sub(r"/cryptoKeyVersions/\d+$", "", key) if isinstance(key, str) else key
