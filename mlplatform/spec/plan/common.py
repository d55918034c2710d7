"""Parts of the plan that every cloud has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Who pays and who answers for everything in this environment."""

    project: str
    owner: str
    cost_center: str
    data_class: str = "internal"
    auto_shutdown: bool = False
    backup_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A trained model: local files that the stack uploads, or a URI where it already is."""

    uri: str | None = None
    path: Path | None = None
    """A file, or a folder whose files are all uploaded."""
    sha256: str | None = None
    """Of the local content, hexadecimal."""
    object_key: str | None = None
    """Key of a file's upload; prefix of a folder's, without a last ``/``. It contains the content
    hash, so that a new model is a change that a preview shows."""
    files: tuple[tuple[str, Path], ...] = ()
    """Each local file: its key and where it is."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What one cloud cannot do as asked, and the nearest thing that it has."""

    cloud: str
    workload: str
    path: str
    """Where it is written in the stack file."""
    asked: str
    given: str
    reason: str
