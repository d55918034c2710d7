"""One set of labels, written the way each cloud writes them.

AWS and Azure tags take ``CostCenter``-like keys; Google Cloud labels take lower-case
letters, digits, ``_`` and ``-`` only, at most 63 of them, in keys and values
(cloud.google.com/resource-manager/docs/labels-overview).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MANAGED_BY = "pulumi"

LabelValue = str | bool | None


def _text(value: LabelValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _given(labels: Mapping[str, LabelValue], environment: str) -> dict[str, str]:
    kept = {key: _text(value) for key, value in labels.items() if value is not None}
    return {**kept, "environment": environment, "managed_by": MANAGED_BY}


def pascal_tags(labels: Mapping[str, LabelValue], environment: str) -> dict[str, str]:
    """Tags for AWS and Azure: ``cost_center`` becomes ``CostCenter``."""
    return {
        "".join(word.capitalize() for word in key.split("_")): value
        for key, value in sorted(_given(labels, environment).items())
    }


def lower_labels(labels: Mapping[str, LabelValue], environment: str) -> dict[str, str]:
    """Labels for Google Cloud: values in lower case, other characters become ``-``."""
    return {
        key: re.sub(r"[^a-z0-9_-]", "-", value.lower())[:63]
        for key, value in sorted(_given(labels, environment).items())
    }
