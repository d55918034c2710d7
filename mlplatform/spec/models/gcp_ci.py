"""What people write for pipelines that roll out models on Google Cloud."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlplatform.spec.models.base import POOL_PATTERN, StrictModel

TrustName = Annotated[str, Field(pattern=POOL_PATTERN)]


class GcpTrustModel(StrictModel):
    """Whose tokens are taken: a repository of GitHub, or any issuer and subject."""

    github: str | None = Field(
        None, pattern=r"^[\w.-]+/[\w.-]+$", description="Repository, such as acme/ml."
    )
    environment: str | None = Field(
        None, pattern=r"^[^\"'\\]+$", description="With github: its environment."
    )
    branch: str | None = Field(None, pattern=r"^[^\"'\\]+$", description="With github: its branch.")
    issuer: str | None = Field(
        None, pattern=r"^https://[^\s?#]+$", description="Without github: iss of the token."
    )
    subject: str | None = Field(
        None, pattern=r"^[^\"'\\]+$", description="Without github: sub, to the letter."
    )


class GcpCiModel(StrictModel):
    """An account for pipelines that roll out models, without a key."""

    pool_id: str | None = Field(
        None,
        pattern=POOL_PATTERN,
        description="Workload identity pool to make; named after the environment when left out. "
        "Google keeps the id of a deleted one for 30 days.",
    )
    trusts: dict[TrustName, GcpTrustModel] = Field(
        min_length=1, max_length=20, description="Whose tokens it takes, by name."
    )
