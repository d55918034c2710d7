"""Type tokens: azure-native puts the API version into some of them."""

from __future__ import annotations

import re

_VERSION = re.compile(r"^(azure-native:\w+)/v\d{8}\w*:")


def unversioned(token: str) -> str:
    """``azure-native:machinelearningservices/v20250901:Workspace`` without its API version."""
    return _VERSION.sub(r"\1:", token)
