"""Resource group that holds everything of one environment.

Creates, for a component named ``NAME``:

========  ============================================  ======
child     type                                          when
========  ============================================  ======
``NAME``  azure-native:resources:ResourceGroup          always
========  ============================================  ======
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import resources

from components.azure.place import Place
from components.core.base import MlComponent


@dataclass(frozen=True, kw_only=True)
class GroupArgs:
    """What a caller decides."""

    place: Place
    tags: Mapping[str, str] = field(default_factory=dict)


class Group(MlComponent):
    """One resource group."""

    kind = "azure:Group"

    def __init__(
        self, name: str, args: GroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.group = resources.ResourceGroup(
            name,
            resource_group_name=args.place.resource_group,
            location=args.place.location,
            tags=dict(args.tags),
            opts=self._opts(),
        )
        self.register_outputs({"group_id": args.place.group_id})
