"""Service account of one serving workload: what its containers need, and nothing else.

Creates, for a component named ``NAME``:

====================  ===============================================  ==========
child                 type                                             when
====================  ===============================================  ==========
``NAME``              gcp:serviceaccount/account:Account               always
``NAME-artifacts``    gcp:storage/bucketIAMMember:BucketIAMMember      always
``NAME-logs``         gcp:projects/iAMMember:IAMMember                 always
``NAME-metrics``      gcp:projects/iAMMember:IAMMember                 always
``NAME-<image>``      gcp:artifactregistry/repositoryIamMember:...     own images
====================  ===============================================  ==========

Reading artifacts is narrowed to the workload's own prefix. The key needs no binding: Cloud
Storage decrypts with its own agent. Never gives a role that can do more than one thing, such as
``roles/editor``, nor the default compute account, which has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place, member

READ_OBJECTS = "roles/storage.objectViewer"
PULL_IMAGES = "roles/artifactregistry.reader"
PROJECT_ROLES = {"logs": "roles/logging.logWriter", "metrics": "roles/monitoring.metricWriter"}
"""Neither service knows a narrower place than the project."""
VENDOR_PROJECTS = ("vertex-ai", "deeplearning-platform-release")
"""Their images are public."""
MOST_PREFIXES = 13
_LONGEST_DESCRIPTION = 256
"""IAM, Expr.description."""
_IMAGE = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/"
)


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """What the account may reach. All plain values, so that its bindings show in a preview."""

    place: Place
    account_id: str
    """6 to 30 characters, unique in the project."""
    bucket: str
    object_prefixes: Sequence[str]
    """Only artifacts under these are readable; each ends with ``/``. At most 13, for one condition
    names them all (IAM, "Quotas and limits": 12 logical operators)."""
    image_uris: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][-a-z0-9]{4,28}[a-z0-9]", self.account_id):
            raise ValueError(
                f"account_id: got {self.account_id!r}, allowed: 6 to 30 lower-case letters, "
                "digits and dashes, first a letter"
            )
        if not 1 <= len(self.object_prefixes) <= MOST_PREFIXES:
            raise ValueError(
                f"object_prefixes: got {len(self.object_prefixes)}, allowed: 1 to {MOST_PREFIXES}"
            )
        for prefix in self.object_prefixes:
            if not prefix.endswith("/"):
                raise ValueError(
                    f"object_prefixes: got {prefix!r}, must end with '/' or it would also match "
                    "other workloads whose names begin alike"
                )


class Access(MlComponent):
    """One account that the workload's containers run as."""

    kind = "gcp:Access"

    email: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self,
        name: str,
        args: AccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the bucket, which is named by a plain string."""
        super().__init__(name, opts)
        place = args.place
        self.email = place.account_email(args.account_id)
        account = gcp.serviceaccount.Account(
            name,
            account_id=args.account_id,
            project=place.project,
            display_name=f"Runs the models of {name}",
            opts=self._opts(depends_on=after),
        )
        bound = self._opts(depends_on=[account])
        gcp.storage.BucketIAMMember(
            self._child("artifacts"),
            bucket=args.bucket,
            role=READ_OBJECTS,
            member=member(self.email),
            condition=gcp.storage.BucketIAMMemberConditionArgs(
                **only_below(args.bucket, *args.object_prefixes)
            ),
            opts=bound,
        )
        for suffix, role in PROJECT_ROLES.items():
            gcp.projects.IAMMember(
                self._child(suffix),
                project=place.project,
                role=role,
                member=member(self.email),
                opts=bound,
            )
        for project, location, repository in own_repositories(args.image_uris):
            gcp.artifactregistry.RepositoryIamMember(
                self._child("images", repository),
                project=project,
                location=location,
                repository=repository,
                role=PULL_IMAGES,
                member=member(self.email),
                opts=bound,
            )
        self.register_outputs({"email": self.email})


def only_below(bucket: str, *prefixes: str) -> Mapping[str, str]:
    """An IAM condition that holds for objects under one of the prefixes alone.

    Form of the name: IAM conditions, "Resource attributes", Cloud Storage.
    """
    place = f"projects/_/buckets/{bucket}/objects/"
    return {
        "title": "own-artifacts",
        "description": f"Objects below {', '.join(prefixes)}"[:_LONGEST_DESCRIPTION],
        "expression": " || ".join(
            f'resource.name.startsWith("{place}{prefix}")' for prefix in prefixes
        ),
    }


def own_repositories(image_uris: Sequence[str]) -> list[tuple[str, str, str]]:
    """(project, location, repository) of images that are not the vendor's public ones."""
    found = {
        (match["project"], match["location"], match["repository"])
        for uri in image_uris
        if (match := _IMAGE.match(uri)) is not None and match["project"] not in VENDOR_PROJECTS
    }
    return sorted(found)
