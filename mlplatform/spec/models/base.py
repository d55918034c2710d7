"""What every model of the spec shares: names, patterns in words, strictness."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"
LABEL_PATTERN = r"^[\w .:/=+@-]{1,63}$"
ACCOUNT_PATTERN = r"^\d{12}$"
PROJECT_PATTERN = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
PROJECT_NUMBER_PATTERN = r"^\d{6,}$"
UUID_PATTERN = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
VERSION_PATTERN = r"^\d+\.\d+$"
COLUMN_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
PATTERN_WORDS = {
    NAME_PATTERN: "2 to 32 lower-case letters, digits and dashes, first a letter, last no dash",
    LABEL_PATTERN: "1 to 63 letters, digits, spaces and _ . : / = + @ -",
    ACCOUNT_PATTERN: "12 digits",
    PROJECT_PATTERN: "6 to 30 lower-case letters, digits and dashes, first a letter, last no dash",
    PROJECT_NUMBER_PATTERN: "6 digits or more",
    UUID_PATTERN: "an id such as 00000000-0000-0000-0000-000000000001",
    COLUMN_PATTERN: "1 to 63 letters, digits and _, first a letter",
    VERSION_PATTERN: "major and minor, such as 2.0",
}
"""What each pattern says, for people."""

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Legal on every cloud."""

Column = Annotated[str, Field(pattern=COLUMN_PATTERN)]
"""Name of a feature or column: legal on every cloud (BigQuery "Column names"; SageMaker
FeatureName has the narrowest length, 64)."""

Cron = Annotated[str, Field(description="Five fields, in UTC: `0 * * * *` is every hour.")]
"""Read and converted by ``mlplatform.spec.schedules``."""

INSTANCES_MAX = 1000
"""Far above every cloud's quota: catches a slip of the finger, not a plan."""


class StrictModel(BaseModel):
    """Unknown keys are refused; a value has the type that it was typed with."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
