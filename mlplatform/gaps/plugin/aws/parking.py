"""Keeps snapshots of autoscaling where a kill cannot lose them: as tags beside the variant.

While a variant's autoscaling is taken off, nothing else in the world knows its bounds and policies.
Memory and the engine's state are lost with the process; tags stay. A snapshot is compressed JSON in
base64, cut to the length of a tag's value. The checksum in the compressed form keeps half a
snapshot from being taken for a whole one.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections import defaultdict
from collections.abc import Mapping

from mlplatform.gaps.plugin.aws import tags
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.scaling import Snapshot

PREFIX = f"{tags.OWN_PREFIX}parked/"


def as_tags(variant: str, taken: Snapshot) -> dict[str, str]:
    """The tags that keep one variant's snapshot."""
    text = json.dumps(taken, separators=(",", ":"), sort_keys=True)
    data = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    longest = tags.VALUE_LONGEST
    pieces = [data[start : start + longest] for start in range(0, len(data), longest)]
    return {f"{PREFIX}{variant}/{n}": piece for n, piece in enumerate(pieces)}


def store(
    cloud: AwsCloud, arn: str, snapshots: Mapping[str, Snapshot], present: dict[str, str]
) -> None:
    """Park ``snapshots`` on an object.

    Args:
        present: all tags that the object has; changed along.

    Raises:
        ProviderError: the object would have too many tags; its snapshots are as they were.
    """
    wanted = {k: v for name, taken in snapshots.items() for k, v in as_tags(name, taken).items()}
    tags.add(cloud, arn, wanted, present)
    present.update(wanted)
    # A longer snapshot from before would leave pieces behind the new one.
    starts = tuple(f"{PREFIX}{name}/" for name in snapshots)
    drop(cloud, arn, {k for k in present if k.startswith(starts) and k not in wanted}, present)


def drop(cloud: AwsCloud, arn: str, gone: set[str], present: dict[str, str]) -> None:
    """Take the tags ``gone`` off an object that has the tags ``present``, which change along."""
    tags.remove(cloud, arn, gone)
    for key in gone:
        del present[key]


def keys(present: Mapping[str, str]) -> set[str]:
    """The keys among ``present`` that keep snapshots."""
    return {key for key in present if key.startswith(PREFIX)}


def read(present: Mapping[str, str]) -> dict[str, Snapshot]:
    """Variant name: snapshot, for every whole one among ``present``.

    Half a one is left out: its variant is still registered (the tags come first), or is registered
    again (they go last).
    """
    pieces: dict[str, dict[int, str]] = defaultdict(dict)
    for key in keys(present):
        variant, _, number = key.removeprefix(PREFIX).rpartition("/")
        if number.isdecimal():
            pieces[variant][int(number)] = present[key]
    found = {variant: _snapshot(parts) for variant, parts in pieces.items()}
    return {variant: taken for variant, taken in found.items() if taken is not None}


def _snapshot(parts: Mapping[int, str]) -> Snapshot | None:
    data = "".join(parts[n] for n in sorted(parts))
    try:
        packed = base64.b64decode(data, validate=True)
        taken: Snapshot = json.loads(zlib.decompress(packed))
    except (binascii.Error, zlib.error, ValueError):
        return None
    return taken
