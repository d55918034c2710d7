"""The mlgap provider as a resource: one for each account and region that gaps are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import pulumi

from mlplatform.gaps.sdk.options import with_version


class AwsConfig(TypedDict):
    """Where ``mlgap:aws:*`` resources live.

    Attributes:
        region: such as ``us-east-1``.
        account_id: twelve digits. Credentials of any other account are refused before anything is
            created.
    """

    region: pulumi.Input[str]
    account_id: pulumi.Input[str]


class AzureConfig(TypedDict):
    """Where ``mlgap:azure:*`` resources live.

    Attributes:
        subscription_id: its GUID.
        tenant_id: GUID of the subscription's tenant. A subscription of any other tenant, or one
            that the credentials do not see, is refused before anything is created.
    """

    subscription_id: pulumi.Input[str]
    tenant_id: pulumi.Input[str]


class GcpConfig(TypedDict):
    """Where ``mlgap:gcp:*`` resources live.

    Attributes:
        project: the project's id. Credentials that cannot see it are refused before anything is
            created.
        region: such as ``us-central1``.
    """

    project: pulumi.Input[str]
    region: pulumi.Input[str]


class Provider(pulumi.ProviderResource):
    """Configuration of mlgap; give each cloud that its resources are used on.

    Args:
        aws: see AwsConfig.
        azure: see AzureConfig.
        gcp: see GcpConfig.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        aws: AwsConfig | None = None,
        azure: AzureConfig | None = None,
        gcp: GcpConfig | None = None,
    ) -> None:
        clouds: dict[str, Mapping[str, object] | None] = {"aws": aws, "azure": azure, "gcp": gcp}
        # The engine carries provider settings as text, so that objects travel as JSON.
        settings = {
            cloud: pulumi.Output.json_dumps(config)
            for cloud, config in clouds.items()
            if config is not None
        }
        super().__init__("mlgap", resource_name, settings, with_version(opts))
