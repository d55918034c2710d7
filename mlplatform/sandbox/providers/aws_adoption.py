"""Knowing one's own: which named objects an interrupted run of the sandbox was creating.

When a run is killed between AWS's answer and the engine's record of it, the object exists and the
state does not know it; the next create then meets "already exists". A journal in the sandbox's
folder tells an object that the same resource was creating from one that is somebody else's.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

_NAME = "created-aws.jsonl"


def note(urn: str, id_: str) -> None:
    """Remember, before the call, that this resource is about to create this object."""
    journal = _journal()
    if journal is not None:
        # One short line in append mode: several provider processes may write at once.
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps([urn, id_]) + "\n")


def ours(urn: str, id_: str) -> bool:
    """True when this very resource was creating this very object before."""
    journal = _journal()
    if journal is None or not journal.exists():
        return False
    wanted = json.dumps([urn, id_])
    return wanted in journal.read_text(encoding="utf-8").splitlines()[:-1]


def _journal() -> Path | None:
    folder = os.environ.get("MLP_SANDBOX_DIR")
    return Path(folder) / _NAME if folder and Path(folder).is_dir() else None
