"""Requests for more accelerators than the project may have.

Creates, for a component named ``NAME`` and each quota ``Q``:

==============  ===============================  ======
child           type                             when
==============  ===============================  ======
``NAME-Q``      mlgap:gcp:QuotaPreference        always
==============  ===============================  ======

A request is no promise: Google answers in minutes or days, and may refuse. Removing one takes
nothing back. The ordinary provider could not ask again after a destroy; see mlgap's resource.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.core.base import MlComponent
from mlplatform.gaps.sdk import gcp as mlgap


@dataclass(frozen=True, kw_only=True)
class QuotaArgs:
    """One quota in one place."""

    service: str
    quota_id: str
    dimensions: Mapping[str, str]
    """``{"region": ...}`` or ``{"zone": ...}``."""
    value: int
    """What to ask for; 1 or more."""

    @property
    def preference_id(self) -> str:
        """The same for the same quota and place, whichever stack asks."""
        place = "_".join(self.dimensions.values())
        digest = hashlib.sha256(f"{self.service}/{self.quota_id}".encode()).hexdigest()[:8]
        return f"mlplatform-{place}-{digest}"


class Quotas(MlComponent):
    """What is asked for."""

    kind = "gcp:Quotas"

    granted: dict[str, pulumi.Output[str]]
    """Quota id and place to what Google Cloud has granted so far."""

    def __init__(
        self,
        name: str,
        *,
        wanted: Sequence[QuotaArgs],
        contact_email: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``contact_email``: whom Google asks; without one it refuses to give more."""
        super().__init__(name, opts)
        self.granted = {}
        for one in wanted:
            place = "-".join(one.dimensions.values())
            made = mlgap.QuotaPreference(
                self._child(one.quota_id, place),
                preference_id=one.preference_id,
                service=one.service,
                quota_id=one.quota_id,
                dimensions=dict(one.dimensions),
                quota_config={"preferredValue": str(one.value)},
                contact_email=contact_email,
                justification="Machine learning platform",
                opts=self._opts(),
            )
            self.granted[f"{one.quota_id} {place}"] = made.granted_value
        self.register_outputs({"granted": self.granted})
