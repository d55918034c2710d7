"""``mlgap:gcp:QuotaPreference``: how much of one quota is wanted, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Message
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:gcp:QuotaPreference"


class QuotaPreference(pulumi.CustomResource):
    """A request for so much of a quota. What exists is changed, never made twice.

    Google Cloud decides, in minutes or days; the update does not wait. A destroy takes nothing
    back: the service has no call for it. The import id is the preference's name or id.

    Args:
        preference_id: up to 63 letters, digits, dashes and underscores.
        service: such as ``aiplatform.googleapis.com``.
        quota_id: unique in the service; another one is another preference.
        dimensions: such as ``{"region": "us-central1"}``; others are another preference.
        quota_config: ``preferredValue``, a whole number as text; ``-1`` is no limit.
        contact_email: needed for more than there is; never shown again.
        justification: why.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        preference_id: pulumi.Input[str] | None = None,
        service: pulumi.Input[str] | None = None,
        quota_id: pulumi.Input[str] | None = None,
        dimensions: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        quota_config: Message | None = None,
        contact_email: pulumi.Input[str] | None = None,
        justification: pulumi.Input[str] | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "preferenceId": preference_id,
            "service": service,
            "quotaId": quota_id,
            "dimensions": dimensions,
            "quotaConfig": quota_config,
        }
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        missing = [name for name, value in properties.items() if value is None]
        if missing and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        properties |= {
            "contactEmail": contact_email,
            "justification": justification,
            "grantedValue": None,
            "reconciling": None,
        }
        super().__init__(TOKEN, resource_name, properties, with_version(opts))

    @property
    def granted_value(self) -> pulumi.Output[str]:
        """What Google Cloud has granted so far; empty before it has answered."""
        return cast("pulumi.Output[str]", pulumi.get(self, "grantedValue"))

    @property
    def reconciling(self) -> pulumi.Output[bool]:
        """True while it is being decided."""
        return cast("pulumi.Output[bool]", pulumi.get(self, "reconciling"))
