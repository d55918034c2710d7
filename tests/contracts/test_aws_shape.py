"""The shape layer of the AWS contract: what the service models say."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts.unknown import UNKNOWN
from tests.contracts.bodies import (
    ALIAS,
    BUCKET,
    CONFIGURATION,
    ENCRYPTION,
    ENDPOINT,
    LOGS,
    MODEL,
    OBJECT,
    POLICY,
    ROLE,
    TARGET,
    TOKENS,
    VERSIONING,
    bent,
    good,
)


@pytest.mark.parametrize("token", TOKENS)
def test_inputs_that_aws_accepts_pass(token: str) -> None:
    assert contracts.check(token, good(token)) == []


@pytest.mark.parametrize(
    ("token", "bend", "value", "path", "words"),
    [
        (
            CONFIGURATION,
            "productionVariants.0.instanceType",
            "ml.g4dn.xlarg",
            "productionVariants[0].instanceType",
            "instance types; nearest: ml.g4dn.xlarge",
        ),
        (CONFIGURATION, "name", "bad_name", "name", "allowed: text that matches"),
        (CONFIGURATION, "name", "n" * 64, "name", "allowed: 0 to 63 characters"),
        (
            CONFIGURATION,
            "dataCaptureConfig.initialSamplingPercentage",
            500,
            "dataCaptureConfig.initialSamplingPercentage",
            "allowed: 0 to 100",
        ),
        (
            CONFIGURATION,
            "dataCaptureConfig.destinationS3Uri",
            "gs://models/x",
            "dataCaptureConfig.destinationS3Uri",
            "allowed: text that matches (https|s3)",
        ),
        (
            CONFIGURATION,
            "dataCaptureConfig.captureOptions.0.captureMode",
            "Both",
            "dataCaptureConfig.captureOptions[0].captureMode",
            "allowed: Input, InputAndOutput, Output",
        ),
        (
            CONFIGURATION,
            "productionVariants.0.instance_type",
            "ml.g4dn.xlarge",
            "productionVariants[0].instance_type",
            "no such property; nearest: instanceType",
        ),
        (
            CONFIGURATION,
            "productionVariants.0.initialInstanceCount",
            1.5,
            "productionVariants[0].initialInstanceCount",
            "allowed: a whole number",
        ),
        (
            CONFIGURATION,
            "productionVariants.0.initialInstanceCount",
            0,
            "productionVariants[0].initialInstanceCount",
            "allowed: at least 1",
        ),
        (
            CONFIGURATION,
            "productionVariants",
            [],
            "productionVariants",
            "allowed: 1 to 10 elements",
        ),
        (CONFIGURATION, "productionVariants", {"a": 1}, "productionVariants", "allowed: a list"),
        (MODEL, "executionRoleArn", "serve-role-that-is-no-arn", "executionRoleArn", "matches"),
        (
            MODEL,
            "primaryContainer.mode",
            "Many",
            "primaryContainer.mode",
            "MultiModel, SingleModel",
        ),
        (MODEL, "primaryContainer.modelDataUrl", "gs://a/b", "primaryContainer.modelDataUrl", "s3"),
        (MODEL, "executionRoleArn", None, "executionRoleArn", "missing"),
        (MODEL, "enableNetworkIsolation", "yes", "enableNetworkIsolation", "true or false"),
        (ENDPOINT, "endpointConfigName", None, "endpointConfigName", "missing"),
        (ENDPOINT, "endpointConfigName", "", "endpointConfigName", "missing"),
        (ENDPOINT, "endpointConfig", "x", "endpointConfig", "nearest: endpointConfigName"),
        (
            TARGET,
            "scalableDimension",
            "sagemaker:variant:DesiredInstance",
            "scalableDimension",
            "nearest: sagemaker:variant:DesiredInstanceCount",
        ),
        (
            POLICY,
            "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification"
            ".predefinedMetricType",
            "SageMakerVariantInvocations",
            "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification"
            ".predefinedMetricType",
            "nearest: SageMakerVariantInvocationsPerInstance",
        ),
        (ROLE, "name", "has space", "name", "allowed: text that matches"),
        (ROLE, "maxSessionDuration", 10, "maxSessionDuration", "allowed: 3600 to 43200"),
        (ROLE, "tags", {"k": "v" * 257}, "tags.k", "allowed: 0 to 256 characters"),
        (
            VERSIONING,
            "versioningConfiguration.status",
            "On",
            "versioningConfiguration.status",
            "allowed: Enabled, Suspended",
        ),
        (OBJECT, "storageClass", "COLD", "storageClass", "allowed: "),
        (ALIAS, "targetKeyId", None, "targetKeyId", "missing"),
    ],
)
def test_what_the_model_refuses_is_refused_at_its_property(
    token: str, bend: str, value: Any, path: str, words: str
) -> None:
    found = contracts.check(token, bent(token, bend, value))
    assert [problem.path for problem in found] == [path]
    assert words in str(found[0])


def test_all_problems_come_at_once() -> None:
    inputs = good(CONFIGURATION)
    inputs["name"] = "bad_name"
    for variant in inputs["productionVariants"]:
        variant["instanceType"] = "p3.2xlarge"
    found = contracts.check(CONFIGURATION, inputs)
    assert {problem.path for problem in found} == {
        "name",
        "productionVariants[0].instanceType",
        "productionVariants[1].instanceType",
    }


@pytest.mark.parametrize("token", TOKENS)
def test_values_that_are_not_known_yet_count_as_present(token: str) -> None:
    assert contracts.check(token, dict.fromkeys(good(token), UNKNOWN)) == []


def test_an_unknown_value_does_not_hide_the_problem_beside_it() -> None:
    inputs = bent(CONFIGURATION, "productionVariants.0.modelName", UNKNOWN)
    inputs["productionVariants"][0]["instanceType"] = "p3.2xlarge"
    found = contracts.check(CONFIGURATION, inputs)
    assert [problem.path for problem in found] == ["productionVariants[0].instanceType"]


@pytest.mark.parametrize(
    ("token", "bend", "value"),
    [
        (ROLE, "description", ""),  # an empty string is absent
        (ROLE, "path", ""),
        (LOGS, "tags", {}),  # so are an empty list and an empty map
        (MODEL, "primaryContainer.containerHostname", ""),
        (ENCRYPTION, "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId", ""),
        (CONFIGURATION, "productionVariants.0.variantName", None),  # the provider makes one up
        (CONFIGURATION, "productionVariants.0.initialInstanceCount", 2.0),  # the wire has floats
        (CONFIGURATION, "productionVariants.0.initialInstanceCount", "2"),
        (BUCKET, "bucket", None),  # a name is made up, or a prefix stands in
        (BUCKET, "versioning", {"enabled": True}),  # deprecated, and accepted
        (VERSIONING, "versioningConfiguration.status", "Disabled"),  # the provider calls nothing
        (LOGS, "retentionInDays", 0),  # never expires
        (ROLE, "description", "several\nlines"),
        (ROLE, "tags", {"Größe": "5 µm / a+b=c@d"}),
    ],
)
def test_what_the_provider_or_aws_takes_is_not_refused(token: str, bend: str, value: Any) -> None:
    assert contracts.check(token, bent(token, bend, value)) == []


def test_taggable_types_name_their_property() -> None:
    assert contracts.taggable(ENDPOINT) == "tags"
    assert contracts.taggable(POLICY) is None
