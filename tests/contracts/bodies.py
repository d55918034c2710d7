"""Inputs of covered types that AWS accepts; tests bend one thing at a time."""

from __future__ import annotations

import copy
import json
from typing import Any

ROLE_ARN = "arn:aws:iam::123456789012:role/serve"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.0.1-gpu-py310"
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
PERMISSIONS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
SCALED = {
    "serviceNamespace": "sagemaker",
    "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "resourceId": "endpoint/serve/variant/v1",
}

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
SCHEDULED = "aws:appautoscaling/scheduledAction:ScheduledAction"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
FEATURES = "aws:sagemaker/featureGroup:FeatureGroup"
TRAINING = "aws:sagemaker/trainingJob:TrainingJob"
MONITORING = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
VPC = "aws:ec2/vpc:Vpc"

_GOOD: dict[str, dict[str, Any]] = {
    ROLE: {"name": "serve", "assumeRolePolicy": json.dumps(TRUST), "tags": {"team": "ml"}},
    ROLE_POLICY: {"name": "read", "role": "serve", "policy": json.dumps(PERMISSIONS)},
    KEY: {"description": "models", "enableKeyRotation": True, "deletionWindowInDays": 7},
    ALIAS: {"name": "alias/models", "targetKeyId": "00000000-0000-0000-0000-000000000000"},
    BUCKET: {"bucket": "models-1", "forceDestroy": True},
    VERSIONING: {"bucket": "models-1", "versioningConfiguration": {"status": "Enabled"}},
    ENCRYPTION: {
        "bucket": "models-1",
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": KEY_ARN,
                },
                "bucketKeyEnabled": True,
            }
        ],
    },
    OBJECT: {"bucket": "models-1", "key": "resnet50/model.tar.gz", "content": "x"},
    MODEL: {
        "name": "resnet50",
        "executionRoleArn": ROLE_ARN,
        "primaryContainer": {"image": IMAGE, "modelDataUrl": "s3://models-1/model.tar.gz"},
    },
    CONFIGURATION: {
        "name": "resnet50-1",
        "productionVariants": [
            {
                "variantName": "v1",
                "modelName": "resnet50",
                "instanceType": "ml.g4dn.xlarge",
                "initialInstanceCount": 2,
                "initialVariantWeight": 90,
            },
            {
                "variantName": "v2",
                "modelName": "resnet50",
                "instanceType": "ml.g4dn.xlarge",
                "initialInstanceCount": 2,
                "initialVariantWeight": 10,
            },
        ],
        "dataCaptureConfig": {
            "enableCapture": True,
            "initialSamplingPercentage": 100,
            "destinationS3Uri": "s3://models-1/capture",
            "captureOptions": [{"captureMode": "Input"}],
        },
    },
    ENDPOINT: {"name": "serve", "endpointConfigName": "resnet50-1"},
    TARGET: {**SCALED, "minCapacity": 2, "maxCapacity": 10},
    POLICY: {
        **SCALED,
        "name": "invocations",
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
            "scaleInCooldown": 300,
            "scaleOutCooldown": 60,
        },
    },
    SCHEDULED: {
        **SCALED,
        "name": "morning",
        "schedule": "cron(0 8 * * ? *)",
        "scalableTargetAction": {"minCapacity": 4, "maxCapacity": 10},
    },
    LOGS: {"name": "/aws/sagemaker/Endpoints/serve", "retentionInDays": 30},
    ALARM: {
        "name": "latency",
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 2,
        "metricName": "ModelLatency",
        "namespace": "AWS/SageMaker",
        "period": 60,
        "statistic": "Average",
        "threshold": 200000.5,
    },
    FEATURES: {
        "featureGroupName": "clicks",
        "recordIdentifierFeatureName": "id",
        "eventTimeFeatureName": "at",
        "roleArn": ROLE_ARN,
        "featureDefinitions": [
            {"featureName": "id", "featureType": "String"},
            {"featureName": "at", "featureType": "Fractional"},
        ],
        "onlineStoreConfig": {"enableOnlineStore": True},
    },
    TRAINING: {
        "trainingJobName": "train-1",
        "roleArn": ROLE_ARN,
        "algorithmSpecification": {"trainingImage": IMAGE, "trainingInputMode": "File"},
        "outputDataConfig": {"s3OutputPath": "s3://models-1/out"},
        "resourceConfig": {
            "instanceType": "ml.m5.xlarge",
            "instanceCount": 1,
            "volumeSizeInGb": 50,
        },
        "stoppingCondition": {"maxRuntimeInSeconds": 3600},
    },
    MONITORING: {
        "name": "hourly",
        "monitoringScheduleConfig": {
            "monitoringJobDefinitionName": "quality",
            "monitoringType": "DataQuality",
            "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
        },
    },
    VPC: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True},
}
TOKENS = sorted(_GOOD)


def good(token: str) -> dict[str, Any]:
    """A fresh copy of accepted inputs."""
    return copy.deepcopy(_GOOD[token])


def bent(token: str, path: str, value: Any) -> dict[str, Any]:
    """The accepted inputs with one value set; steps are split at dots, numbers are positions."""
    inputs = good(token)
    place: Any = inputs
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return inputs
