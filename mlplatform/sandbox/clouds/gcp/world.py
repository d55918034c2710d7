"""What all services share: the stored objects, policies and operations, the clock, the ids."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds.documents import Documents
from mlplatform.sandbox.clouds.gcp.refusal import Refusal

Document = dict[str, Any]


class World:
    """The state of the local cloud. All calls run under `lock`, one at a time.

    objects: `<service>/<resource name>` -> the object. policies: the same key -> IAM policy.
    operations: resource name -> a long-running operation with what it will do. meta: counters.
    blobs: the folder with the contents of stored objects, by their hash. pending: the names of
    the operations that are not done. effects: what an operation does when it is.
    """

    def __init__(self, directory: Path, delay_s: float) -> None:
        self.lock = threading.RLock()
        self.delay_s = delay_s
        self.objects = Documents(directory / "objects.journal")
        self.policies = Documents(directory / "policies.journal")
        self.operations = Documents(directory / "operations.journal")
        self.meta = Documents(directory / "meta.journal")
        self.blobs = directory / "blobs"
        self.blobs.mkdir(exist_ok=True)
        self.effects: dict[str, Callable[[Document], Document]] = {}
        self.pending = {name for name, o in self.operations.items() if not o["done"]}

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            for documents in (self.objects, self.policies, self.operations, self.meta):
                documents.clear()
            self.pending.clear()
            for blob in self.blobs.iterdir():
                blob.unlink()

    def next_number(self) -> int:
        """A number that no other object of this cloud has; the first is 1000000000000000001."""
        count = int(self.meta.get("numbers", {}).get("count", 0)) + 1
        self.meta["numbers"] = {"count": count}
        return 10**18 + count

    def etag(self) -> str:
        """A new etag, base64 as IAM wants it."""
        return base64.b64encode(self.next_number().to_bytes(8, "big")).decode()

    def get(self, key: str, what: str = "") -> Document:
        """An object; Refusal NOT_FOUND when there is none."""
        found = self.objects.get(key)
        if found is None:
            name = what or key.partition("/")[2]
            raise Refusal("NOT_FOUND", f'The resource "{name}" was not found.')
        return found

    def children(self, prefix: str) -> Iterator[tuple[str, Document]]:
        """The objects whose key starts with a prefix, in the order of their creation."""
        for key in self.objects:
            if key.startswith(prefix):
                yield key, self.objects[key]

    def fresh(self, created_at: float) -> bool:
        """Is something so new that other services do not know of it yet?"""
        return time.time() < created_at + self.delay_s

    @staticmethod
    def now() -> str:
        """The time as Google writes it."""
        return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    @staticmethod
    def project_number(project: str) -> str:
        """The number of a project: the same for the same id, on every machine."""
        if project.isdigit():
            return project
        return str(int(hashlib.sha256(project.encode()).hexdigest()[:10], 16) % 10**12 + 10**11)
