"""What handlers work on: our own objects, moto's objects, and how long a transition lasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds.aws.moto_cloud import MotoCloud
from mlplatform.sandbox.clouds.documents import Document, Documents

Place = tuple[str, str]
"""Account and region."""


class World:
    """The state of the local AWS in ``directory``. ``delay_s``: see ``frame.Options``."""

    def __init__(self, directory: Path, delay_s: float) -> None:
        self.delay_s = delay_s
        self.documents = Documents(directory / "documents")
        self.moto = MotoCloud(directory)

    def table(self, place: Place, kind: str) -> Table:
        return Table(self.documents, f"{place[0]}/{place[1]}/{kind}/")

    def everywhere(self, kind: str) -> Iterator[tuple[Place, str, Document]]:
        """Every object of a kind in all accounts and regions: place, name, document."""
        for key in self.documents:
            account, region, found, name = key.split("/", 3)
            if found == kind:
                yield (account, region), name, self.documents[key]

    def reset(self) -> None:
        with self.documents.lock:
            self.documents.clear()
            self.moto.reset()


class Table:
    """The objects of one kind in one account and region, by name, oldest first."""

    def __init__(self, documents: Documents, prefix: str) -> None:
        self._documents = documents
        self._prefix = prefix

    def get(self, name: str) -> dict[str, Any] | None:
        try:
            return self._documents[self._prefix + name]
        except KeyError:
            return None

    def put(self, name: str, document: dict[str, Any]) -> None:
        self._documents[self._prefix + name] = document

    def drop(self, name: str) -> None:
        self._documents.pop(self._prefix + name, None)

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for key in self._documents:
            if key.startswith(self._prefix):
                yield key.removeprefix(self._prefix), self._documents[key]

    def values(self) -> Iterator[dict[str, Any]]:
        for _, document in self.items():
            yield document
