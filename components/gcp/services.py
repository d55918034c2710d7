"""The Google services that the platform uses, and the account by which Vertex AI acts.

Creates, for a component named ``NAME``:

===================  ======================================  ======
child                type                                    when
===================  ======================================  ======
``NAME-<service>``   gcp:projects/service:Service            always
``NAME-agent``       gcp:projects/serviceIdentity:...        always
``NAME-images``      gcp:projects/serviceIdentity:...        ``images``
===================  ======================================  ======

Does not turn a service off when it goes: other stacks of the project may use it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

SERVICES = ("aiplatform", "cloudkms", "storage")
VERTEX = "aiplatform.googleapis.com"
REGISTRY = "artifactregistry.googleapis.com"


@dataclass(frozen=True, kw_only=True)
class ServicesArgs:
    """What a caller decides."""

    place: Place
    tables: bool = False
    """True turns BigQuery on."""
    alerts: bool = False
    """True turns Cloud Monitoring on."""
    networks: bool = False
    """True turns Compute Engine and Network Connectivity on."""
    federation: bool = False
    """True turns on what exchanges tokens of others: IAM, its credentials, and tokens."""
    images: bool = False
    """True turns Artifact Registry on and makes its agent."""


class Services(MlComponent):
    """Services that are on."""

    kind = "gcp:Services"

    def __init__(
        self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        wanted = [*SERVICES]
        wanted += ["bigquery"] * args.tables + ["artifactregistry"] * args.images
        wanted += ["monitoring"] * args.alerts
        wanted += ["compute", "networkconnectivity"] * args.networks
        wanted += ["iam", "iamcredentials", "sts"] * args.federation
        enabled = [
            gcp.projects.Service(
                self._child(service),
                project=args.place.project,
                service=f"{service}.googleapis.com",
                disable_on_destroy=False,
                opts=self._opts(),
            )
            for service in wanted
        ]
        # A new project has no agent until something asks for it; a grant to it would fail.
        agents = {"agent": VERTEX} | ({"images": REGISTRY} if args.images else {})
        for suffix, service in agents.items():
            gcp.projects.ServiceIdentity(
                self._child(suffix),
                project=args.place.project,
                service=service,
                opts=self._opts(depends_on=enabled),
            )
        self.register_outputs({})
