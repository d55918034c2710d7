"""Published checks for machine-learning services, and why we leave some out.

Read in 2026: the AWS Security Hub user guide (SageMaker controls), bridgecrewio/checkov,
Azure/azure-policy (category Machine Learning), Google Cloud's Vertex AI security controls.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).with_name("data") / "published.json"


@dataclass(frozen=True, kw_only=True)
class Published:
    """One check of somebody else. ``why_not`` is empty for those that a rule covers."""

    catalogue: str
    id: str
    says: str
    why_not: str = ""


def published() -> tuple[Published, ...]:
    """Every check, catalogue by catalogue."""
    return tuple(
        Published(catalogue=catalogue, **one)
        for catalogue, found in json.loads(_DATA.read_text()).items()
        for one in found
    )
