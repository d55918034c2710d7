"""The rules of the field of the AWS contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts.aws.rules import grammar
from mlplatform.contracts.unknown import UNKNOWN
from tests.contracts.bodies import (
    ALARM,
    ALIAS,
    BUCKET,
    CONFIGURATION,
    ENCRYPTION,
    ENDPOINT,
    FEATURES,
    KEY,
    KEY_ARN,
    LOGS,
    MODEL,
    MONITORING,
    OBJECT,
    PERMISSIONS,
    POLICY,
    ROLE,
    ROLE_POLICY,
    SCHEDULED,
    TARGET,
    TRAINING,
    TRUST,
    VPC,
    bent,
    good,
)

_NO_EFFECT = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Effect": "Permit"}]}
_TRACKING = "targetTrackingScalingPolicyConfiguration"


@pytest.mark.parametrize(
    ("token", "bend", "value", "path", "words"),
    [
        (TARGET, "minCapacity", 11, "minCapacity", "at most maxCapacity, which is 10"),
        (TARGET, "resourceId", "endpoint/serve", "resourceId", "/variant/<variant name>"),
        (
            TARGET,
            "scalableDimension",
            "ecs:service:DesiredCount",
            "scalableDimension",
            "sagemaker:",
        ),
        (SCHEDULED, "schedule", "every day", "schedule", "cron(<six fields>)"),
        (
            SCHEDULED,
            "scalableTargetAction.minCapacity",
            20,
            "scalableTargetAction.minCapacity",
            "at most maxCapacity",
        ),
        (POLICY, _TRACKING, None, "policyType", _TRACKING),
        (POLICY, f"{_TRACKING}.predefinedMetricSpecification", None, _TRACKING, "exactly one of"),
        (
            CONFIGURATION,
            "productionVariants.1.variantName",
            "v1",
            "productionVariants[1].variantName",
            "no other variant",
        ),
        (
            CONFIGURATION,
            "productionVariants.0.instanceType",
            "ml.p3.2xlarge",
            "productionVariants[0].instanceType",
            "replacement: ml.",
        ),
        (
            CONFIGURATION,
            "productionVariants.0.serverlessConfig",
            {"maxConcurrency": 5, "memorySizeInMb": 1024},
            "productionVariants[0].instanceType",
            "exactly one of instanceType, serverlessConfig",
        ),
        (MODEL, "primaryContainer.image", "pytorch:2.0", "primaryContainer.image", "dkr.ecr"),
        (
            MODEL,
            "primaryContainer.image",
            "12345.dkr.ecr.us-east-1.amazonaws.com/x:1",
            "primaryContainer.image",
            "12-digit account",
        ),
        (MODEL, "containers", [{"image": UNKNOWN}], "containers", "exactly one of"),
        (ROLE, "assumeRolePolicy", "{not json", "assumeRolePolicy", "JSON policy document"),
        (ROLE, "assumeRolePolicy", json.dumps(PERMISSIONS), "assumeRolePolicy", "Principal"),
        (ROLE, "assumeRolePolicy", json.dumps(_NO_EFFECT), "assumeRolePolicy", "Allow, Deny"),
        (
            ROLE,
            "permissionsBoundary",
            "arn:aws:iam::1:policy/abcdef",
            "permissionsBoundary",
            "12-d",
        ),
        (ROLE_POLICY, "policy", json.dumps({"Version": "2012-10-17"}), "policy", "one Statement"),
        (ROLE_POLICY, "policy", json.dumps(TRUST), "policy", "not allowed in a policy of an"),
        (KEY, "deletionWindowInDays", 3, "deletionWindowInDays", "7 to 30 days"),
        (KEY, "customerMasterKeySpec", "RSA_2048", "enableKeyRotation", "only symmetric keys"),
        (ALIAS, "name", "models", "name", "alias/<name>"),
        (BUCKET, "bucket", "Bad_Bucket", "bucket", "3 to 63 characters"),
        (BUCKET, "bucket", "10.0.0.1", "bucket", "IP address"),
        (OBJECT, "source", {"path": "x"}, "source", "one of content, contentBase64, source"),
        (
            ENCRYPTION,
            "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm",
            "AES256",
            "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId",
            "only with sseAlgorithm aws:kms",
        ),
        (LOGS, "retentionInDays", 17, "retentionInDays", "nearest: 14"),
        (ALARM, "period", 45, "period", "multiple of 60"),
        (ALARM, "metricName", None, "metricName", "exactly one of metricName"),
        (FEATURES, "eventTimeFeatureName", "when", "eventTimeFeatureName", "allowed: at, id"),
        (
            FEATURES,
            "featureDefinitions.1.featureType",
            "Integral",
            "eventTimeFeatureName",
            "String",
        ),
        (FEATURES, "onlineStoreConfig", None, "onlineStoreConfig", "missing"),
        (
            TRAINING,
            "enableManagedSpotTraining",
            True,
            "stoppingCondition.maxWaitTimeInSeconds",
            "missing",
        ),
        (
            MONITORING,
            "monitoringScheduleConfig.scheduleConfig.scheduleExpression",
            "every hour",
            "monitoringScheduleConfig.scheduleConfig.scheduleExpression",
            "cron(0 * ? * * *)",
        ),
        (VPC, "cidrBlock", "10.0.0.0/8", "cidrBlock", "/16 to /28"),
        (VPC, "cidrBlock", "10.0.0.1/16", "cidrBlock", "an IPv4 block"),
        (
            ENDPOINT,
            "deploymentConfig",
            {
                "blueGreenUpdatePolicy": {
                    "trafficRoutingConfiguration": {
                        "type": "CANARY",
                        "waitIntervalInSeconds": 60,
                        "canarySize": {"type": "CAPACITY_PERCENT", "value": 60},
                    }
                }
            },
            "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.canarySize.value",
            "0 to 50 percent",
        ),
        (ENDPOINT, "tags", {"aws:team": "ml"}, 'tags["aws:team"]', "does not start with aws:"),
    ],
)
def test_what_the_field_knows_is_refused_at_its_property(
    token: str, bend: str, value: Any, path: str, words: str
) -> None:
    found = contracts.check(token, bent(token, bend, value))
    assert {problem.path for problem in found} == {path}
    assert words in "\n".join(str(problem) for problem in found)


def test_weights_that_are_all_zero_are_refused() -> None:
    inputs = good(CONFIGURATION)
    for variant in inputs["productionVariants"]:
        variant["initialVariantWeight"] = 0
    found = contracts.check(CONFIGURATION, inputs)
    assert [problem.path for problem in found] == ["productionVariants[0].initialVariantWeight"]
    inputs["productionVariants"][1]["initialVariantWeight"] = 1
    assert contracts.check(CONFIGURATION, inputs) == []


def test_a_volume_key_passes_on_machines_without_local_storage() -> None:
    inputs = bent(CONFIGURATION, "kmsKeyArn", KEY_ARN)
    for variant in inputs["productionVariants"]:
        variant["instanceType"] = "ml.m5.xlarge"
    assert contracts.check(CONFIGURATION, inputs) == []


def test_a_burstable_machine_serves_but_does_not_scale() -> None:
    inputs = bent(CONFIGURATION, "productionVariants.0.instanceType", "ml.t2.medium")
    assert contracts.check(CONFIGURATION, inputs) == []
    inputs["productionVariants"][0]["managedInstanceScaling"] = {"status": "ENABLED"}
    found = contracts.check(CONFIGURATION, inputs)
    assert [problem.path for problem in found] == ["productionVariants[0].instanceType"]


def test_an_image_of_a_private_registry_in_the_vpc_has_any_address() -> None:
    inputs = bent(MODEL, "primaryContainer.image", "registry.corp.example:5000/resnet:1")
    inputs["primaryContainer"]["imageConfig"] = {"repositoryAccessMode": "Vpc"}
    assert contracts.check(MODEL, inputs) == []


@pytest.mark.parametrize(
    "uri",
    [
        "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.0.1-gpu-py310-ec2",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/model",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a/b/c@sha256:" + "0" * 64,
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/x:tag@sha256:" + "a" * 64,
    ],
)
def test_images_of_every_partition_pass(uri: str) -> None:
    assert grammar.image_uri(uri) is None


@pytest.mark.parametrize(
    "reference",
    [
        "00000000-0000-0000-0000-000000000000",
        "mrk-" + "0" * 32,
        "alias/aws/sagemaker",
        "arn:aws-cn:kms:cn-north-1:123456789012:alias/models",
        KEY_ARN,
    ],
)
def test_every_way_to_name_a_key_passes(reference: str) -> None:
    assert grammar.kms_key(reference) is None


def test_a_single_statement_needs_no_list_and_a_policy_no_version() -> None:
    text = json.dumps({"Statement": PERMISSIONS["Statement"][0]})
    assert not list(grammar.policy_document(text, names_principals=False, names_resources=True))
