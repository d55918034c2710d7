"""SageMaker models, endpoint configurations and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from ml_policies.checks import any_set, at_least, both, each, equals, has, is_set, where
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import ABSENT, Resource, absent
from ml_policies.rule import Check, Setting, Settings, Severity
from mlplatform.contracts.unknown import is_unknown

MODEL = "aws:sagemaker/model:Model"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
VARIANT = {
    "variantName": "v1",
    "modelName": "m",
    "instanceType": "ml.m5.large",
    "initialInstanceCount": 2,
}
_TAG = r"(:latest|/[^:@]+)$"


def _image(value: object, settings: Settings) -> str | None:
    text = str(value)
    if value is ABSENT:
        return None
    registry = text.split("/", 1)[0]
    allowed = settings["registries"]
    if not any(registry.startswith(f"{one}.") or registry == one for one in allowed):
        return f"allowed registries: {', '.join(allowed)}"
    image = text.rsplit("/", 1)[-1]
    if ":" not in image or image.endswith(":latest"):
        return "allowed: a digest, or a tag that is not latest"
    return None


AWS_IMAGES = (
    "763104351884",  # deep learning containers, most regions
    "683313688378",  # scikit-learn, us-east-1
    "785573368785",
    "764974769150",
    "746614075791",
    "141502667606",
    "492215442770",
    "121021644041",
    "257758044811",
    "246618743249",
)


def _serverless(resource: Resource) -> bool:
    return not absent(resource.get("productionVariants[0].serverlessConfig"))


def _instances(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    for place, variant in resource.find("productionVariants[*]"):
        if is_unknown(variant) or not isinstance(variant, dict):
            if is_unknown(variant):
                yield Finding(problem="", path=place, undecided=True)
            continue
        if variant.get("serverlessConfig"):
            continue
        count = variant.get("initialInstanceCount", 1)
        if is_unknown(count):
            yield Finding(problem="", path=f"{place}.initialInstanceCount", undecided=True)
        elif not variant.get("managedInstanceScaling") and float(count) < 2:
            yield Finding(
                problem="allowed in production: 2 or more, in different zones",
                path=f"{place}.initialInstanceCount",
                got=count,
            )


RULES = (
    rule(
        "aws-sm-model-isolation",
        Severity.MEDIUM,
        MODEL,
        equals("enableNetworkIsolation", True),
        "Model containers have no network of their own.",
        "A container that can call out can carry data out.",
        "Set enable_network_isolation=True.",
        good={"enableNetworkIsolation": True},
        bad=[{"enableNetworkIsolation": False}, {"enableNetworkIsolation": DROP}],
        unknown="enableNetworkIsolation",
        sources=("SageMaker.5", "CKV_AWS_370"),
    ),
    rule(
        "aws-sm-model-vpc",
        Severity.MEDIUM,
        MODEL,
        any_set(
            "subnets and security groups of your own, or network isolation",
            "vpcConfig.subnets",
            "enableNetworkIsolation",
        ),
        "Models run in your own VPC or without any network.",
        "In Amazon's own network no security group of yours applies.",
        "Set vpc_config, or enable_network_isolation=True.",
        good={"vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}},
        bad={"vpcConfig": DROP, "enableNetworkIsolation": False},
        also=("aws-sm-model-isolation",),
        unknown="vpcConfig",
        sources=("sagemaker-model-in-vpc",),
    ),
    rule(
        "aws-sm-model-image-registry",
        Severity.MEDIUM,
        MODEL,
        both(
            where(has("primaryContainer"), each("primaryContainer.image", _image)),
            where(has("containers"), each("containers[*].image", _image)),
        ),
        "Model images come from known registries and are named by version.",
        "An image that anybody can change under a tag is a way in.",
        "Pull from an allowed account and name a digest or version; add accounts in the pack's "
        "configuration.",
        good={
            "primaryContainer": {
                "image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.0-cpu"
            }
        },
        bad=[
            {"primaryContainer.image": "docker.io/somebody/model:1"},
            {"primaryContainer.image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/p:latest"},
        ],
        unknown="primaryContainer.image",
        sources=("Azure Policy: deployments only from approved registries",),
        settings={
            "registries": Setting(
                default=list(AWS_IMAGES),
                schema={"type": "array", "items": {"type": "string"}},
                says="Account ids or host names that images may come from.",
            )
        },
    ),
    rule(
        "aws-sm-endpoint-cmk",
        Severity.MEDIUM,
        CONFIG,
        where(lambda resource: not _serverless(resource), is_set("kmsKeyArn", "a KMS key")),
        "Endpoint volumes are encrypted with a key of yours.",
        "Model artifacts and requests lie on them.",
        "Set kms_key_arn; components/aws/endpoint.py needs it.",
        good={"kmsKeyArn": "arn:aws:kms:us-east-1:1:alias/ml", "productionVariants": [VARIANT]},
        bad={"kmsKeyArn": DROP},
        unknown="kmsKeyArn",
        sources=("CKV_AWS_98",),
    ),
    rule(
        "aws-sm-endpoint-ha",
        Severity.MEDIUM,
        CONFIG,
        Check(run=_instances),
        "Every production variant has two instances or more.",
        "With one instance, the loss of a zone is an outage.",
        "Set endpoint.scaling.min to 2.",
        good={"productionVariants": [VARIANT]},
        bad={"productionVariants[0].initialInstanceCount": 1},
        unknown="productionVariants[0].initialInstanceCount",
        sources=("SageMaker.4",),
        production_only=True,
    ),
    rule(
        "aws-sm-endpoint-data-capture",
        Severity.MEDIUM,
        CONFIG,
        where(
            lambda resource: not _serverless(resource),
            both(
                equals("dataCaptureConfig.enableCapture", True),
                at_least("dataCaptureConfig.initialSamplingPercentage", 1, needed=True),
                is_set("dataCaptureConfig.kmsKeyId", "a KMS key for what is captured"),
            ),
        ),
        "Production endpoints keep their requests and answers, encrypted.",
        "Without them neither drift nor a complaint can be looked into.",
        "Set endpoint.capture: {sampling_percent: 100}.",
        good={
            "productionVariants": [VARIANT],
            "dataCaptureConfig": {
                "enableCapture": True,
                "initialSamplingPercentage": 100,
                "kmsKeyId": "alias/ml",
            },
        },
        bad=[
            {"dataCaptureConfig.enableCapture": False},
            {"dataCaptureConfig.kmsKeyId": DROP},
        ],
        unknown="dataCaptureConfig.enableCapture",
        sources=("SageMaker developer guide, Model Monitor",),
        production_only=True,
    ),
)
