"""What the stack needs of the account's quotas, and requests for more."""

from __future__ import annotations

from typing import Any

import pulumi

from components.aws.quota import Quotas
from infra.aws.common import Common


def quotas(common: Common) -> dict[str, Any]:
    """Declare the requests; return what the stack may use at once, by quota."""
    plan = common.plan.quotas
    wanted = {
        one.name: (one.code, one.needed) for one in plan if one.request and one.code is not None
    }
    for one in plan:
        if one.request and one.code is None:
            pulumi.log.warn(
                f"quota {one.name!r}: its code is not known here; ask for {one.needed} in the "
                "console of Service Quotas"
            )
    if wanted:
        Quotas(common.name("quotas"), wanted=wanted, opts=common.opts)
    return {"quota_needs": {one.name: one.needed for one in plan}} if plan else {}
