"""Variables of training programs, beside those that Vertex AI and the platform set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mlplatform.spec.scope import Scope

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_OF_VERTEX = ("AIP_", "CLOUD_ML_", "CLUSTER_SPEC", "TF_CONFIG")
"""Set in every container ("Environment variables for training", Vertex AI documentation)."""
_OF_CHANNELS = "MLP_DATA_"


def check(scope: Scope, at: str, given: Mapping[str, str], channels: Iterable[str]) -> None:
    """Tell of every name that cannot be, or that would take another's place."""
    of_channels = {f"{_OF_CHANNELS}{one.upper().replace('-', '_')}" for one in channels}
    for name in given:
        path = f"{at}.gcp.environment.{name}"
        if re.fullmatch(_NAME, name) is None:
            words = "allowed: letters, digits and _, first no digit"
            scope.findings.problem(path, name, words)
        elif name.startswith(_OF_VERTEX):
            scope.findings.problem(path, name, "allowed: another name; Vertex AI sets this one")
        elif name in of_channels:
            words = "allowed: another name; it tells the program where a channel of `data` is"
            scope.findings.problem(path, name, words)
