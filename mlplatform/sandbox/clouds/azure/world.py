"""The state of the local Azure: resources, principals, operations that are still going on."""

from __future__ import annotations

import copy
import datetime
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds.azure.store import Store

Json = dict[str, Any]

TENANT = os.environ.get("MLP_SANDBOX_AZURE_TENANT_ID", "00000000-0000-0000-0000-0000000000aa")
SUBSCRIPTION = os.environ.get(
    "MLP_SANDBOX_AZURE_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000001"
)
"""Those of the stack, where it names its own. Every subscription is served."""
DEPLOYER = "00000000-0000-0000-0000-0000000000dd"
"""Object id of the principal that the sandbox's token stands for."""

_RESOURCES = "resources"
_PRINCIPALS = "principals"
_MAKERS = "makers"


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class World:
    """All state, behind one lock: take it for the whole of a request."""

    def __init__(self, folder: Path, *, delay_s: float) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.store = Store(folder / "journal")
        self.delay_s = delay_s
        """How long transitional states last, and how long a principal stays unknown."""
        self.arm_endpoint = ""
        self.blob_endpoint = ""
        """Both `https://localhost:PORT`, set when the servers listen."""

    # -- resources ------------------------------------------------------------------------------

    def get(self, id_: str) -> Json | None:
        """A copy of the resource as Azure would show it."""
        found = self.store.get(_RESOURCES, id_.lower().rstrip("/"))
        return copy.deepcopy(found)

    def exists(self, id_: str) -> bool:
        return self.store.get(_RESOURCES, id_.lower().rstrip("/")) is not None

    def put(self, resource: Json) -> None:
        self.store.put(_RESOURCES, str(resource["id"]).lower(), resource)

    def delete(self, id_: str) -> None:
        self.store.delete(_RESOURCES, id_.lower())
        self.store.delete(_MAKERS, id_.lower())

    def maker(self, id_: str) -> str:
        """Who made the resource, as its maker named itself; empty when it did not."""
        row = self.store.get(_MAKERS, id_.lower())
        return str(row["maker"]) if row else ""

    def set_maker(self, id_: str, maker: str) -> None:
        self.store.put(_MAKERS, id_.lower(), {"maker": maker})

    def resources(self) -> Iterator[Json]:
        """Every resource, in the order of their ids."""
        for _, resource in self.store.items(_RESOURCES):
            yield resource

    def inside(self, id_: str) -> list[Json]:
        """Everything below an id, extension resources too."""
        below = id_.lower().rstrip("/") + "/"
        return [r for r in self.resources() if str(r["id"]).lower().startswith(below)]

    def of_type(self, type_: str, scope: str = "") -> list[Json]:
        """All resources of a type at or below a scope."""
        low, start = type_.lower(), scope.lower().rstrip("/") + "/"
        return [
            r
            for r in self.resources()
            if str(r["type"]).lower() == low and str(r["id"]).lower().startswith(start)
        ]

    # -- principals -----------------------------------------------------------------------------

    def principal_of(self, owner: str) -> str:
        """The principal of an identity; made when the owner has none yet."""
        row = self.store.get(_PRINCIPALS, owner.lower())
        if row is None:
            row = {"id": str(uuid.uuid4()), "client": str(uuid.uuid4()), "since": time.time()}
            self.store.put(_PRINCIPALS, owner.lower(), row)
        return str(row["id"])

    def client_of(self, owner: str) -> str:
        self.principal_of(owner)
        row = self.store.get(_PRINCIPALS, owner.lower())
        assert row is not None
        return str(row["client"])

    def forget_principal(self, owner: str) -> None:
        """A deleted identity; one of the same name later is another principal."""
        self.store.delete(_PRINCIPALS, owner.lower())

    def principal_age_s(self, principal: str) -> float | None:
        """How long the directory has known a principal; None when it does not know it."""
        if principal.lower() == DEPLOYER:
            return float("inf")
        for _, row in self.store.items(_PRINCIPALS):
            if row["id"] == principal.lower():
                return time.time() - float(row["since"])
        return None

    def reset(self) -> None:
        """Nothing exists any more, no blob either."""
        with self.lock:
            self.store.clear()
            shutil.rmtree(self.folder / "blobs", ignore_errors=True)
