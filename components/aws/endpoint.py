"""SageMaker endpoint: models, configuration, rollback alarms, endpoint, autoscaling.

Creates, for a component named ``NAME`` and each variant ``V``:

=======================  ==========================================  =======================
child                    type                                        when
=======================  ==========================================  =======================
``NAME-V-model``         aws:sagemaker/model:Model                   always
``NAME-config``          aws:sagemaker/endpointConfiguration:...     always
``NAME``                 mlgap:aws:Endpoint                          always
``NAME-logs``            aws:cloudwatch/logGroup:LogGroup            with retention
``NAME-V-errors``        aws:cloudwatch/metricAlarm:MetricAlarm      rollout.error_percent
``NAME-V-latency``       aws:cloudwatch/metricAlarm:MetricAlarm      rollout.latency_ms
``NAME-copies``          mlgap:aws:InferenceComponent                copies
``NAME-copies-count``    mlplatform:aws:Scaling                      copies
``NAME-answered``        aws:sns/topic:Topic                         asynchronous.notify
``NAME-failed``          aws:sns/topic:Topic                         asynchronous.notify
``NAME-V``               mlplatform:aws:Scaling                      scaling; not of a shadow
``NAME-invoked-by-R``    aws:iam/rolePolicy:RolePolicy               ``grant_invoke``
=======================  ==========================================  =======================

The configuration is immutable: any change replaces it, and the endpoint only notices
because the new one has a new auto-generated name. So it has no ``name`` and no
``delete_before_replace``.

The endpoint is ``mlgap``'s because the ordinary provider resets the live instance
counts at each update, and fails when the instance type of a scaled variant changes;
see docs/adr/0004.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.aws import policy
from components.aws.rollout import alarms, deployment_config, longest_s
from components.aws.scaling import CONCURRENCY, COPIES, INSTANCES, Scaling
from components.aws.serving import (
    AsynchronousArgs,
    CaptureArgs,
    CopiesArgs,
    EndpointArgs,
    NetworkArgs,
    VariantArgs,
)
from components.core.base import MlComponent
from mlplatform.gaps.sdk import aws as mlgap

WHOLE_TRAFFIC = 100
"""Weight of the variant that a shadow copies from: the shadow's weight is then a percentage of
its requests (SageMaker guide, "Shadow variants")."""


class Endpoint(MlComponent):
    """One endpoint, one or several weighted variants, each scaled on its own."""

    kind = "aws:Endpoint"

    endpoint_name: pulumi.Output[str]
    endpoint_arn: pulumi.Output[str]
    model_names: dict[str, pulumi.Output[str]]
    """Variant to the model that it serves."""
    endpoint_url: pulumi.Output[str]
    """Where the runtime API takes requests for this endpoint."""

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
        self._args, self._tags = args, dict(args.tags)
        models = self._models(after)
        config = self._configuration(models, after)
        before = [*self._log_group(), *self._rollback_alarms()]
        rollout = args.rollout
        self._endpoint = mlgap.Endpoint(
            name,
            endpoint_name=args.endpoint_name,
            endpoint_config_name=config.name,
            deployment_config=None
            if rollout is None
            else deployment_config(rollout, [alarm.name for alarm in self._alarms]),
            tags=self._tags,
            opts=self._opts(
                depends_on=before,
                custom_timeouts=None
                if rollout is None
                else pulumi.CustomTimeouts(update=f"{longest_s(rollout)}s"),
            ),
        )
        for variant in args.variants:
            self._scale(variant)
        if args.copies is not None:
            self._copies(args.copies, models[args.variants[0].name])
        self.model_names = {name: model.name for name, model in models.items()}
        self.endpoint_name = self._endpoint.endpoint_name
        self.endpoint_arn = self._endpoint.arn
        host = f"runtime.sagemaker.{args.place.region}.{args.place.dns_suffix}"
        path = "async-invocations" if args.asynchronous is not None else "invocations"
        self.endpoint_url = pulumi.Output.concat(
            f"https://{host}/endpoints/", self.endpoint_name, f"/{path}"
        )
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_arn": self.endpoint_arn,
                "endpoint_url": self.endpoint_url,
            }
        )

    def grant_invoke(self, role_name: str) -> None:
        """Let an existing role of this account ask this endpoint, and no other."""
        statements = policy.invoke(self._args.place, self._args.endpoint_name)
        aws.iam.RolePolicy(
            self._child("invoked-by", role_name),
            role=role_name,
            policy=json.dumps(policy.document(statements)),
            opts=self._opts(),
        )

    def _models(self, after: Sequence[pulumi.Resource]) -> dict[str, aws.sagemaker.Model]:
        args = self._args
        return {
            variant.name: aws.sagemaker.Model(
                self._child(variant.name, "model"),
                execution_role_arn=args.role_arn,
                primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
                    image=variant.image_uri,
                    model_data_url=variant.model_data_url,
                    environment=dict(variant.environment),
                    mode="MultiModel" if variant.multi_model else None,
                ),
                # The containers need no network; with a VPC, SageMaker reaches S3 through it.
                # Serverless endpoints refuse both (SageMaker guide, "Serverless Inference").
                enable_network_isolation=args.serverless is None,
                vpc_config=vpc_config(args.network),
                tags=self._tags,
                opts=self._opts(depends_on=after),
            )
            for variant in args.variants
        }

    def _configuration(
        self, models: dict[str, aws.sagemaker.Model], after: Sequence[pulumi.Resource]
    ) -> aws.sagemaker.EndpointConfiguration:
        args = self._args
        copies = args.copies
        shadowed = any(variant.shadow for variant in args.variants)
        return aws.sagemaker.EndpointConfiguration(
            self._child("config"),
            # A serverless endpoint has no volume.
            kms_key_arn=None if args.serverless is not None else args.volume_key_arn,
            # Inference components bring the models; the role is then the configuration's.
            execution_role_arn=args.role_arn if copies is not None else None,
            production_variants=[
                aws.sagemaker.EndpointConfigurationProductionVariantArgs(
                    variant_name=variant.name,
                    model_name=models[variant.name].name if copies is None else None,
                    instance_type=args.instance_type,
                    # Only a new variant starts with it; live counts survive updates.
                    initial_instance_count=None
                    if args.serverless is not None
                    else variant.initial_instances,
                    initial_variant_weight=WHOLE_TRAFFIC if shadowed else variant.weight,
                    serverless_config=self._serverless(),
                    managed_instance_scaling=_instances_for(variant) if copies else None,
                    routing_configs=[_least_busy()] if copies else None,
                )
                for variant in args.variants
                if not variant.shadow
            ],
            shadow_production_variants=[
                aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(
                    variant_name=variant.name,
                    model_name=models[variant.name].name,
                    instance_type=args.instance_type,
                    initial_instance_count=variant.initial_instances,
                    initial_variant_weight=variant.weight,
                )
                for variant in args.variants
                if variant.shadow
            ]
            or None,
            data_capture_config=_capture(args.capture),
            async_inference_config=self._asynchronous(args.asynchronous),
            tags=self._tags,
            opts=self._opts(depends_on=after),
        )

    def _serverless(
        self,
    ) -> aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs | None:
        given = self._args.serverless
        if given is None:
            return None
        return aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
            memory_size_in_mb=given.memory_mib,
            max_concurrency=given.max_concurrency,
            provisioned_concurrency=given.provisioned_concurrency or None,
        )

    def _asynchronous(
        self, given: AsynchronousArgs | None
    ) -> aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs | None:
        if given is None:
            return None
        topics = None
        if given.notify:
            topics = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs(  # noqa: E501
                success_topic=self._topic("answered", given).arn,
                error_topic=self._topic("failed", given).arn,
            )
        client = None
        if given.max_concurrent_per_instance is not None:
            client = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigClientConfigArgs(
                max_concurrent_invocations_per_instance=given.max_concurrent_per_instance
            )
        return aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
            client_config=client,
            output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
                s3_output_path=given.answers_uri,
                s3_failure_path=given.failures_uri,
                kms_key_id=given.key_arn,
                notification_config=topics,
            ),
        )

    def _topic(self, what: str, given: AsynchronousArgs) -> aws.sns.Topic:
        return aws.sns.Topic(
            self._child(what),
            name=topic_name(self._args.endpoint_name, what),
            kms_master_key_id=given.key_arn,
            tags=self._tags,
            opts=self._opts(),
        )

    def _rollback_alarms(self) -> list[aws.cloudwatch.MetricAlarm]:
        """They name the endpoint only, so they are there before it is."""
        args = self._args
        self._alarms: list[aws.cloudwatch.MetricAlarm] = []
        if args.rollout is not None:
            for variant in args.variants:
                if not variant.shadow:
                    for suffix, settings in alarms(
                        args.rollout, args.endpoint_name, variant.name, self._tags
                    ).items():
                        self._alarms.append(
                            aws.cloudwatch.MetricAlarm(
                                self._child(variant.name, suffix),
                                settings,
                                opts=self._opts(),
                            )
                        )
        return self._alarms

    def _log_group(self) -> list[aws.cloudwatch.LogGroup]:
        args = self._args
        if args.log_retention_days is None:
            return []
        return [
            aws.cloudwatch.LogGroup(
                self._child("logs"),
                # SageMaker's own choice of name (SageMaker guide, "Log groups and streams").
                name=f"/aws/sagemaker/Endpoints/{args.endpoint_name}",
                retention_in_days=args.log_retention_days,
                kms_key_id=args.log_key_arn,
                tags=self._tags,
                opts=self._opts(),
            )
        ]

    def _copies(self, copies: CopiesArgs, model: aws.sagemaker.Model) -> None:
        args = self._args
        needs = {
            "minMemoryRequiredInMb": copies.memory_mib,
            "numberOfCpuCoresRequired": copies.cpu_cores,
            "numberOfAcceleratorDevicesRequired": copies.accelerators,
        }
        component = mlgap.InferenceComponent(
            self._child("copies"),
            inference_component_name=copies.name,
            endpoint_name=args.endpoint_name,
            variant_name=args.variants[0].name,
            specification={
                "modelName": model.name,
                "computeResourceRequirements": {
                    name: value for name, value in needs.items() if value is not None
                },
            },
            # One at first even where it scales to zero: a copy that never ran proves nothing.
            copy_count=max(1, copies.min),
            tags=self._tags,
            opts=self._opts(depends_on=[self._endpoint]),
        )
        Scaling(
            self._child("copies", "count"),
            copies.scaling,
            self._opts(),
            resource_id=f"inference-component/{copies.name}",
            dimension=COPIES,
            names={"endpoint": args.endpoint_name, "component": copies.name},
            bounds=(copies.min, copies.max),
            tags=self._tags,
            after=[component],
        )

    def _scale(self, variant: VariantArgs) -> None:
        args = self._args
        if args.scaling is None or variant.shadow:
            return
        serverless = args.serverless
        Scaling(
            self._child(variant.name),
            args.scaling,
            self._opts(),
            resource_id=f"endpoint/{args.endpoint_name}/variant/{variant.name}",
            dimension=INSTANCES if serverless is None else CONCURRENCY,
            names={"endpoint": args.endpoint_name, "variant": variant.name},
            bounds=(variant.min_instances, variant.max_instances),
            tags=self._tags,
            after=[self._endpoint],
        )


def topic_name(endpoint_name: str, what: str) -> str:
    """Of an asynchronous endpoint's topic: ``answered`` or ``failed``."""
    return f"{endpoint_name}-{what}"


def vpc_config(network: NetworkArgs | None) -> aws.sagemaker.ModelVpcConfigArgs | None:
    """The network in the model's words."""
    if network is None:
        return None
    return aws.sagemaker.ModelVpcConfigArgs(
        subnets=network.subnet_ids, security_group_ids=network.security_group_ids
    )


def _instances_for(
    variant: VariantArgs,
) -> aws.sagemaker.EndpointConfigurationProductionVariantManagedInstanceScalingArgs:
    """SageMaker itself brings the instances that the copies need."""
    return aws.sagemaker.EndpointConfigurationProductionVariantManagedInstanceScalingArgs(
        status="ENABLED",
        min_instance_count=variant.min_instances,
        max_instance_count=variant.max_instances,
    )


def _least_busy() -> aws.sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs:
    """Copies differ in how busy they are; chance does not see that."""
    return aws.sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(
        routing_strategy="LEAST_OUTSTANDING_REQUESTS"
    )


def _capture(
    given: CaptureArgs | None,
) -> aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs | None:
    if given is None:
        return None
    option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs
    return aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        enable_capture=True,
        initial_sampling_percentage=round(given.sampling_percent),
        destination_s3_uri=given.uri,
        kms_key_id=given.key_arn,
        capture_options=[option(capture_mode="Input"), option(capture_mode="Output")],
        capture_content_type_header=(
            aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs(
                # Model Monitor reads these two as they are; anything else is kept in base64.
                csv_content_types=["text/csv"],
                json_content_types=["application/json"],
            )
        ),
    )
