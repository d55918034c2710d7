"""Account of the pipelines that roll out models: no key, and no say over keys or access.

Creates, for a component named ``NAME``, each trust ``T`` and each account ``A`` that it may use:

==================  ===================================================  ===========
child               type                                                 when
==================  ===================================================  ===========
``NAME``            gcp:serviceaccount/account:Account                   always
``NAME-pool``       gcp:iam/workloadIdentityPool:WorkloadIdentityPool    always
``NAME-T``          gcp:iam/workloadIdentityPoolProvider:Workload...     each trust
``NAME-T-use``      gcp:serviceaccount/iAMMember:IAMMember               each trust
``NAME-role``       gcp:projects/iAMCustomRole:IAMCustomRole             always
``NAME-serve``      gcp:projects/iAMMember:IAMMember                     always
``NAME-artifacts``  gcp:storage/bucketIAMMember:BucketIAMMember          always
``NAME-use-A``      gcp:serviceaccount/iAMMember:IAMMember               ``may_use``
==================  ===================================================  ===========

No predefined role is narrow enough: ``roles/aiplatform.user`` starts training and reads what is
predicted. Vertex AI has no place narrower than the project for its own objects, so the role of our
own says what may be done, and the bindings of bucket and accounts where.

Each trust is a provider of its own that takes one issuer's tokens with one subject, and the
account takes that subject alone: another repository of the same issuer gets nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place, member

FEDERATED = "roles/iam.workloadIdentityUser"
ACT_AS = "roles/iam.serviceAccountUser"
WRITE_OBJECTS = "roles/storage.objectUser"

_VERTEX = "aiplatform"
SERVE = (
    *(
        f"{_VERTEX}.endpoints.{verb}"
        for verb in ("create", "delete", "deploy", "get", "list", "undeploy", "update")
    ),
    *(f"{_VERTEX}.models.{verb}" for verb in ("delete", "get", "list", "update", "upload")),
    f"{_VERTEX}.operations.list",
    f"{_VERTEX}.locations.get",
)
"""New models and their roll-out (IAM, "Vertex AI permissions")."""


@dataclass(frozen=True, kw_only=True)
class TrustArgs:
    """Whose tokens are taken."""

    name: str
    """4 to 32 lower-case letters, digits and dashes."""
    issuer: str
    subject: str
    """To the letter: no pattern. Without quotes and backslashes."""

    def __post_init__(self) -> None:
        if {'"', "'", "\\"} & set(self.subject):
            raise ValueError(f"subject: got {self.subject!r}, allowed: no quotes or backslashes")


@dataclass(frozen=True, kw_only=True)
class CiArgs:
    """What a caller decides. All plain values, so that its bindings show in a preview."""

    place: Place
    account_id: str
    pool_id: str
    role_id: str
    """3 to 64 letters, digits, ``_`` and ``.``."""
    trusts: Sequence[TrustArgs]
    bucket: str
    """Models are uploaded to it."""

    def __post_init__(self) -> None:
        names = [trust.name for trust in self.trusts]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"trusts: got {names}, allowed: one or more, each name once")


class Ci(MlComponent):
    """One account, whom it trusts, and what it may do."""

    kind = "gcp:Ci"

    email: str
    """Known at preview."""
    audiences: dict[str, str]
    """Trust to the name of its provider, which a pipeline asks its token for."""

    def __init__(
        self,
        name: str,
        args: CiArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: services and the bucket, which is named by a plain string."""
        super().__init__(name, opts)
        place = self._place = args.place
        self.email = place.account_email(args.account_id)
        self._account = gcp.serviceaccount.Account(
            name,
            account_id=args.account_id,
            project=place.project,
            display_name=f"{name}: rolls out models",
            opts=self._opts(depends_on=after),
        )
        pool = gcp.iam.WorkloadIdentityPool(
            self._child("pool"),
            workload_identity_pool_id=args.pool_id,
            project=place.project,
            display_name=args.pool_id,
            opts=self._opts(depends_on=after),
        )
        whole = f"projects/{place.project_number}/locations/global/workloadIdentityPools"
        self.audiences = {}
        for trust in args.trusts:
            self._trust(trust, args, f"{whole}/{args.pool_id}", pool)
        role = gcp.projects.IAMCustomRole(
            self._child("role"),
            role_id=args.role_id,
            project=place.project,
            title=f"{name}: rolls out models",
            permissions=list(SERVE),
            stage="GA",
            opts=self._opts(depends_on=after),
        )
        bound = self._opts(depends_on=[self._account, role, *after])
        gcp.projects.IAMMember(
            self._child("serve"),
            project=place.project,
            role=f"projects/{place.project}/roles/{args.role_id}",
            member=member(self.email),
            opts=bound,
        )
        gcp.storage.BucketIAMMember(
            self._child("artifacts"),
            bucket=args.bucket,
            role=WRITE_OBJECTS,
            member=member(self.email),
            opts=bound,
        )
        self.register_outputs({"email": self.email, "audiences": self.audiences})

    def _trust(self, trust: TrustArgs, args: CiArgs, pool: str, made: pulumi.Resource) -> None:
        place = args.place
        self.audiences[trust.name] = f"//iam.googleapis.com/{pool}/providers/{trust.name}"
        provider = gcp.iam.WorkloadIdentityPoolProvider(
            self._child(trust.name),
            workload_identity_pool_id=args.pool_id,
            workload_identity_pool_provider_id=trust.name,
            project=place.project,
            attribute_mapping={"google.subject": "assertion.sub"},
            attribute_condition=f'assertion.sub == "{trust.subject}"',
            oidc=gcp.iam.WorkloadIdentityPoolProviderOidcArgs(issuer_uri=trust.issuer),
            opts=self._opts(depends_on=[made]),
        )
        gcp.serviceaccount.IAMMember(
            self._child(trust.name, "use"),
            service_account_id=f"projects/{place.project}/serviceAccounts/{self.email}",
            role=FEDERATED,
            member=f"principal://iam.googleapis.com/{pool}/subject/{trust.subject}",
            opts=self._opts(depends_on=[self._account, provider]),
        )

    def may_use(self, suffix: str, email: str, after: Sequence[pulumi.Resource]) -> None:
        """Let it give this account to a deployment: Google asks that of whoever makes one."""
        gcp.serviceaccount.IAMMember(
            self._child("use", suffix),
            service_account_id=f"projects/{self._place.project}/serviceAccounts/{email}",
            role=ACT_AS,
            member=member(self.email),
            opts=self._opts(depends_on=[self._account, *after]),
        )
