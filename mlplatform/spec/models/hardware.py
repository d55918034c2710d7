"""Accelerators that are asked for."""

from __future__ import annotations

from pydantic import Field

from mlplatform.spec.models.base import StrictModel


class SubstitutableModel(StrictModel):
    """Hardware with an allowed substitute."""

    want: str = Field(description="What is asked for, such as V100.")
    or_: str | None = Field(
        None, alias="or", description="What to take where the first cannot be had."
    )
