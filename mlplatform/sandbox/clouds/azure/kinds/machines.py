"""Machines that nobody gets any more."""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.azure.answer import bad_request

_GONE = re.compile(
    r"standard_(nc\d+r?|nc\d+r?s_v[23]|nd\d+r?s|nv\d+|nv\d+s_v3|nv\d+as_v4)", re.IGNORECASE
)
"""NC, NCv2 and ND since 2023-08-31, NV since 2023-09-06, NCv3 since 2025-09-30, NVv3 and NVv4 since
2026-09-30 (learn.microsoft.com, Retired Azure VM size series)."""


def refuse_gone(size: str, target: str) -> None:
    """Refuse a size of a retired series.

    Raises:
        ArmError: 400 InvalidVmSize.
    """
    if _GONE.fullmatch(size):
        raise bad_request(
            f"The VM size '{size}' is not supported.", code="InvalidVmSize", target=target
        )
