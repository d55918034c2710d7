"""Where things are in AWS, and the ARNs that follow from it.

ARNs are built from the configured account, region and computed names, so that role
documents can be read, and judged, in a preview. Formats: AWS Service Authorization Reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<repository>[^:@]+)"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One account and region."""

    account_id: str
    """12 digits."""
    region: str

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def dns_suffix(self) -> str:
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        """A regional ARN of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def key_arn(self, reference: str) -> str:
        """ARN of ``alias/...``; an ARN is one already."""
        return reference if reference.startswith("arn:") else self.arn("kms", reference)

    def sagemaker_arn(self, kind: str, name: str) -> str:
        """SageMaker writes the names in its ARNs in lower case (botocore, ``EndpointArn``)."""
        return self.arn("sagemaker", f"{kind}/{name.lower()}")

    def role_arn(self, name: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket}"

    def repository_arn(self, image_uri: str) -> str:
        """The repository that an image is pulled from; it may belong to another account.

        Raises ``ValueError`` when the URI is not of an ECR registry, the only kind
        SageMaker pulls from without a repository access configuration.
        """
        found = _IMAGE.match(image_uri)
        if found is None:
            raise ValueError(
                f"image_uri: got {image_uri!r}, allowed: "
                "<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>"
            )
        return (
            f"arn:{self.partition}:ecr:{found['region']}:{found['account']}"
            f":repository/{found['repository']}"
        )
