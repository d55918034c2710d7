"""``mlgap:gcp:QuotaPreference``: how much of one quota is wanted, in one place."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class QuotaPreferenceArgs(TypedDict, total=False):
    """Arguments of a request for quota.

    Args:
        preference_id: up to 63 letters, digits, dashes and underscores.
        service: such as ``aiplatform.googleapis.com``.
        quota_id: unique in the service; another one is another preference.
        dimensions: such as ``{"region": "us-central1"}``; others are another preference.
        quota_config: ``preferredValue``, a whole number as text; ``-1`` is no limit.
        contact_email: needed for more than there is; never shown again.
        justification: why.
    """

    preference_id: Required[pulumi.Input[str]]
    service: Required[pulumi.Input[str]]
    quota_id: Required[pulumi.Input[str]]
    dimensions: Required[Labels]
    quota_config: Required[Message]
    contact_email: pulumi.Input[str] | None
    justification: pulumi.Input[str] | None


class QuotaPreference(GapResource):
    """A request for so much of a quota. What exists is changed, never made twice.

    Google Cloud decides, in minutes or days; the update does not wait. A destroy takes nothing
    back: the service has no call for it. The import id is the preference's name or id.
    """

    TOKEN = "mlgap:gcp:QuotaPreference"
    ARGS = QuotaPreferenceArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[QuotaPreferenceArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    granted_value = Shown[str]()
    """What Google Cloud has granted so far; empty before it has answered."""
    reconciling = Shown[bool]()
    """True while it is being decided."""
