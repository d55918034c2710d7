"""Model archives, unpacked: Vertex AI reads a folder of files, not a ``model.tar.gz``.

Source: aiplatform Model.artifactUri ("the path to the directory containing the Model artifact").
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

ENDINGS = (".tar.gz", ".tgz", ".tar")


def is_archive(path: Path) -> bool:
    """Does the file's name say that it is an archive?"""
    return path.name.endswith(ENDINGS)


def unpacked(path: Path, sha256: str) -> list[tuple[str, Path]]:
    """(name inside, file on disk) of every file in an archive, by name.

    The files lie in the user's temporary folder, under the archive's hash: the engine reads them
    after the program has ended. Unpacked aside and moved, so that two runs can do it at once.

    Raises ``tarfile.TarError`` for a file that is no archive, or one that would write outside.
    """
    target = Path(tempfile.gettempdir()) / f"mlplatform-{os.getuid()}" / sha256
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target.parent))
        with tarfile.open(path) as archive:
            _extract(archive, aside)
        try:
            aside.rename(target)
        except OSError:
            shutil.rmtree(aside)  # another run was faster
    files = sorted(file for file in target.rglob("*") if file.is_file())
    return [(file.relative_to(target).as_posix(), file) for file in files]


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """No names out of the folder, no links out of it, no devices.

    Python knows the filter from 3.11.4 on; before it, only folders and plain files are taken.
    """
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    for member in archive.getmembers():
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.ExtractError(f"{member.name} is no file inside the archive's folder")
    archive.extractall(folder)
