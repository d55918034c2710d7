"""Sizes of the serverless Spark that materialises features and runs monitors."""

from __future__ import annotations

from mlplatform.spec.findings import Findings

SIZES = tuple(f"standard_e{cores}s_v3" for cores in (4, 8, 16, 32, 64))
"""azure-ai-ml 1.35.2, SparkResourceConfiguration.instance_type_list; case does not count."""


def spark_size(given: str, at: str, findings: Findings) -> None:
    """A problem for any other size: jobs on it fail when their time comes, not before."""
    if given.lower() not in SIZES:
        findings.not_among(at, given, SIZES, "sizes")
