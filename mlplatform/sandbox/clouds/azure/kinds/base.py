"""What a resource type may do beyond what every type does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlplatform.sandbox.clouds.azure.address import Address
from mlplatform.sandbox.clouds.azure.world import Json, World


@dataclass(frozen=True, kw_only=True)
class Write:
    """One PUT or PATCH: what was there, and what shall be (PATCH: merged already)."""

    address: Address
    old: Json | None
    new: Json

    @property
    def properties(self) -> Json:
        found = self.new.get("properties")
        return found if isinstance(found, dict) else {}

    @property
    def old_properties(self) -> Json:
        found = (self.old or {}).get("properties")
        return found if isinstance(found, dict) else {}


class Kind:
    """The behaviour of most types; sub-classes say what is different.

    slow: creating and changing takes a while, with a provisioning state. slow_delete: deleting
    does. created, updated: status codes of a PUT. regional: `location` is required.
    """

    slow = False
    slow_delete = False
    created = 201
    updated = 200
    deleted = 200
    regional = False
    has_state = True
    runs_for = 0.0
    """What it makes goes on after the answer, and comes to an end of its own: after this many times
    as long as a transitional state takes; 0 = it does not."""
    patchable: tuple[str, ...] | None = None
    """Members that a PATCH may carry; None = any."""
    purged_by: str | None = None
    """Query parameter of a DELETE that leaves nothing to take back."""

    def before_write(self, world: World, write: Write) -> None:
        """Refuse by raising ArmError, or change `write.new`."""

    def fill(self, world: World, write: Write) -> None:
        """Set what the service fills in, in `write.new`."""

    def before_delete(self, world: World, resource: Json) -> None:
        """Refuse by raising ArmError."""

    def after_delete(self, world: World, resource: Json) -> None:
        """Clean up what lies elsewhere."""

    def after_success(self, world: World, resource: Json) -> None:
        """What happens once a slow write has ended well."""

    def after_run(self, world: World, resource: Json, error: Json | None) -> None:
        """The end of what runs; error: what it shall fail with."""

    def keeps(self, world: World, write: Write) -> bool:
        """True when a PUT on an existing resource changes nothing at all."""
        del world, write
        return False

    def missing_parent(self, world: World, address: Address) -> Json | None:
        """A parent that the service makes by itself, or None."""
        del world, address
        return None


class Slow(Kind):
    """Creating, changing and deleting take a while."""

    slow = True
    slow_delete = True


def sub(body: Any, *steps: str) -> Any:
    """A value inside nested objects; None when a step is missing."""
    for step in steps:
        body = body.get(step) if isinstance(body, dict) else None
    return body
