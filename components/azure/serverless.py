"""A model of Azure's catalogue served without machines of one's own.

Creates, for a component named ``NAME``:

==================  =============================================================  ===============
child               type                                                           when
==================  =============================================================  ===============
``NAME-terms``      azure-native:machinelearningservices:MarketplaceSubscription   ``marketplace``
``NAME``            azure-native:machinelearningservices:ServerlessEndpoint        always
==================  =============================================================  ===============

Callers have a key: there is no other way to call such an endpoint in a model of a partner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.azure.workspace import Workspace
from components.core.base import MlComponent


@dataclass(frozen=True, kw_only=True)
class ServerlessArgs:
    """What a caller decides."""

    workspace: Workspace
    endpoint_name: str
    """3 to 32 characters, unique in the region."""
    model_id: str
    """``azureml://registries/<registry>/models/<model>``, a version at its end or none."""
    marketplace: bool = True
    """Whether a partner offers it: its terms are taken first."""
    content_safety: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)


class Serverless(MlComponent):
    """One endpoint, and the terms of its model."""

    kind = "azure:Serverless"

    endpoint_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ServerlessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.workspace.place
        before: list[pulumi.Resource] = [*after, args.workspace]
        if args.marketplace:
            # Azure refuses the endpoint while the subscription is not there.
            terms = ml.MarketplaceSubscription(
                self._child("terms"),
                resource_group_name=place.resource_group,
                workspace_name=args.workspace.workspace_name,
                name=args.endpoint_name,
                properties=ml.MarketplaceSubscriptionPropertiesArgs(
                    model_id=args.model_id.partition("/versions/")[0]
                ),
                opts=pulumi.ResourceOptions.merge(
                    self._opts(depends_on=before),
                    pulumi.ResourceOptions(
                        replace_on_changes=["properties.modelId"], delete_before_replace=True
                    ),
                ),
            )
            before.append(terms)
        endpoint = ml.ServerlessEndpoint(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            name=args.endpoint_name,
            location=place.location,
            sku=ml.SkuArgs(name="Consumption"),
            properties=ml.ServerlessEndpointPropertiesArgs(
                auth_mode="Key",
                model_settings=ml.ModelSettingsArgs(model_id=args.model_id),
                content_safety=ml.ContentSafetyArgs(
                    content_safety_status="Enabled" if args.content_safety else "Disabled"
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=before),
                pulumi.ResourceOptions(
                    replace_on_changes=["properties.modelSettings"], delete_before_replace=True
                ),
            ),
        )
        self.endpoint_name = endpoint.name
        self.register_outputs({"endpoint_name": self.endpoint_name})
