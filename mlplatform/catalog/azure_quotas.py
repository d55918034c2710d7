"""Quotas of Azure ML compute: which family a VM size counts in, and what endpoints need on top.

Sources: "Managed online endpoints SKU list" in Microsoft's documentation, as read in 2026 (family,
cores and "Skip 20% Reservation" of each size); "Manage and increase quotas" (the reservation; one
pool for low priority); REST reference of Microsoft.Quota (the name of that pool).
"""

from __future__ import annotations

import re

from mlplatform.catalog import azure as catalog

LOW_PRIORITY = "TotalLowPriorityCores"
"""All families share it; its default is above 0, unlike that of families with accelerators."""

_FAMILIES = {
    r"NC\d+as_T4_v3": "standard NCASv3_T4 Family",
    r"NC\d+ads_A100_v4": "standardNCADSA100v4Family",
    r"NC\d+adi?s_H100_v5": "standardNCADSH100v5Family",
    r"ND96asr_v4": "standard NDASv4_A100 Family",
    r"ND96amsr_A100_v4": "standard NDAMSv4_A100Family",
    r"ND96isr?_H100_v5": "standardNDv5H100Family",
    r"ND40rs_v2": "standardNDSv2Family",
    r"NV\d+adm?s_A10_v5": "standardNVADSA10v5Family",
    r"DS\d_v2": "standardDSv2Family",
    r"F\d+s_v2": "standardFSv2Family",
    r"FX\d+mds": "standardFXMDVSFamily",
    r"L\d+s_v3": "standardLSv3Family",
    r"L\d+as_v3": "standardLASv3Family",
    r"L\d+s_v2": "standardLSv2Family",
}
_GENERAL = re.compile(r"Standard_([DE])\d+([a-z]+)_v(\d)")
"""The families of D and E have their sizes' letters in their names: `standardDASv4Family`."""


def family(size: str) -> str | None:
    """The family that a size counts in, as Azure ML's usages name it; None when unknown."""
    for pattern, name in _FAMILIES.items():
        if re.fullmatch(f"Standard_{pattern}", size):
            return name
    general = _GENERAL.fullmatch(size)
    if general is None:
        return None
    letter, kind, version = general.groups()
    return f"standard{letter}{kind.upper()}v{version}Family"


def same(one: str, other: str) -> bool:
    """Whether two texts name one quota: Azure writes families with and without spaces."""
    return _bare(one) == _bare(other)


def names() -> tuple[str, ...]:
    """Every quota that a size of the catalogue counts in."""
    found = {family(size) for size in catalog.instance_types()}
    return tuple(sorted({name for name in found if name is not None} | {LOW_PRIORITY}))


def begins_at_nothing(quota: str) -> bool:
    """True for families with accelerators: 0 until somebody raises them."""
    return any(
        machine.accelerator is not None
        for size in catalog.instance_types()
        if same(family(size) or "", quota) and (machine := catalog.machine(size)) is not None
    )


def served_instances(size: str, instances: int) -> int:
    """Instances that a managed online deployment counts for.

    Azure ML keeps a fifth more for upgrades, rounded up for each deployment, but for sizes that
    the list exempts.
    """
    if _exempt(size):
        return instances
    return -(-instances * 6 // 5)


def _exempt(size: str) -> bool:
    return re.fullmatch(r"Standard_(NC\d+adi?s_(A100|H100)_v\d|ND\d.*)", size) is not None


def _bare(text: str) -> str:
    return re.sub(r"[\s_]", "", text).lower()
