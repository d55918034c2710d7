"""VM sizes of Azure ML managed online endpoints.

Source: "Managed online endpoints VM SKU list" in Microsoft's documentation, as read in 2026. The
list names families that Azure ML serves from; a subscription's quota decides what is really there.
Sizes that are gone, or will be: `azure_retired`.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from mlplatform.catalog import azure_retired
from mlplatform.catalog.machine import Machine

AS_OF = date(2026, 11, 21)
SOURCE = (
    'Microsoft documentation, "Managed online endpoints VM SKU list" and "Retired sizes", as read '
    "in 2026"
)

_GPU = {
    "Standard_NC4as_T4_v3": ("T4", 1, 4),
    "Standard_NC8as_T4_v3": ("T4", 1, 8),
    "Standard_NC16as_T4_v3": ("T4", 1, 16),
    "Standard_NC64as_T4_v3": ("T4", 4, 64),
    "Standard_NC24ads_A100_v4": ("A100", 1, 24),
    "Standard_NC48ads_A100_v4": ("A100", 2, 48),
    "Standard_NC96ads_A100_v4": ("A100", 4, 96),
    "Standard_ND96asr_v4": ("A100", 8, 96),
    "Standard_ND96amsr_A100_v4": ("A100", 8, 96),
    "Standard_NC40ads_H100_v5": ("H100", 1, 40),
    "Standard_NC80adis_H100_v5": ("H100", 2, 80),
    "Standard_ND96isr_H100_v5": ("H100", 8, 96),
    "Standard_ND96is_H100_v5": ("H100", 8, 96),
    "Standard_ND40rs_v2": ("V100", 8, 40),
    "Standard_NV6ads_A10_v5": ("A10", 1, 6),
    "Standard_NV12ads_A10_v5": ("A10", 1, 12),
    "Standard_NV18ads_A10_v5": ("A10", 1, 18),
    "Standard_NV36ads_A10_v5": ("A10", 1, 36),
    "Standard_NV36adms_A10_v5": ("A10", 1, 36),
    "Standard_NV72ads_A10_v5": ("A10", 2, 72),
}
"""Accelerator, how many, vCPUs. The three smallest with A10 have a part of one each."""
_CPU = {
    **{f"Standard_DS{n}_v2": c for n, c in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 16))},
    **{f"Standard_D{c}{kind}_v{v}": c
       for kind, v in (("s", 3), ("as", 4), ("a", 4), ("s", 4), ("ds", 4), ("s", 5), ("ds", 5),
                       ("as", 5))
       for c in (2, 4, 8, 16, 32, 48, 64)},
    **{f"Standard_D96{kind}_v{v}": 96
       for kind, v in (("as", 4), ("a", 4), ("s", 5), ("ds", 5), ("as", 5))},
    **{f"Standard_E{c}{kind}_v{v}": c
       for kind, v in (("s", 3), ("s", 4), ("s", 5), ("as", 4), ("as", 5))
       for c in (2, 4, 8, 16, 32, 48, 64)},
    **{f"Standard_F{c}s_v2": c for c in (2, 4, 8, 16, 32, 48, 64, 72)},
    **{f"Standard_FX{c}mds": c for c in (4, 12, 24, 36, 48)},
    **{f"Standard_L{c}{kind}_v3": c for kind in ("s", "as") for c in (8, 16, 32, 48, 64, 80)},
}  # fmt: skip

DEFAULT = "Standard_D2as_v4"
BY_ACCELERATOR = {
    "A10": "Standard_NV36ads_A10_v5",
    "T4": "Standard_NC4as_T4_v3",
    "V100": "Standard_NC6s_v3",
    "A100": "Standard_NC24ads_A100_v4",
    "H100": "Standard_NC40ads_H100_v5",
}
"""The smallest size with one whole such accelerator."""


@cache
def instance_types() -> tuple[str, ...]:
    """Every size, retired ones included, since people still write them."""
    return tuple(sorted({**_GPU, **_CPU, **azure_retired.GPU, **azure_retired.CPU}))


@cache
def machine(instance_type: str) -> Machine | None:
    """Facts of one size, compared without case as Azure does; ``None`` when unknown."""
    by_fold = {name.lower(): name for name in instance_types()}
    name = by_fold.get(instance_type.lower())
    if name is None:
        return None
    gone, replacement = azure_retired.ENDS.get(name, (None, None))
    with_gpu = {**_GPU, **azure_retired.GPU}
    if name in with_gpu:
        accelerator, count, cores = with_gpu[name]
        return Machine(
            name=name,
            accelerator=accelerator,
            accelerator_count=count,
            cores=cores,
            local_nvme=name.startswith("Standard_NC") and "ads" in name,
            retired=gone,
            replacement=replacement,
        )
    cores = {**_CPU, **azure_retired.CPU}[name]
    return Machine(name=name, cores=cores, retired=gone, replacement=replacement)
