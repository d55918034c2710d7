"""Artifact Registry repository for container images of one's own.

Creates, for a component named ``NAME``:

========  ================================================  ======
child     type                                              when
========  ================================================  ======
``NAME``  gcp:artifactregistry/repository:Repository        always
========  ================================================  ======

A tag stays with the image that it was given to, and untagged images leave after a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

UNTAGGED_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class ImagesArgs:
    """What a caller decides."""

    place: Place
    repository_id: str
    """2 to 63 lower-case letters, digits and dashes, first a letter."""
    key_name: pulumi.Input[str]
    """Encrypts every image. Required: there is no unencrypted mode."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Images(MlComponent):
    """One repository of images."""

    kind = "gcp:Images"

    uri: str
    """What an image's address starts with; known at preview."""

    def __init__(
        self,
        name: str,
        args: ImagesArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the service, its agent and the key's grant to it."""
        super().__init__(name, opts)
        place = args.place
        self.uri = f"{place.region}-docker.pkg.dev/{place.project}/{args.repository_id}"
        gcp.artifactregistry.Repository(
            name,
            repository_id=args.repository_id,
            project=place.project,
            location=place.region,
            format="DOCKER",
            kms_key_name=args.key_name,
            docker_config=gcp.artifactregistry.RepositoryDockerConfigArgs(immutable_tags=True),
            cleanup_policies=[
                gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                    id="untagged",
                    action="DELETE",
                    condition=gcp.artifactregistry.RepositoryCleanupPolicyConditionArgs(
                        tag_state="UNTAGGED", older_than=f"{UNTAGGED_DAYS * 86_400}s"
                    ),
                )
            ],
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        self.register_outputs({"uri": self.uri})
