"""ECR repository for images of one's own: immutable tags, scanned, encrypted, tidy.

Creates, for a component named ``NAME``:

===============  ==========================================  ======
child            type                                        when
===============  ==========================================  ======
``NAME``         aws:ecr/repository:Repository               always
``NAME-tidy``    aws:ecr/lifecyclePolicy:LifecyclePolicy     always
===============  ==========================================  ======
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent

UNTAGGED_DAYS = 14
"""How long an image that no tag names any more is kept."""


@dataclass(frozen=True, kw_only=True)
class ImagesArgs:
    """What a caller decides."""

    place: Place
    repository: str
    key_arn: pulumi.Input[str]
    """Encrypts the layers. A repository keeps its key for life."""
    force_delete: bool = False
    """True deletes the images with the repository; keep False where they matter."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Images(MlComponent):
    """One repository."""

    kind = "aws:Images"

    repository_uri: str
    """Known at preview; an image is ``<repository_uri>:<tag>``."""

    def __init__(
        self, name: str, args: ImagesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        repository = aws.ecr.Repository(
            name,
            name=args.repository,
            # What a tag names never changes under an endpoint that runs it.
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=args.key_arn
                )
            ],
            force_delete=args.force_delete,
            tags=dict(args.tags),
            opts=self._opts(),
        )
        aws.ecr.LifecyclePolicy(
            self._child("tidy"),
            repository=repository.name,
            policy=json.dumps(drop_untagged(UNTAGGED_DAYS)),
            opts=self._opts(),
        )
        place = args.place
        host = f"{place.account_id}.dkr.ecr.{place.region}.{place.dns_suffix}"
        self.repository_uri = f"{host}/{args.repository}"
        self.register_outputs({"repository_uri": self.repository_uri})


def drop_untagged(days: int) -> dict[str, Any]:
    """Expire images that no tag names (ECR guide, "Lifecycle policy properties")."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Images without a tag, after {days} days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": days,
                },
                "action": {"type": "expire"},
            }
        ]
    }
