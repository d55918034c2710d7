"""Who owns what is provisioned, and who pays."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import LABEL_PATTERN, StrictModel


class LabelsModel(StrictModel):
    """Who owns it and who pays. Become tags on AWS and Azure, labels on Google Cloud."""

    project: str = Field(pattern=LABEL_PATTERN, description="The project that this belongs to.")
    owner: str = Field(pattern=LABEL_PATTERN, description="Team or person to ask.")
    cost_center: str = Field(pattern=LABEL_PATTERN, description="Who pays.")
    data_class: Literal["public", "internal", "confidential", "restricted"] = Field(
        "internal", description="The highest class of data that it holds."
    )
    auto_shutdown: bool = Field(False, description="May be stopped when idle.")
    backup_required: bool = Field(False, description="Holds data that must be backed up.")
