"""What every model of the spec shares: names, patterns in words, strictness."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"
LABEL_PATTERN = r"^[\w .:/=+@-]{1,63}$"
ACCOUNT_PATTERN = r"^\d{12}$"
PROJECT_PATTERN = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
PROJECT_NUMBER_PATTERN = r"^[1-9]\d{5,}$"
UUID_PATTERN = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
S3_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$"
VERSION_PATTERN = r"^\d+\.\d+$"
COLUMN_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
CIDR_PATTERN = r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$"
VPC_PATTERN = r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$"
SUBNET_PATTERN = r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$"
GROUP_PATTERN = r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$"
KEY_PATTERN = r"^(alias/[a-zA-Z0-9/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f-]+)$"
METRIC_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9 .\-_/#:]{0,254}$"
ROLE_PATTERN = r"^[A-Za-z0-9+=,.@_-]{1,64}$"
GCP_KEY_PATTERN = (
    r"^projects/[a-z0-9.:-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]{1,63}"
    r"/cryptoKeys/[A-Za-z0-9_-]{1,63}$"
)
GCP_NETWORK_PATTERN = r"^projects/[^/]+/global/networks/[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
GCP_ATTACHMENT_PATTERN = (
    r"^projects/[^/]+/regions/[^/]+/networkAttachments/[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
)
POOL_PATTERN = r"^[a-z0-9-]{4,32}$"
CHANNEL_PATTERN = r"^projects/[^/]+/notificationChannels/\d+$"
ALIAS_PATTERN = r"^[a-z][a-z0-9-]{0,126}[a-z0-9]$"
BUCKET_PATTERN = r"^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*$"
EMAIL_PATTERN = r"^[^@\s<>,;]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
GITHUB_PATTERN = r"^[\w.-]+/[\w.-]+$"
ISSUER_PATTERN = r"^https://[^\s?#]+$"
CATALOGUE_PATTERN = r"^azureml://registries/[\w.-]+/models/[\w.-]+(/versions/[\w.-]+)?$"
CORES_PATTERN = r"^([1-9]\d*(\.\d+)?|0?\.\d*[1-9]\d*|[1-9]\d*m)$"
MEMORY_PATTERN = r"^[1-9]\d*(Mi|Gi)$"
NAMESPACE_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
PATTERN_WORDS = {
    EMAIL_PATTERN: "one address such as ml-team@example.com",
    GITHUB_PATTERN: "a repository such as acme/ml",
    ISSUER_PATTERN: "an address such as https://gitlab.com, without ? and #",
    CATALOGUE_PATTERN: "azureml://registries/<registry>/models/<model>, /versions/<v> after it",
    CORES_PATTERN: "cores above 0, such as 2, 0.5 or 500m",
    MEMORY_PATTERN: "memory above 0, such as 512Mi or 8Gi",
    NAMESPACE_PATTERN: "1 to 63 lower-case letters, digits and dashes, first and last no dash",
    GCP_KEY_PATTERN: "projects/<p>/locations/<l>/keyRings/<r>/cryptoKeys/<k>",
    GCP_NETWORK_PATTERN: "projects/<p>/global/networks/<n>",
    GCP_ATTACHMENT_PATTERN: "projects/<p>/regions/<r>/networkAttachments/<a>",
    POOL_PATTERN: "4 to 32 lower-case letters, digits and dashes",
    CHANNEL_PATTERN: "projects/<p>/notificationChannels/<number>",
    ALIAS_PATTERN: "2 to 128 lower-case letters, digits and dashes, first a letter, last no dash",
    BUCKET_PATTERN: "the name of a bucket, such as ml-access-logs",
    NAME_PATTERN: "2 to 32 lower-case letters, digits and dashes, first a letter, last no dash",
    LABEL_PATTERN: "1 to 63 letters, digits, spaces and _ . : / = + @ -",
    ACCOUNT_PATTERN: "12 digits",
    PROJECT_PATTERN: "6 to 30 lower-case letters, digits and dashes, first a letter, last no dash",
    PROJECT_NUMBER_PATTERN: "6 digits or more, the first no 0",
    UUID_PATTERN: "an id such as 00000000-0000-0000-0000-000000000001",
    COLUMN_PATTERN: "1 to 63 letters, digits and _, first a letter",
    CIDR_PATTERN: "an IPv4 block such as 10.60.0.0/16",
    VPC_PATTERN: "an id such as vpc-0123456789abcdef0",
    SUBNET_PATTERN: "an id such as subnet-0123456789abcdef0",
    GROUP_PATTERN: "an id such as sg-0123456789abcdef0",
    KEY_PATTERN: "alias/<name>, or arn:aws:kms:<region>:<account>:key/<id>",
    S3_PATTERN: "an address such as s3://bucket/key",
    METRIC_PATTERN: "1 to 255 letters, digits, spaces and . - _ / # :",
    ROLE_PATTERN: "the name of a role, 1 to 64 letters, digits and + = , . @ _ -",
    VERSION_PATTERN: "major and minor, such as 2.0",
}
"""What each pattern says, for people."""

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Legal on every cloud."""

Column = Annotated[str, Field(pattern=COLUMN_PATTERN)]
"""Name of a feature or column: legal on every cloud (BigQuery "Column names"; SageMaker
FeatureName has the narrowest length, 64)."""

Email = Annotated[str, Field(pattern=EMAIL_PATTERN)]

Cron = Annotated[str, Field(description="Five fields, in UTC: `0 * * * *` is every hour.")]
"""Read and converted by ``mlplatform.spec.schedules``."""

INSTANCES_MAX = 1000
"""Far above every cloud's quota: catches a slip of the finger, not a plan."""


class StrictModel(BaseModel):
    """Unknown keys are refused; a value has the type that it was typed with."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
