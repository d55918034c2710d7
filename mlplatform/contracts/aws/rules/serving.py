"""Rules for models, endpoint configurations and endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar, machines
from mlplatform.contracts.aws.rules.reading import given, inner, items, known, number, text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_CREATE_CONFIG = "SageMaker CreateEndpointConfig"
_MOST_CANARY_PERCENT = 50
_LINEAR_PERCENT = (10, 50)


def model(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One primary container or a list of containers; each has an image from ECR or a package."""
    containers = [("primaryContainer", inner(inputs, "primaryContainer"))]
    containers += list(items(inputs, "containers"))
    if known(inputs, "primaryContainer", "containers"):
        both = given(inputs, "primaryContainer") and given(inputs, "containers")
        if both or not (given(inputs, "primaryContainer") or given(inputs, "containers")):
            yield Problem(
                path="containers" if both else "primaryContainer",
                got="both" if both else None,
                message="allowed: exactly one of primaryContainer, containers",
                source="rule: SageMaker CreateModel",
            )
    for path, container in containers:
        if container:
            yield from _container(path, container)


def configuration(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Variants are told apart by name, share the traffic, and run on machines that exist."""
    yield from _unique_names(inputs)
    yield from _weights(inputs)
    yield from _combinations(inputs)
    key = inputs.get("kmsKeyArn")
    if isinstance(key, str) and key and not is_unknown(key):
        message = grammar.kms_key(key)
        if message:
            yield Problem(
                path="kmsKeyArn", got=key, message=message, source="rule: KMS key identifiers"
            )
    for group in ("productionVariants", "shadowProductionVariants"):
        for path, variant in items(inputs, group):
            yield from _variant(path, variant)


def deployment(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One way to roll out, and canary and linear steps within AWS's bounds."""
    config = inner(inputs, "deploymentConfig")
    if given(config, "blueGreenUpdatePolicy") and given(config, "rollingUpdatePolicy"):
        yield Problem(
            path="deploymentConfig.rollingUpdatePolicy",
            got="both",
            message="allowed: one of blueGreenUpdatePolicy, rollingUpdatePolicy",
            source="rule: SageMaker DeploymentConfig",
        )
    at = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
    routing = inner(inner(config, "blueGreenUpdatePolicy"), "trafficRoutingConfiguration")
    for name, low, high in (
        ("canarySize", 0, _MOST_CANARY_PERCENT),
        ("linearStepSize", *_LINEAR_PERCENT),
    ):
        size = inner(routing, name)
        value = number(size, "value")
        if value is None or text(size, "type") != "CAPACITY_PERCENT":
            continue
        if not low <= value <= high:
            yield Problem(
                path=f"{at}.{name}.value",
                got=value,
                message=f"allowed: {low} to {high} percent",
                source="rule: SageMaker TrafficRoutingConfig",
            )


def _container(path: str, container: Mapping[str, Any]) -> Iterator[Problem]:
    image = text(container, "image")
    mode = inner(container, "imageConfig").get("repositoryAccessMode")
    # A private registry inside the VPC has any address.
    if image is not None and mode in (None, "", "Platform"):
        message = grammar.image_uri(image)
        if message:
            yield Problem(
                path=f"{path}.image", got=image, message=message, source="rule: ECR image address"
            )
    if not given(container, "image") and not given(container, "modelPackageName"):
        yield Problem(
            path=f"{path}.image",
            got=None,
            message="missing; allowed: image or modelPackageName",
            source="rule: SageMaker ContainerDefinition",
        )


def _variant(path: str, variant: Mapping[str, Any]) -> Iterator[Problem]:
    serverless, machine = given(variant, "serverlessConfig"), given(variant, "instanceType")
    if serverless == machine:
        yield Problem(
            path=f"{path}.instanceType",
            got="both" if machine else None,
            message="allowed: exactly one of instanceType, serverlessConfig",
            source=f"rule: {_CREATE_CONFIG}, ProductionVariant",
        )
    yield from _counts(path, variant)
    instance_type = text(variant, "instanceType")
    if instance_type is None:
        return
    yield from machines.retired(f"{path}.instanceType", instance_type)
    if inner(variant, "managedInstanceScaling").get("status") == "ENABLED":
        yield from machines.cannot_scale(f"{path}.instanceType", instance_type)


def _combinations(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What SageMaker does not have together (SageMaker guide, "Serverless Inference"; botocore,
    ShadowProductionVariants).
    """
    served = list(items(inputs, "productionVariants"))
    shadows = list(items(inputs, "shadowProductionVariants"))
    if shadows and (len(served), len(shadows)) != (1, 1):
        yield Problem(
            path="shadowProductionVariants",
            got=f"{len(shadows)} beside {len(served)}",
            message="allowed: one shadow beside one production variant",
            source=f"rule: {_CREATE_CONFIG}, ShadowProductionVariants",
        )
    # With an instance type beside it, it is not clear which of the two was meant.
    if not any(given(v, "serverlessConfig") and not given(v, "instanceType") for _, v in served):
        return
    if len(served) > 1:
        yield Problem(
            path="productionVariants",
            got=f"{len(served)} variants",
            message="allowed with serverlessConfig: one variant",
            source="rule: SageMaker guide, Serverless Inference, feature exclusions",
        )
    for name in ("dataCaptureConfig", "asyncInferenceConfig", "shadowProductionVariants"):
        if given(inputs, name):
            yield Problem(
                path=name,
                got="given",
                message="allowed: nothing with serverlessConfig",
                source="rule: SageMaker guide, Serverless Inference, feature exclusions",
            )


def _counts(path: str, variant: Mapping[str, Any]) -> Iterator[Problem]:
    """A variant starts with as many as its bounds allow; bounds are in order."""
    initial = number(variant, "initialInstanceCount")
    managed = inner(variant, "managedInstanceScaling")
    low, high = number(managed, "minInstanceCount"), number(managed, "maxInstanceCount")
    if low is not None and high is not None and low > high:
        yield Problem(
            path=f"{path}.managedInstanceScaling.minInstanceCount",
            got=low,
            message=f"allowed: at most maxInstanceCount, which is {high:g}",
            source=f"rule: {_CREATE_CONFIG}, ManagedInstanceScaling",
        )
    elif initial is not None and (
        (low is not None and initial < low) or (high is not None and initial > high)
    ):
        yield Problem(
            path=f"{path}.initialInstanceCount",
            got=initial,
            message=f"allowed: {low or 1:g} to {high or initial:g}, the bounds that scale it",
            source=f"rule: {_CREATE_CONFIG}, ManagedInstanceScaling",
        )
    if known(variant, "modelName", "instanceType", "initialInstanceCount"):
        whole = given(variant, "modelName") and given(variant, "instanceType")
        if whole and not given(variant, "initialInstanceCount"):
            yield Problem(
                path=f"{path}.initialInstanceCount",
                got=None,
                message="missing; allowed with instanceType: 1 or more",
                source=f"rule: {_CREATE_CONFIG}, ProductionVariant",
            )
    serverless = inner(variant, "serverlessConfig")
    most, warm = number(serverless, "maxConcurrency"), number(serverless, "provisionedConcurrency")
    if most is not None and warm is not None and warm > most:
        yield Problem(
            path=f"{path}.serverlessConfig.provisionedConcurrency",
            got=warm,
            message=f"allowed: at most maxConcurrency, which is {most:g}",
            source="rule: SageMaker ProductionVariantServerlessConfig",
        )


def _unique_names(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for group in ("productionVariants", "shadowProductionVariants"):
        for path, variant in items(inputs, group):
            name = text(variant, "variantName")
            if name in seen:
                yield Problem(
                    path=f"{path}.variantName",
                    got=name,
                    message="allowed: a name that no other variant has",
                    source=f"rule: {_CREATE_CONFIG}, VariantName",
                )
            if name is not None:
                seen.add(name)


def _weights(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Traffic is weight over the sum of weights, so the sum must not be zero; absent counts as
    1.
    """
    variants = list(items(inputs, "productionVariants"))
    weights = [
        number(v, "initialVariantWeight") if given(v, "initialVariantWeight") else 1.0
        for _, v in variants
    ]
    for (path, _), weight in zip(variants, weights, strict=True):
        if weight is not None and weight < 0:
            yield Problem(
                path=f"{path}.initialVariantWeight",
                got=weight,
                message="allowed: 0 or more",
                source=f"rule: {_CREATE_CONFIG}, InitialVariantWeight",
            )
    if weights and all(weight == 0 for weight in weights):
        yield Problem(
            path=f"{variants[0][0]}.initialVariantWeight",
            got=0,
            message="allowed: a weight above 0 on at least one variant",
            source=f"rule: {_CREATE_CONFIG}, InitialVariantWeight",
        )
