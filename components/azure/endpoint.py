"""Azure ML online endpoint: models, environments, endpoint, deployments, traffic, autoscale.

Creates, for a component named ``NAME`` and each variant ``V``; ``H`` is a hash of the content:

======================  =====================================================  ==================
child                   type                                                   when
======================  =====================================================  ==================
``NAME-V-model-H``      azure-native:machinelearningservices:ModelVersion      always
``NAME-env-H``          azure-native:machinelearningservices:Environment...    once per content
``NAME-code-H``         azure-native:machinelearningservices:CodeVersion       ``scoring``
``NAME``                mlgap:azure:OnlineEndpoint                             always
``NAME-V``              mlgap:azure:OnlineDeployment                           always
``NAME-traffic``        mlgap:azure:EndpointTraffic                            always
``NAME-V-autoscale``    azure-native:monitor:AutoscaleSetting                  always
======================  =====================================================  ==================

Versions of assets are immutable, and a replacement would delete the old one while its deployment
still uses it. So each content is a child of its own, named by its hash: the new one comes first and
the old one goes last.

The endpoint, its deployments and its traffic are ``mlgap``'s because the ordinary provider resets
the traffic and the live instance counts; see docs/adr/0009.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
from pulumi_azure_native import machinelearningservices, monitor

from components.azure.workspace import Workspace
from components.core.base import MlComponent
from mlplatform.catalog import azure as catalog
from mlplatform.gaps.sdk import azure as mlgap

ASSET_HASH = 12
METRICS = {"cpu_percent": "CpuUtilizationPercentage", "gpu_percent": "GpuUtilizationPercentage"}
"""Azure Monitor metrics of a deployment, in percent (learn.microsoft.com, Monitor online
endpoints)."""
REQUEST_TIMEOUT = "PT90S"
"""Azure ML allows up to 180 s; its default of 5 s is short for a first request."""
SCALE_IN_AT = 0.5
"""Scale in below half of the target: one instance fewer must not bring the rest above it again
(learn.microsoft.com, Best practices for autoscale: flapping)."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Step scaling around a target, the same for every variant."""

    metric: Literal["cpu_percent", "gpu_percent"]
    target_percent: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    """Whole minutes, as Azure Monitor counts them."""

    def __post_init__(self) -> None:
        if not 0 < self.target_percent <= 100:
            raise ValueError(f"target_percent: got {self.target_percent}, allowed: above 0, to 100")
        for name in ("scale_in_cooldown_s", "scale_out_cooldown_s"):
            value = getattr(self, name)
            if value < 60 or value % 60:
                raise ValueError(f"{name}: got {value}, allowed: whole minutes, at least 60")


@dataclass(frozen=True, kw_only=True)
class ScoringArgs:
    """Code that serves artifacts in SageMaker's form; see ``scoring/score.py``."""

    code_uri: str
    """Folder in blob storage that holds it."""
    script: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class VariantArgs:
    """One deployment. Its name is stable; the deployment's own adds what cannot change in place."""

    name: str
    weight: int
    """Whole percent of the traffic; all variants together 100."""
    min_instances: int
    max_instances: int
    model_uri: str
    model_hash: str
    """Of the content, or of the URI where the content is elsewhere: another hash, another model."""
    image_uri: str
    pip_packages: Sequence[str] = ()
    """What the environment installs on top; empty for a complete image of one's own."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_instances <= self.max_instances:
            raise ValueError(
                f"variant {self.name}: need 1 <= min_instances <= max_instances, got "
                f"{self.min_instances}..{self.max_instances}"
            )


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
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"variants: got {names}, allowed: one or more, each name once")
        total = sum(variant.weight for variant in self.variants)
        if total != 100:
            raise ValueError(f"variants: got weights that sum to {total}, allowed: 100")
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
        self._after = [*after, args.workspace]
        self._environments: dict[str, machinelearningservices.EnvironmentVersion] = {}
        code = self._code(args.scoring) if args.scoring is not None else None
        place = args.workspace.place
        endpoint = mlgap.OnlineEndpoint(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            endpoint_name=args.endpoint_name,
            location=place.location,
            identity={"type": "UserAssigned", "userAssignedIdentities": [args.identity_id]},
            properties={"authMode": "AADToken", "publicNetworkAccess": "Enabled"},
            tags=dict(args.tags),
            opts=self._opts(depends_on=self._after),
        )
        deployments = {
            variant.name: self._deploy(endpoint, variant, code) for variant in args.variants
        }
        weights = [variant.weight for variant in args.variants]
        mlgap.EndpointTraffic(
            self._child("traffic"),
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            endpoint_name=endpoint.endpoint_name,
            traffic=pulumi.Output.all(
                *(deployments[variant.name].deployment_name for variant in args.variants)
            ).apply(lambda names: dict(zip(names, weights, strict=True))),
            opts=self._opts(depends_on=list(deployments.values())),
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
        code: machinelearningservices.CodeVersion | None,
    ) -> mlgap.OnlineDeployment:
        args, place = self._args, self._workspace.place
        model = self._model(variant)
        environment = self._environment(variant)
        properties: dict[str, Any] = {
            "endpointComputeType": "Managed",
            "instanceType": args.instance_type,
            "model": model.id,
            "environmentId": environment.id,
            "appInsightsEnabled": True,
            "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {
                "requestTimeout": REQUEST_TIMEOUT,
                "maxConcurrentRequestsPerInstance": 1,
            },
        }
        if code is not None and args.scoring is not None:
            properties["codeConfiguration"] = {
                "codeId": code.id,
                "scoringScript": args.scoring.script,
            }
        return mlgap.OnlineDeployment(
            self._child(variant.name),
            resource_group_name=place.resource_group,
            workspace_name=self._workspace.workspace_name,
            endpoint_name=endpoint.endpoint_name,
            location=place.location,
            variant=variant.name,
            min_instances=variant.min_instances,
            max_instances=variant.max_instances,
            properties=properties,
            tags=dict(args.tags),
            opts=self._opts(),
        )

    def _model(self, variant: VariantArgs) -> machinelearningservices.ModelVersion:
        version = variant.model_hash[:ASSET_HASH]
        return machinelearningservices.ModelVersion(
            self._child(variant.name, "model", version),
            resource_group_name=self._workspace.place.resource_group,
            workspace_name=self._workspace.workspace_name,
            name=f"{self._args.asset_name}-{variant.name}",
            version=version,
            properties=machinelearningservices.ModelVersionPropertiesArgs(
                model_uri=variant.model_uri, model_type="custom_model"
            ),
            opts=self._opts(depends_on=self._after),
        )

    def _environment(self, variant: VariantArgs) -> machinelearningservices.EnvironmentVersion:
        """One for each image and set of packages, shared by the variants that have both alike."""
        conda = conda_file(variant.pip_packages) if variant.pip_packages else None
        version = _digest(variant.image_uri, conda or "")
        if version not in self._environments:
            self._environments[version] = machinelearningservices.EnvironmentVersion(
                self._child("env", version),
                resource_group_name=self._workspace.place.resource_group,
                workspace_name=self._workspace.workspace_name,
                name=self._args.asset_name,
                version=version,
                properties=machinelearningservices.EnvironmentVersionPropertiesArgs(
                    image=variant.image_uri, conda_file=conda, os_type="Linux"
                ),
                opts=self._opts(depends_on=self._after),
            )
        return self._environments[version]

    def _code(self, scoring: ScoringArgs) -> machinelearningservices.CodeVersion:
        version = scoring.sha256[:ASSET_HASH]
        return machinelearningservices.CodeVersion(
            self._child("code", version),
            resource_group_name=self._workspace.place.resource_group,
            workspace_name=self._workspace.workspace_name,
            name=self._args.asset_name,
            version=version,
            properties=machinelearningservices.CodeVersionPropertiesArgs(
                code_uri=scoring.code_uri,
                properties={"hash_sha256": scoring.sha256, "hash_version": "202208"},
            ),
            opts=self._opts(depends_on=self._after),
        )

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
            profiles=[
                monitor.AutoscaleProfileArgs(
                    name="default",
                    capacity=monitor.ScaleCapacityArgs(
                        minimum=str(variant.min_instances),
                        maximum=str(variant.max_instances),
                        default=str(variant.min_instances),
                    ),
                    rules=scale_rules(deployment.deployment_id, args.scaling),
                )
            ],
            tags=dict(args.tags),
            opts=self._opts(depends_on=[deployment]),
        )


def scale_rules(
    deployment_id: pulumi.Input[str], scaling: ScalingArgs
) -> list[monitor.ScaleRuleArgs]:
    """One instance more above the target, one fewer below half of it."""

    def rule(
        operator: monitor.ComparisonOperationType,
        threshold: float,
        direction: monitor.ScaleDirection,
        cooldown_s: int,
    ) -> monitor.ScaleRuleArgs:
        return monitor.ScaleRuleArgs(
            metric_trigger=monitor.MetricTriggerArgs(
                metric_name=METRICS[scaling.metric],
                metric_resource_uri=deployment_id,
                operator=operator,
                statistic=monitor.MetricStatisticType.AVERAGE,
                threshold=threshold,
                time_aggregation=monitor.TimeAggregationType.AVERAGE,
                time_grain="PT1M",
                time_window="PT5M",
            ),
            scale_action=monitor.ScaleActionArgs(
                cooldown=f"PT{cooldown_s // 60}M",
                direction=direction,
                type=monitor.ScaleType.CHANGE_COUNT,
                value="1",
            ),
        )

    return [
        rule(
            monitor.ComparisonOperationType.GREATER_THAN,
            scaling.target_percent,
            monitor.ScaleDirection.INCREASE,
            scaling.scale_out_cooldown_s,
        ),
        rule(
            monitor.ComparisonOperationType.LESS_THAN,
            scaling.target_percent * SCALE_IN_AT,
            monitor.ScaleDirection.DECREASE,
            scaling.scale_in_cooldown_s,
        ),
    ]


def conda_file(packages: Sequence[str]) -> str:
    """The environment's packages as the conda file that Azure ML builds an image from."""
    return json.dumps(
        {
            "name": "serving",
            "channels": ["conda-forge"],
            "dependencies": ["python=3.9", "pip", {"pip": list(packages)}],
        },
        indent=1,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ASSET_HASH]
