"""Azure ML online endpoint: models, environments, endpoint, deployments, traffic, autoscale.

Creates, for a component named ``NAME`` and each variant ``V``; ``H`` is a hash of the content:

======================  =====================================================  ==================
child                   type                                                   when
======================  =====================================================  ==================
``NAME-V-model-H``      azure-native:machinelearningservices:ModelVersion      always
``NAME-env-H``          azure-native:machinelearningservices:Environment...    once per content
``NAME-code-H``         azure-native:machinelearningservices:CodeVersion       ``scoring``
``NAME-V-model-...``    azure-native:machinelearningservices:DataVersion       ``capture``, two
``NAME``                mlgap:azure:OnlineEndpoint                             always
``NAME-V``              mlgap:azure:OnlineDeployment                           always
``NAME-traffic``        mlgap:azure:EndpointTraffic                            always
``NAME-V-autoscale``    azure-native:monitor:AutoscaleSetting                  always
======================  =====================================================  ==================

The endpoint, its deployments and its traffic are ``mlgap``'s because the ordinary provider resets
the traffic and the live instance counts; see docs/adr/0009.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import monitor

from components.azure import autoscale
from components.azure.assets import Asset, Assets, ScoringArgs, digest, environment_version
from components.azure.autoscale import ScalingArgs
from components.azure.capture import PACKAGE, SWITCH, CaptureArgs, Captured, captured
from components.azure.serving import ProbeArgs, RequestArgs, RolloutArgs, VariantArgs
from components.azure.workspace import Workspace
from components.core.base import MlComponent
from mlplatform.catalog import azure as catalog
from mlplatform.gaps.sdk import azure as mlgap

COLOUR_HASH = 6
"""Characters; names of deployments have at most 32."""


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """What a caller decides. Plain values shape the graph; ``Input`` values flow through it."""

    workspace: Workspace
    endpoint_name: str
    """3 to 32 characters, unique in the region."""
    asset_name: str
    """First part of the names of models, environments and code in the workspace."""
    identity_id: str
    instance_type: str
    variants: Sequence[VariantArgs]
    scaling: ScalingArgs
    scoring: ScoringArgs | None
    """``None`` for images that serve by themselves."""
    request: RequestArgs = field(default_factory=RequestArgs)
    liveness: ProbeArgs | None = None
    readiness: ProbeArgs | None = None
    """``None`` leaves Azure ML's own."""
    public: bool = True
    """Whether requests may come from outside the workspace's private endpoint."""
    egress_public: bool = True
    """Whether containers reach the public network. False is the older way of isolation; a
    workspace with a managed network isolates its deployments by that."""
    rollout: RolloutArgs | None = None
    """With it each content is a deployment of its own; without, new content rolls out in place,
    instance by instance."""
    capture: CaptureArgs | None = None
    """Needs ``scoring``: an image of one's own keeps requests by itself."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"variants: got {names}, allowed: one or more, each name once")
        total = sum(variant.weight for variant in self.variants)
        if total != 100:
            raise ValueError(f"variants: got weights that sum to {total}, allowed: 100")
        shadows = [variant.name for variant in self.variants if variant.shadow_percent]
        if len(shadows) > 1:
            raise ValueError(f"variants: got shadows {shadows}, allowed: one")
        machine = catalog.machine(self.instance_type)
        if (
            self.scaling.metric == "gpu_percent"
            and machine is not None
            and machine.accelerator is None
        ):
            raise ValueError(
                f"scaling.metric: got gpu_percent, but {self.instance_type} has no accelerator; "
                "allowed: cpu_percent"
            )


class Endpoint(MlComponent):
    """One endpoint, one or several deployments that share its traffic, each scaled on its own."""

    kind = "azure:Endpoint"

    endpoint_name: pulumi.Output[str]
    endpoint_id: pulumi.Output[str]
    endpoint_url: pulumi.Output[str]
    """Where requests for predictions go."""

    def __init__(
        self,
        name: str,
        args: EndpointArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        self._args = args
        self._workspace = args.workspace
        place = args.workspace.place
        ready = self._opts(depends_on=[*after, args.workspace])
        self._assets = Assets(
            workspace=args.workspace, name=args.asset_name, child=self._child, opts=ready
        )
        code = self._assets.code(args.scoring) if args.scoring is not None else None
        self.captured: dict[str, Captured] = {}
        if args.capture is not None:
            self.captured = {
                variant.name: captured(
                    variant.name,
                    args.capture,
                    workspace=args.workspace,
                    asset_name=args.asset_name,
                    child=self._child,
                    opts=ready,
                )
                for variant in args.variants
            }
        endpoint = mlgap.OnlineEndpoint(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            endpoint_name=args.endpoint_name,
            location=place.location,
            identity={"type": "UserAssigned", "userAssignedIdentities": [args.identity_id]},
            properties={
                "authMode": "AADToken",
                "publicNetworkAccess": "Enabled" if args.public else "Disabled",
            },
            tags=dict(args.tags),
            opts=ready,
        )
        shadows = {one.name: one.shadow_percent for one in args.variants if one.shadow_percent}
        deployments = {
            variant.name: self._deploy(endpoint, variant, code) for variant in args.variants
        }
        mlgap.EndpointTraffic(
            self._child("traffic"),
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            endpoint_name=endpoint.endpoint_name,
            traffic=_by_deployment(
                deployments,
                {one.name: one.weight for one in args.variants if not one.shadow_percent},
            ),
            mirror_traffic=_by_deployment(deployments, shadows) if shadows else None,
            rollout=args.rollout.wire() if args.rollout is not None else None,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=list(deployments.values())),
                pulumi.ResourceOptions(
                    custom_timeouts=pulumi.CustomTimeouts(update=f"{args.rollout.longest_s}s")
                    if args.rollout is not None
                    else None
                ),
            ),
        )
        for variant in args.variants:
            self._scale(deployments[variant.name], variant)
        self.endpoint_name = endpoint.endpoint_name
        self.endpoint_id = endpoint.endpoint_id
        self.endpoint_url = endpoint.scoring_uri
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_id": self.endpoint_id,
                "endpoint_url": self.endpoint_url,
            }
        )

    def _deploy(
        self,
        endpoint: mlgap.OnlineEndpoint,
        variant: VariantArgs,
        code: Asset | None,
    ) -> mlgap.OnlineDeployment:
        args, place = self._args, self._workspace.place
        collected = self.captured.get(variant.name) if code is not None else None
        packages = [*variant.pip_packages, *([PACKAGE] if collected is not None else [])]
        model = self._assets.model(variant.name, variant.model_uri, variant.model_hash)
        environment = self._assets.environment(variant.image_uri, packages)
        low, high = autoscale.widest(args.scaling, variant.min_instances, variant.max_instances)
        properties: dict[str, Any] = {
            "endpointComputeType": "Managed",
            "instanceType": args.instance_type,
            "model": model.id,
            "environmentId": environment.id,
            "appInsightsEnabled": True,
            "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {
                "requestTimeout": f"PT{args.request.timeout_s}S",
                "maxConcurrentRequestsPerInstance": args.request.max_concurrent_per_instance,
            },
            "egressPublicNetworkAccess": "Enabled" if args.egress_public else "Disabled",
        }
        for name, probe in (("livenessProbe", args.liveness), ("readinessProbe", args.readiness)):
            if probe is not None:
                properties[name] = probe.wire()
        if collected is not None and args.capture is not None:
            properties["dataCollector"] = collected.collector(args.capture)
            properties["environmentVariables"] = {SWITCH: "true"}
        if code is not None and args.scoring is not None:
            properties["codeConfiguration"] = {
                "codeId": code.id,
                "scoringScript": args.scoring.script,
            }
        served = [one.made for one in (model, environment, code) if one is not None]
        return mlgap.OnlineDeployment(
            self._child(variant.name),
            resource_group_name=place.resource_group,
            workspace_name=self._workspace.workspace_name,
            endpoint_name=endpoint.endpoint_name,
            location=place.location,
            variant=variant.name,
            deployment_name=self._colour(variant, packages) if args.rollout is not None else None,
            min_instances=low,
            max_instances=high,
            properties=properties,
            tags=dict(args.tags),
            opts=self._opts(depends_on=served),
        )

    def _colour(self, variant: VariantArgs, packages: Sequence[str]) -> str:
        """A deployment's name that is another one for each content."""
        scoring = self._args.scoring
        content = digest(
            self._args.instance_type.lower(),
            variant.model_hash,
            environment_version(variant.image_uri, packages),
            scoring.sha256 if scoring is not None else "",
        )
        return f"{variant.name}-{content[:COLOUR_HASH]}"

    def _scale(self, deployment: mlgap.OnlineDeployment, variant: VariantArgs) -> None:
        args, place = self._args, self._workspace.place
        monitor.AutoscaleSetting(
            self._child(variant.name, "autoscale"),
            resource_group_name=place.resource_group,
            # The deployment is part of the name: another deployment gets a setting of its own.
            autoscale_setting_name=pulumi.Output.concat(
                args.endpoint_name, "-", deployment.deployment_name
            ),
            location=place.location,
            # The default is off.
            enabled=True,
            target_resource_uri=deployment.deployment_id,
            profiles=autoscale.profiles(
                deployment.deployment_id,
                args.scaling,
                variant.min_instances,
                variant.max_instances,
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=[deployment]),
        )


def _by_deployment(
    deployments: Mapping[str, mlgap.OnlineDeployment], shares: Mapping[str, int]
) -> pulumi.Output[dict[str, int]]:
    """Shares of variants as shares of the deployments that stand for them."""
    names = pulumi.Output.all(*(deployments[variant].deployment_name for variant in shares))
    percents = list(shares.values())
    return names.apply(lambda found: dict(zip(found, percents, strict=True)))
