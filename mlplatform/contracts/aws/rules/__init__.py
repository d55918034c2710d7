"""The rules of the field: what the service model does not say and AWS, or the field, still holds.

Each rule is a pure function of a resource's inputs, in the module of its noun. The table below says
which types it judges. Values not known yet are skipped by the readers in `reading`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlplatform.contracts.loading import load
from mlplatform.contracts.problem import Problem

Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]

_RULES: dict[str, tuple[str, ...]] = {
    "aws:appautoscaling/policy:Policy": ("autoscaling.scalable", "autoscaling.policy"),
    "aws:appautoscaling/scheduledAction:ScheduledAction": (
        "autoscaling.scalable",
        "autoscaling.scheduled_action",
    ),
    "aws:appautoscaling/target:Target": ("autoscaling.scalable", "autoscaling.target"),
    "aws:cloudwatch/logGroup:LogGroup": ("monitoring.log_group",),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("monitoring.metric_alarm",),
    "aws:ec2/securityGroup:SecurityGroup": ("network.security_group",),
    "aws:ec2/subnet:Subnet": ("network.addresses",),
    "aws:ec2/vpc:Vpc": ("network.addresses",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("network.vpc_endpoint",),
    "aws:iam/policy:Policy": ("identity.permissions",),
    "aws:iam/role:Role": ("identity.trust",),
    "aws:iam/rolePolicy:RolePolicy": ("identity.permissions",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("identity.attachment",),
    "aws:kms/alias:Alias": ("keys.alias",),
    "aws:kms/key:Key": ("keys.key",),
    "aws:s3/bucket:Bucket": ("storage.bucket",),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("storage.bucket_object",),
    "aws:s3/bucketPolicy:BucketPolicy": ("storage.bucket_policy",),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "storage.encryption",
    ),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": ("monitoring.data_quality",),
    "aws:sagemaker/endpoint:Endpoint": ("serving.deployment",),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ("serving.configuration",),
    "aws:sagemaker/featureGroup:FeatureGroup": ("features.feature_group", "features.stores"),
    "aws:sagemaker/model:Model": ("serving.model",),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": ("monitoring.schedule",),
    "aws:cloudwatch/eventRule:EventRule": ("monitoring.event_rule",),
    "aws:scheduler/schedule:Schedule": ("training.schedule",),
    "aws:sfn/stateMachine:StateMachine": ("state_machines.definition",),
    "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob": ("training.tuning_job",),
    "mlgap:aws:HyperParameterTuningJob": ("training.tuning_job",),
    "mlgap:aws:TrainingJob": ("training.training_job", "training.spot"),
    "mlgap:aws:ModelBiasJobDefinition": ("monitoring.model_bias",),
    "mlgap:aws:ModelExplainabilityJobDefinition": ("monitoring.model_explainability",),
    "mlgap:aws:ModelQualityJobDefinition": ("monitoring.model_quality",),
    "mlgap:aws:FeatureGroup": ("features.feature_group", "features.stores"),
    "aws:sagemaker/trainingJob:TrainingJob": ("training.training_job",),
}
_EVERY_TYPE = ("tags.names",)


def problems(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the rules for this type say against the inputs."""
    for name in (*_RULES.get(token, ()), *_EVERY_TYPE):
        yield from _rule(name)(inputs)


@functools.cache
def _rule(name: str) -> Rule:
    module, _, function = name.partition(".")
    rule: Rule = getattr(load(f"{__name__}.{module}"), function)
    return rule
