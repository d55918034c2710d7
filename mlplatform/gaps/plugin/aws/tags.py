"""Tags of SageMaker objects: the program's, and those that mlgap keeps for itself.

``mlgap:urn`` says which resource made the endpoint, so that a create that was interrupted finds
its own work again and never takes a stranger's. ``mlgap:parked/...`` is explained in ``parking``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from mlplatform.contracts.mlgap import aws_endpoint
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.provider.model import ProviderError

OWN_PREFIX = aws_endpoint.TAG_PREFIX
OWNER_KEY = f"{OWN_PREFIX}urn"
VALUE_LONGEST = 256
LIMIT = 50
"""Most tags of one object, and of one AddTags. Source: botocore sagemaker TagList."""

_RESERVED = (OWN_PREFIX, "aws:")
_SOURCE = "botocore sagemaker Tag"


def owner(urn: str) -> str:
    """What the owner tag of the resource ``urn`` holds."""
    return hashlib.sha256(urn.encode()).hexdigest()[:16]


def declared(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a program may declare: without mlgap's and AWS's own."""
    return {key: value for key, value in tags.items() if not key.startswith(_RESERVED)}


def of(cloud: AwsCloud, arn: str) -> dict[str, str]:
    """All tags of an object."""
    tags: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        answer = cloud.call("sagemaker", "list_tags", ResourceArn=arn, **page)
        tags.update({tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])})
        if not answer.get("NextToken"):
            return tags
        page = {"NextToken": answer["NextToken"]}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def add(cloud: AwsCloud, arn: str, tags: Mapping[str, str], present: Iterable[str]) -> None:
    """Set tags on an object that has the keys ``present``.

    Raises:
        ProviderError: they would be more than AWS allows; nothing was set.
    """
    count = len({*present, *tags})
    if count > LIMIT:
        raise ProviderError(f"{arn} would have {count} tags, allowed: {LIMIT} ({_SOURCE}List)")
    if tags:
        cloud.call("sagemaker", "add_tags", ResourceArn=arn, Tags=as_list(tags))


def remove(cloud: AwsCloud, arn: str, keys: Iterable[str]) -> None:
    """Take tags off an object."""
    if listed := sorted(keys):
        cloud.call("sagemaker", "delete_tags", ResourceArn=arn, TagKeys=listed)
