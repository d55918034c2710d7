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
    instance_type = text(variant, "instanceType")
    if instance_type is None:
        return
    yield from machines.retired(f"{path}.instanceType", instance_type)
    if inner(variant, "managedInstanceScaling").get("status") == "ENABLED":
        yield from machines.cannot_scale(f"{path}.instanceType", instance_type)


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
