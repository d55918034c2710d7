"""VM sizes of Azure that are gone, or will be, with the day and what Microsoft names instead.

Sources, as read in 2026: "Retired Azure VM size series" (series and days); "Migration guide for GPU
compute workloads" (NC, NCv2, ND: size for size); retirement guides of NCv3; "NV-series retirement";
"Retired VM sizes migration guide" (D, F, L: series for series, taken here with as many cores or
more). For NVv3 and NVv4 the list names the series NVads A10 v5; the size here is the smallest with
as much GPU memory.
"""

from __future__ import annotations

from datetime import date

_NC = date(2023, 8, 31)
_NV = date(2023, 9, 6)
_NCV3 = date(2025, 9, 30)
_NVV3 = date(2026, 9, 30)
_D = date(2028, 5, 1)
_F = date(2028, 11, 15)

GPU = {
    "Standard_NC6": ("K80", 1, 6),
    "Standard_NC12": ("K80", 2, 12),
    "Standard_NC24": ("K80", 4, 24),
    "Standard_NC24r": ("K80", 4, 24),
    "Standard_NC6s_v2": ("P100", 1, 6),
    "Standard_NC12s_v2": ("P100", 2, 12),
    "Standard_NC24s_v2": ("P100", 4, 24),
    "Standard_NC24rs_v2": ("P100", 4, 24),
    "Standard_ND6s": ("P40", 1, 6),
    "Standard_ND12s": ("P40", 2, 12),
    "Standard_ND24s": ("P40", 4, 24),
    "Standard_ND24rs": ("P40", 4, 24),
    "Standard_NV6": ("M60", 1, 6),
    "Standard_NV12": ("M60", 2, 12),
    "Standard_NV24": ("M60", 4, 24),
    "Standard_NC6s_v3": ("V100", 1, 6),
    "Standard_NC12s_v3": ("V100", 2, 12),
    "Standard_NC24s_v3": ("V100", 4, 24),
    "Standard_NC24rs_v3": ("V100", 4, 24),
    "Standard_NV12s_v3": ("M60", 1, 12),
    "Standard_NV24s_v3": ("M60", 2, 24),
    "Standard_NV48s_v3": ("M60", 4, 48),
    "Standard_NV4as_v4": ("MI25", 1, 4),
    "Standard_NV8as_v4": ("MI25", 1, 8),
    "Standard_NV16as_v4": ("MI25", 1, 16),
    "Standard_NV32as_v4": ("MI25", 1, 32),
}
"""Accelerator, how many (a part of one counts as one), and vCPUs."""
CPU = {
    **{f"Standard_D{n}_v2": cores for n, cores in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 16))},
    **{f"Standard_L{cores}s": cores for cores in (4, 8, 16, 32)},
    **{f"Standard_L{cores}s_v2": cores for cores in (8, 16, 32, 48, 64, 80)},
}
"""vCPUs of sizes that Azure ML takes and nobody should begin with."""
ENDS: dict[str, tuple[date, str]] = {
    "Standard_NC6": (_NC, "Standard_NC4as_T4_v3"),
    "Standard_NC12": (_NC, "Standard_NC16as_T4_v3"),
    "Standard_NC24": (_NC, "Standard_NC64as_T4_v3"),
    "Standard_NC24r": (_NC, "Standard_NC64as_T4_v3"),
    "Standard_NC6s_v2": (_NC, "Standard_NC24ads_A100_v4"),
    "Standard_NC12s_v2": (_NC, "Standard_NC48ads_A100_v4"),
    "Standard_NC24s_v2": (_NC, "Standard_NC96ads_A100_v4"),
    "Standard_NC24rs_v2": (_NC, "Standard_NC96ads_A100_v4"),
    "Standard_ND6s": (_NC, "Standard_NC4as_T4_v3"),
    "Standard_ND12s": (_NC, "Standard_NC16as_T4_v3"),
    "Standard_ND24s": (_NC, "Standard_NC64as_T4_v3"),
    "Standard_ND24rs": (_NC, "Standard_ND96amsr_A100_v4"),
    "Standard_NV6": (_NV, "Standard_NV12ads_A10_v5"),
    "Standard_NV12": (_NV, "Standard_NV36ads_A10_v5"),
    "Standard_NV24": (_NV, "Standard_NV72ads_A10_v5"),
    "Standard_NC6s_v3": (_NCV3, "Standard_NC24ads_A100_v4"),
    "Standard_NC12s_v3": (_NCV3, "Standard_NC48ads_A100_v4"),
    "Standard_NC24s_v3": (_NCV3, "Standard_NC96ads_A100_v4"),
    "Standard_NC24rs_v3": (_NCV3, "Standard_NC96ads_A100_v4"),
    "Standard_NV12s_v3": (_NVV3, "Standard_NV12ads_A10_v5"),
    "Standard_NV24s_v3": (_NVV3, "Standard_NV36ads_A10_v5"),
    "Standard_NV48s_v3": (_NVV3, "Standard_NV72ads_A10_v5"),
    "Standard_NV4as_v4": (_NVV3, "Standard_NV6ads_A10_v5"),
    "Standard_NV8as_v4": (_NVV3, "Standard_NV6ads_A10_v5"),
    "Standard_NV16as_v4": (_NVV3, "Standard_NV12ads_A10_v5"),
    "Standard_NV32as_v4": (_NVV3, "Standard_NV36ads_A10_v5"),
    **{
        f"Standard_D{kind}{n}_v2": (_D, f"Standard_D{cores}s_v5")
        for kind in ("", "S")
        for n, cores in ((1, 2), (2, 2), (3, 4), (4, 8), (5, 16))
    },
    **{f"Standard_L{cores}s": (_D, f"Standard_L{max(8, cores)}s_v3") for cores in (4, 8, 16, 32)},
    **{
        f"Standard_F{cores}s_v2": (_F, f"Standard_D{cores}s_v5")
        for cores in (2, 4, 8, 16, 32, 48, 64)
    },
    "Standard_F72s_v2": (_F, "Standard_D96s_v5"),
    **{
        f"Standard_L{cores}s_v2": (_F, f"Standard_L{cores}s_v3")
        for cores in (8, 16, 32, 48, 64, 80)
    },
}
"""First day on which a size cannot be had, or will not be, and what to take instead."""
