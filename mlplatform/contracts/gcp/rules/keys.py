"""Cloud KMS: names, rotation, how long a destroyed version can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import KMS_KEY, PROJECT, Grammar, check_all
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

NAME = Grammar(
    pattern=r"[a-zA-Z0-9_-]{1,63}",
    words="1 to 63 letters, digits, _ and -",
    source="cloudkms CreateCryptoKey cryptoKeyId",
)
RING = Grammar(
    pattern=r"projects/[^/]+/locations/[^/]+/keyRings/[a-zA-Z0-9_-]{1,63}",
    words="projects/P/locations/L/keyRings/R",
    source="cloudkms KeyRing.name",
)
BOUND_KEY = Grammar(
    pattern=rf"{KMS_KEY.pattern}|(?:[^/]+/){{2,3}}[^/]+",
    words=f"{KMS_KEY.words}, P/L/R/K or L/R/K",
    source="pulumi_gcp CryptoKeyIAMMember.cryptoKeyId",
)
_DAY_S = 86_400
_ROTATION_S = (_DAY_S, 876_000 * 3_600)
_DESTROY_S = (_DAY_S, 120 * _DAY_S)


def ring(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A key ring's name."""
    yield from check_all(inputs, {"name": NAME, "project": PROJECT})


def key(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A key: its ring, its name, its times, and what only encrypting keys may have."""
    yield from check_all(inputs, {"name": NAME, "keyRing": RING})
    source = "cloudkms CryptoKey.rotationPeriod"
    yield from _within("rotationPeriod", inputs, _ROTATION_S, "24 h to 876,000 h", source)
    source = "cloudkms CryptoKey.destroyScheduledDuration"
    yield from _within("destroyScheduledDuration", inputs, _DESTROY_S, "24 h to 120 days", source)
    purpose = inputs.get("purpose") or "ENCRYPT_DECRYPT"
    if inputs.get("rotationPeriod") and not is_unknown(purpose) and purpose != "ENCRYPT_DECRYPT":
        message = f"allowed: no rotation for purpose {purpose}; only ENCRYPT_DECRYPT keys rotate"
        source = "cloudkms CryptoKey.rotationPeriod"
        yield Problem(
            path="rotationPeriod", got=inputs["rotationPeriod"], message=message, source=source
        )


def bound_key(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The key that a binding belongs to."""
    yield from BOUND_KEY.check("cryptoKeyId", inputs.get("cryptoKeyId"))


def _within(
    name: str,
    inputs: Mapping[str, Any],
    bounds_s: tuple[int, int],
    words: str,
    source: str,
) -> Iterator[Problem]:
    value = inputs.get(name)
    if not isinstance(value, str) or not value.endswith("s") or is_unknown(value):
        return
    seconds = as_number(value[:-1])
    if seconds is not None and not bounds_s[0] <= seconds <= bounds_s[1]:
        yield Problem(path=name, got=value, message=f"allowed: {words}", source=source)
