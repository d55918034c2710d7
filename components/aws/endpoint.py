"""SageMaker real-time endpoint: models, configuration, endpoint, autoscaling.

Creates, for a component named ``NAME`` and each variant ``V``:

=======================  ==========================================  ======
child                    type                                        when
=======================  ==========================================  ======
``NAME-V-model``         aws:sagemaker/model:Model                   always
``NAME-config``          aws:sagemaker/endpointConfiguration:...     always
``NAME``                 mlgap:aws:Endpoint                          always
``NAME-logs``            aws:cloudwatch/logGroup:LogGroup            with retention
``NAME-V-scaling``       aws:appautoscaling/target:Target            always
``NAME-V-invocations``   aws:appautoscaling/policy:Policy            always
=======================  ==========================================  ======

The configuration is immutable: any change replaces it, and the endpoint only notices
because the new one has a new auto-generated name. So it has no ``name`` and no
``delete_before_replace``.

The endpoint is ``mlgap``'s because the ordinary provider resets the live instance
counts at each update, and fails when the instance type of a scaled variant changes;
see docs/adr/0004.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent
from mlplatform.catalog import aws as catalog
from mlplatform.gaps.sdk import aws as mlgap

SERVICE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
METRIC = "SageMakerVariantInvocationsPerInstance"
"""Average invocations per minute and instance of one variant."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Target tracking on invocations per instance, the same for every variant."""

    invocations_per_instance_per_minute: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int

    def __post_init__(self) -> None:
        if not self.invocations_per_instance_per_minute > 0:
            raise ValueError(
                "invocations_per_instance_per_minute: got "
                f"{self.invocations_per_instance_per_minute}, allowed: above 0"
            )
        for name in ("scale_in_cooldown_s", "scale_out_cooldown_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: got {getattr(self, name)}, allowed: 0 or more")


@dataclass(frozen=True, kw_only=True)
class VariantArgs:
    """One production variant. Its name is part of the autoscaling resource id."""

    name: str
    weight: float
    """Share of the traffic is weight / sum of weights; 0 takes no traffic."""
    min_instances: int
    max_instances: int
    model_data_url: pulumi.Input[str]
    image_uri: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the container."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_instances <= self.max_instances:
            raise ValueError(
                f"variant {self.name}: need 1 <= min_instances <= max_instances, got "
                f"{self.min_instances}..{self.max_instances}"
            )


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Subnets and groups of one VPC: at most 16 and 5 (botocore sagemaker VpcConfig)."""

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """What a caller decides. Plain values shape the graph; ``Input`` values flow through it."""

    place: Place
    endpoint_name: str
    role_arn: str
    instance_type: str
    volume_key_arn: pulumi.Input[str]
    """Encrypts the storage volumes. Required: there is no unencrypted mode. Local NVMe disks,
    where a type has them, are encrypted by the hardware (botocore, CreateEndpointConfig)."""
    variants: Sequence[VariantArgs]
    scaling: ScalingArgs
    network: NetworkArgs | None = None
    """Where the containers stand; outside any network of the account when left out."""
    log_retention_days: int | None = None
    """Makes the log group; SageMaker makes one that keeps for ever when left out."""
    log_key_arn: pulumi.Input[str] | None = None
    """Encrypts the log group."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"variants: got {names}, allowed: one or more, each name once")
        machine = catalog.machine(self.instance_type)
        if machine is not None and machine.burstable:
            raise ValueError(
                f"instance_type: burstable {self.instance_type} cannot be autoscaled; "
                "use a fixed-performance type such as ml.m5.large"
            )


class Endpoint(MlComponent):
    """One endpoint, one or several weighted variants, each scaled on its own."""

    kind = "aws:Endpoint"

    endpoint_name: pulumi.Output[str]
    endpoint_arn: pulumi.Output[str]
    model_names: dict[str, pulumi.Output[str]]
    """Variant to the model that it serves."""
    endpoint_url: pulumi.Output[str]
    """Where the runtime API takes ``InvokeEndpoint`` for this endpoint."""

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
        tags = dict(args.tags)
        logs = self._log_group(args)
        models = {
            variant.name: aws.sagemaker.Model(
                self._child(variant.name, "model"),
                execution_role_arn=args.role_arn,
                primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
                    image=variant.image_uri,
                    model_data_url=variant.model_data_url,
                    environment=dict(variant.environment),
                ),
                # The containers need no network; with a VPC, SageMaker reaches S3 through it.
                enable_network_isolation=True,
                vpc_config=vpc_config(args.network),
                tags=tags,
                opts=self._opts(depends_on=after),
            )
            for variant in args.variants
        }
        config = aws.sagemaker.EndpointConfiguration(
            self._child("config"),
            kms_key_arn=args.volume_key_arn,
            production_variants=[
                aws.sagemaker.EndpointConfigurationProductionVariantArgs(
                    variant_name=variant.name,
                    model_name=models[variant.name].name,
                    instance_type=args.instance_type,
                    # Only a new variant starts with it; live counts survive updates.
                    initial_instance_count=variant.min_instances,
                    initial_variant_weight=variant.weight,
                )
                for variant in args.variants
            ],
            tags=tags,
            opts=self._opts(depends_on=after),
        )
        endpoint = mlgap.Endpoint(
            name,
            endpoint_name=args.endpoint_name,
            endpoint_config_name=config.name,
            tags=tags,
            opts=self._opts(depends_on=logs),
        )
        for variant in args.variants:
            self._scale(endpoint, variant, args)

        self.model_names = {name: model.name for name, model in models.items()}
        self.endpoint_name = endpoint.endpoint_name
        self.endpoint_arn = endpoint.arn
        host = f"runtime.sagemaker.{args.place.region}.{args.place.dns_suffix}"
        self.endpoint_url = pulumi.Output.concat(
            f"https://{host}/endpoints/", endpoint.endpoint_name, "/invocations"
        )
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_arn": self.endpoint_arn,
                "endpoint_url": self.endpoint_url,
            }
        )

    def _log_group(self, args: EndpointArgs) -> list[pulumi.Resource]:
        if args.log_retention_days is None:
            return []
        return [
            aws.cloudwatch.LogGroup(
                self._child("logs"),
                # SageMaker's own choice of name ("Log groups and streams", SageMaker guide).
                name=f"/aws/sagemaker/Endpoints/{args.endpoint_name}",
                retention_in_days=args.log_retention_days,
                kms_key_id=args.log_key_arn,
                tags=dict(args.tags),
                opts=self._opts(),
            )
        ]

    def _scale(self, endpoint: mlgap.Endpoint, variant: VariantArgs, args: EndpointArgs) -> None:
        # Plain strings, not the target's outputs: those are absent when the endpoint failed, and
        # a policy that lacks them would be refused and hide what really went wrong.
        resource_id = f"endpoint/{args.endpoint_name}/variant/{variant.name}"
        target = aws.appautoscaling.Target(
            self._child(variant.name, "scaling"),
            service_namespace=SERVICE,
            scalable_dimension=DIMENSION,
            resource_id=resource_id,
            min_capacity=variant.min_instances,
            max_capacity=variant.max_instances,
            tags=dict(args.tags),
            opts=self._opts(depends_on=[endpoint]),
        )
        aws.appautoscaling.Policy(
            self._child(variant.name, "invocations"),
            policy_type="TargetTrackingScaling",
            service_namespace=SERVICE,
            scalable_dimension=DIMENSION,
            resource_id=resource_id,
            target_tracking_scaling_policy_configuration=(
                aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    target_value=args.scaling.invocations_per_instance_per_minute,
                    scale_in_cooldown=args.scaling.scale_in_cooldown_s,
                    scale_out_cooldown=args.scaling.scale_out_cooldown_s,
                    predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=METRIC
                    ),
                )
            ),
            opts=self._opts(depends_on=[target]),
        )


def vpc_config(network: NetworkArgs | None) -> aws.sagemaker.ModelVpcConfigArgs | None:
    """The network in the model's words."""
    if network is None:
        return None
    return aws.sagemaker.ModelVpcConfigArgs(
        subnets=network.subnet_ids, security_group_ids=network.security_group_ids
    )
