"""The identity of pipelines on Azure."""

from __future__ import annotations

from components.azure.ci import Ci, CiArgs, TrustArgs
from components.core.naming import physical_name
from infra.azure.common import GROUP_NAME_MAX, IDENTITY_NAME_MAX, Common
from mlplatform.spec import AzurePlan


def pipelines(plan: AzurePlan, common: Common) -> Ci | None:
    """Declare it where the plan trusts somebody."""
    if not plan.ci:
        return None
    return Ci(
        physical_name(common.environment, "ci", max_length=GROUP_NAME_MAX),
        CiArgs(
            place=common.place,
            identity_name=physical_name(common.environment, "ci", max_length=IDENTITY_NAME_MAX),
            trusts=[
                TrustArgs(name=trust.name, issuer=trust.issuer, subject=trust.subject)
                for trust in plan.ci
            ],
            workspace_id=common.workspace.workspace_id,
            artifacts_id=common.storage.container_id,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[common.group, common.workspace, common.storage],
    )
