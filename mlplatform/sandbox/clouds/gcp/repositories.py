"""Artifact Registry: repositories and their policies. Images are not kept here."""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.gcp import keyrings
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Repositories(Documented):
    """`projects.locations.repositories`."""

    def __init__(self, world: World) -> None:
        paths = r"/v1/projects/[^/]+/locations/[^/]+/repositories"
        super().__init__(world, "artifactregistry.v1", paths)
        self.hooks["projects.locations.repositories.create"] = self._create

    def _create(self, asked: Asked) -> Document:
        ident = asked.query.get("repositoryId", "")
        if not _ID.fullmatch(ident):
            raise Refusal("INVALID_ARGUMENT", f"Invalid repository id: {ident!r}")
        if not asked.body.get("format"):
            raise Refusal("INVALID_ARGUMENT", "format must be specified.")
        _, project, _, location, _ = asked.name.split("/")
        key = asked.body.get("kmsKeyName")
        if key:
            number = self.world.project_number(project)
            agent = f"service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
            keyrings.usable_by(self.world, key, location, agent)
        kind = str(asked.body["format"]).lower()
        uri = f"{location}-{kind}.pkg.dev/{project}/{ident}"
        extra = {"registryUri": uri, "mode": asked.body.get("mode", "STANDARD_REPOSITORY")}
        return self.create(asked, ident=ident, extra=extra)
