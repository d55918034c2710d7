"""What people write for AWS as a whole: place, keys, network, logs, image repositories."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlplatform.spec.models.base import (
    ACCOUNT_PATTERN,
    CIDR_PATTERN,
    GROUP_PATTERN,
    KEY_PATTERN,
    SUBNET_PATTERN,
    VPC_PATTERN,
    Name,
    StrictModel,
)

Key = Annotated[str, Field(pattern=KEY_PATTERN)]


class AwsNetworkModel(StrictModel):
    """The network that endpoints and training run in."""

    create: bool = Field(True, description="Make one; false needs the ids of an existing one.")
    cidr: str = Field(
        "10.60.0.0/16", pattern=CIDR_PATTERN, description="Addresses of the new network."
    )
    availability_zones: list[str] | None = Field(
        None,
        min_length=2,
        max_length=6,
        description="One isolated subnet in each; zones a and b of the region when left out.",
    )
    vpc_id: str | None = Field(None, pattern=VPC_PATTERN, description="An existing network.")
    subnet_ids: list[Annotated[str, Field(pattern=SUBNET_PATTERN)]] | None = Field(
        None, min_length=1, max_length=16, description="Its subnets for endpoints and training."
    )
    security_group_ids: list[Annotated[str, Field(pattern=GROUP_PATTERN)]] | None = Field(
        None, min_length=1, max_length=5, description="Its groups for endpoints and training."
    )


class AwsKeysModel(StrictModel):
    """Existing keys, by class of data; a key with rotation is made for each left out."""

    models: Key | None = Field(None, description="Encrypts model artifacts and volumes.")
    data: Key | None = Field(
        None, description="Encrypts captured requests, features, reports and logs."
    )


class AwsLogsModel(StrictModel):
    """What containers write. SageMaker decides the names of the log groups."""

    create: bool = Field(
        True,
        description="Make the log groups; false where they exist or SageMaker is to make them.",
    )
    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = Field(
        90, description="Deleted after so many days."
    )


class AwsQuotasModel(StrictModel):
    """What Service Quotas allows this account, and whether to ask for more."""

    declared: dict[str, int] = Field(
        default_factory=dict,
        description='Quota to its value, such as "ml.g4dn.xlarge for endpoint usage": 20. What '
        "the stack needs is compared with it; accelerators must be among them.",
    )
    request: bool = Field(
        False, description="Ask for what the stack needs; AWS decides, and may take days."
    )


class AwsModel(StrictModel):
    """Where on AWS."""

    account_id: str = Field(
        pattern=ACCOUNT_PATTERN,
        description="12 digits, in quotes. Credentials of any other account are refused.",
    )
    region: str = Field(description="Such as us-east-1.")
    network: AwsNetworkModel | None = Field(
        None, description="Isolated subnets for SageMaker; none when left out."
    )
    keys: AwsKeysModel = Field(
        default_factory=lambda: AwsKeysModel.model_validate({}), description="Existing keys to use."
    )
    logs: AwsLogsModel | None = Field(
        None, description="Log groups with a retention; SageMaker makes its own when left out."
    )
    quotas: AwsQuotasModel | None = Field(
        None, description="Instances that the account may have; not compared when left out."
    )
    image_repositories: list[Name] = Field(
        default_factory=list, description="Repositories for images of your own, by name."
    )
