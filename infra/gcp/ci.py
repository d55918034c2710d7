"""The account of pipelines on Google Cloud."""

from __future__ import annotations

import pulumi

from components.core.naming import physical_name
from components.gcp.ci import Ci, CiArgs, TrustArgs
from components.gcp.place import Place
from components.gcp.storage import Storage
from infra.gcp.common import ACCOUNT_ID_MAX, ENDPOINT_ID_MAX, IDENTITY_POOL_MAX, ROLE_ID_MAX
from mlplatform.spec import GcpCi


def pipelines(
    plan: GcpCi | None,
    environment: str,
    place: Place,
    storage: Storage,
    *,
    opts: pulumi.ResourceOptions,
) -> Ci | None:
    """Declare it where the plan trusts somebody."""
    if plan is None:
        return None
    role = physical_name(environment, "ci", max_length=ROLE_ID_MAX).replace("-", "_")
    return Ci(
        physical_name(environment, "ci", max_length=ENDPOINT_ID_MAX),
        CiArgs(
            place=place,
            account_id=physical_name(environment, "ci", max_length=ACCOUNT_ID_MAX),
            pool_id=plan.pool_id or physical_name(environment, "ci", max_length=IDENTITY_POOL_MAX),
            role_id=role,
            trusts=[
                TrustArgs(name=trust.name, issuer=trust.issuer, subject=trust.subject)
                for trust in plan.trusts
            ],
            bucket=storage.bucket,
        ),
        opts=opts,
        after=[storage],
    )
