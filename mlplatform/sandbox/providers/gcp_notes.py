"""Who made what: notes that outlive a killed run, so that its objects are adopted, not refused.

A run that is killed between a create call and the engine's own record leaves an object that the
next run would meet as "already exists". The note, written before the call, says whose it is; an
object of anyone else is still refused, as the real service refuses it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

FOLDER = "MLP_SANDBOX_DIR"


class Notes:
    """Notes in the sandbox's folder; without one nothing is noted and nothing adopted."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        folder = environ.get(FOLDER)
        self._folder = Path(folder) / "notes" / "gcp" if folder else None

    def mine(self, ident: str, urn: str) -> bool:
        """Did an earlier run set out to make this very object for this resource?"""
        path = self._path(ident)
        if path is None or not path.exists():
            return False
        found = json.loads(path.read_text(encoding="utf-8"))
        return bool(found["urn"] == urn)

    def write(self, ident: str, urn: str) -> None:
        """Note that the object is about to be made."""
        path = self._path(ident)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_suffix(f".{os.getpid()}")
            aside.write_text(json.dumps({"id": ident, "urn": urn}), encoding="utf-8")
            aside.replace(path)

    def erase(self, ident: str) -> None:
        """The object is gone."""
        path = self._path(ident)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, ident: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{hashlib.sha256(ident.encode()).hexdigest()[:32]}.json"
