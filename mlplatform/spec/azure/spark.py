"""Sizes of the serverless Spark that materialises features and runs monitors."""

from __future__ import annotations

from mlplatform.catalog.azure_spark import SIZES
from mlplatform.spec.findings import Findings


def spark_size(given: str, at: str, findings: Findings) -> None:
    """A problem for any other size: jobs on it fail when their time comes, not before."""
    if given.lower() not in SIZES:
        findings.not_among(at, given, SIZES, "sizes")
