"""What every component shares: one type-token scheme and one way to make a child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pulumi


class MlComponent(pulumi.ComponentResource):
    """Base of every component.

    Subclasses set ``kind`` to ``<cloud>:<Noun>``. The token is part of every
    child's URN, so changing it needs an alias, as does changing a child suffix.
    """

    kind: ClassVar[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        # No inputs go to the engine: they would only repeat in state what the children hold.
        super().__init__(f"mlplatform:{self.kind}", name, None, opts)
        self._name = name

    def _child(self, *suffix: str) -> str:
        """Logical name of a child: the component's name and a role, never a number."""
        return "-".join((self._name, *suffix))

    def _opts(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] | None = None,
        ignore_changes: list[str] | None = None,
        custom_timeouts: pulumi.CustomTimeouts | None = None,
        replace_on_changes: list[str] | None = None,
    ) -> pulumi.ResourceOptions:
        """Options of a child: parented here; the caller's ``opts`` are never merged in.

        Providers and ``protect`` arrive through the parent. Merging the component's
        own ``opts`` would leak its aliases to the child and replace the child's parent.
        """
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=depends_on,
            ignore_changes=ignore_changes,
            custom_timeouts=custom_timeouts,
            replace_on_changes=replace_on_changes,
        )
