"""What a resource type and a cloud of mlgap answer. The words are those of ``provider.model``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mlplatform.provider.model import Context, Diff, Failure


class Cloud(Protocol):
    """One cloud's configuration and clients, shared by its resources; used by many threads."""

    @staticmethod
    def check(config: Mapping[str, Any]) -> list[Failure]:
        """All that is wrong with the cloud's configuration; values may be unknown."""
        ...

    def __init__(self, config: Mapping[str, Any]) -> None: ...

    def verify(self, warn: Callable[[str], None]) -> None:
        """Refuse credentials of another account as early as they can be seen.

        Called once when the provider is configured, in previews too. Without usable credentials
        it does nothing, or warns: a preview needs none.

        Raises:
            ProviderError: the credentials belong to another account.
        """
        ...


class Resource(Protocol):
    """One resource type. Made once for each call; see ``Provider`` for what each call means."""

    def __init__(self, cloud: Any) -> None: ...

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]: ...

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff: ...

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]: ...

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]: ...

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]: ...

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None: ...
