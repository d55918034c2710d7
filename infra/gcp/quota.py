"""What the stack needs of the project's quotas, and requests for more."""

from __future__ import annotations

from typing import Any

from components.core.naming import physical_name
from components.gcp.quota import QuotaArgs, Quotas
from infra.gcp.common import ENDPOINT_ID_MAX, Common
from mlplatform.catalog import gcp_quotas as catalog
from mlplatform.spec import GcpPlan


def quotas(plan: GcpPlan, common: Common) -> dict[str, Any]:
    """Declare the requests; return what the stack may use at once, and what was granted."""
    if not plan.quotas:
        return {}
    outputs: dict[str, Any] = {
        "quota_needs": {f"{one.quota_id} {one.place}": one.needed for one in plan.quotas}
    }
    wanted = [
        QuotaArgs(
            service=one.service,
            quota_id=one.quota_id,
            dimensions={"zone" if one.service == catalog.TPU else "region": one.place},
            value=one.needed,
        )
        for one in plan.quotas
        if one.request
    ]
    if wanted:
        name = physical_name(common.environment, "quotas", max_length=ENDPOINT_ID_MAX)
        made = Quotas(name, wanted=wanted, contact_email=plan.quota_contact, opts=common.opts)
        outputs["quota_granted"] = made.granted
    return outputs
