"""Physical names that are known at preview, within the length each cloud allows."""

from __future__ import annotations

import hashlib

PREFIX = "ml"
"""First part of every physical name, so that a person sees in a console whose it is."""

_HASH_LENGTH = 6


def physical_name(*parts: str, max_length: int, separator: str = "-") -> str:
    """``ml<separator>`` and the parts joined, shortened with a stable hash when too long.

    The hash is of the whole name, so two long names that share a beginning stay
    apart, and the same parts give the same name on every machine and in every run.

    Raises ``ValueError`` when ``max_length`` leaves no room for a name and its hash.
    """
    name = separator.join((PREFIX, *parts))
    if len(name) <= max_length:
        return name
    room = max_length - len(separator) - _HASH_LENGTH
    if room < len(PREFIX) + 1:
        raise ValueError(f"max_length: got {max_length}, need at least {_HASH_LENGTH + 4}")
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return name[:room].rstrip(separator) + separator + digest
