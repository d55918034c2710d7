"""What SageMaker refuses of an endpoint configuration beyond the shapes of its model."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import contracts

TOKEN = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ON_INSTANCES: dict[str, Any] = {
    "variantName": "v1",
    "modelName": "m",
    "instanceType": "ml.m5.large",
    "initialInstanceCount": 1,
}
SHADOW = {**ON_INSTANCES, "variantName": "v2"}
SERVERLESS: dict[str, Any] = {
    "variantName": "v1",
    "modelName": "m",
    "serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5},
}
COPIES: dict[str, Any] = {
    "variantName": "v1",
    "instanceType": "ml.m5.large",
    "initialInstanceCount": 1,
    "managedInstanceScaling": {"status": "ENABLED", "minInstanceCount": 0, "maxInstanceCount": 3},
}
CAPTURE = {
    "initialSamplingPercentage": 50,
    "destinationS3Uri": "s3://b/p",
    "captureOptions": [{"captureMode": "Input"}],
}


def said(*variants: dict[str, Any], **others: Any) -> dict[str, str]:
    inputs = {"productionVariants": list(variants), **others}
    return {problem.path: str(problem) for problem in contracts.check(TOKEN, inputs)}


@pytest.mark.parametrize(
    "inputs",
    [
        {"productionVariants": [ON_INSTANCES], "dataCaptureConfig": CAPTURE},
        {"productionVariants": [ON_INSTANCES], "shadowProductionVariants": [SHADOW]},
        {"productionVariants": [SERVERLESS]},
        {"productionVariants": [COPIES], "executionRoleArn": "arn:aws:iam::123456789012:role/r"},
    ],
)
def test_every_kind_of_endpoint_passes(inputs: dict[str, Any]) -> None:
    assert contracts.check(TOKEN, inputs) == []


def test_serverless_stands_alone() -> None:
    other = {**SERVERLESS, "variantName": "v2"}
    assert "one variant" in said(SERVERLESS, other)["productionVariants"]
    found = said(SERVERLESS, dataCaptureConfig=CAPTURE)
    assert "nothing with serverlessConfig" in found["dataCaptureConfig"]


def test_a_shadow_stands_beside_one_variant() -> None:
    third = {**ON_INSTANCES, "variantName": "v3"}
    found = said(ON_INSTANCES, third, shadowProductionVariants=[SHADOW])
    assert "got '1 beside 2'" in found["shadowProductionVariants"]


@pytest.mark.parametrize(
    ("variant", "at", "words"),
    [
        (
            {**COPIES, "initialInstanceCount": 4},
            "initialInstanceCount",
            "1 to 3, the bounds that scale it",
        ),
        (
            {
                **COPIES,
                "managedInstanceScaling": {
                    "status": "ENABLED",
                    "minInstanceCount": 5,
                    "maxInstanceCount": 3,
                },
            },
            "managedInstanceScaling.minInstanceCount",
            "at most maxInstanceCount, which is 3",
        ),
        (
            {k: v for k, v in ON_INSTANCES.items() if k != "initialInstanceCount"},
            "initialInstanceCount",
            "missing",
        ),
        (
            {
                **SERVERLESS,
                "serverlessConfig": {
                    "memorySizeInMb": 2048,
                    "maxConcurrency": 5,
                    "provisionedConcurrency": 6,
                },
            },
            "serverlessConfig.provisionedConcurrency",
            "at most maxConcurrency, which is 5",
        ),
    ],
)
def test_counts_are_within_their_bounds(variant: dict[str, Any], at: str, words: str) -> None:
    assert words in said(variant)[f"productionVariants[0].{at}"]
