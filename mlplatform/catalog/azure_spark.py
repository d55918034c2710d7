"""Sizes of the serverless Spark of Azure ML."""

from __future__ import annotations

SIZES = tuple(f"standard_e{cores}s_v3" for cores in (4, 8, 16, 32, 64))
"""azure-ai-ml 1.35.2, SparkResourceConfiguration.instance_type_list; case does not count."""
