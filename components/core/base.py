"""What every component shares: one type-token scheme and one way to make a child."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

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

    def register_outputs(self, outputs: Mapping[str, Any]) -> None:
        """The last line of a constructor: what was made until here is what others wait for."""
        self._constructed = frozenset(self._childResources)
        super().register_outputs(outputs)

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

        To depend on a component is to wait for what its constructor made. The SDK would add what
        came later, as every workload's uploads to the one store: all would wait for all, and the
        list of each would grow with the stack.

        Providers and ``protect`` arrive through the parent. Merging the component's
        own ``opts`` would leak its aliases to the child and replace the child's parent.
        """
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=None if depends_on is None else list(_settled(depends_on)),
            ignore_changes=ignore_changes,
            custom_timeouts=custom_timeouts,
            replace_on_changes=replace_on_changes,
        )


def _settled(waited_for: Iterable[pulumi.Resource]) -> Iterator[pulumi.Resource]:
    """Components replaced by what they are made of, those inside them too."""
    for one in waited_for:
        if isinstance(one, MlComponent):
            yield from _settled(one._constructed)
        else:
            yield one
