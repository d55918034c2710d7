"""Pulumi programs of any size: the same resources through components, and written flat."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

RESOURCES_PER_ENDPOINT = 7
"""Role, role policy, model, configuration, endpoint, scalable target, scaling policy."""
COMPONENTS_PER_ENDPOINT = 2
"""Access and Endpoint."""

_COMMON = """
import json
import pulumi
from components.aws.place import Place
from components.aws import policy as documents, purposes
from components.aws.access import AccessArgs
from mlplatform.gaps.sdk import aws as mlgap
import pulumi_aws as aws

PLACE = Place(account_id="123456789012", region="us-east-1")
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.0-cpu-py310"
TAGS = {"Project": "bench", "Environment": "dev", "Owner": "bench", "CostCenter": "bench"}
KEY = PLACE.arn("kms", "alias/bench")
TRUST = documents.trust(PLACE, purposes.SAGEMAKER, PLACE.arn("sagemaker", "*"))


def access(name):
    stores = purposes.Stores(place=PLACE, artifacts_bucket="bench-artifacts", prefix=f"{name}/",
                             key_aliases=["alias/bench"])
    return AccessArgs(place=PLACE, role_name=name,
                      description=f"Runs the SageMaker endpoint {name}",
                      statements=purposes.serve(stores, endpoint_name=name, image_uris=[IMAGE]),
                      tags=TAGS)
"""

_COMPONENTS = """
from components.aws.access import Access
from components.aws.endpoint import Endpoint, EndpointArgs, ScalingArgs, VariantArgs

for number in range(COUNT):
    name = f"bench-{number}"
    role = Access(name, access(name))
    Endpoint(name, EndpointArgs(
        place=PLACE, endpoint_name=name, role_arn=role.role_arn, instance_type="ml.m5.large",
        volume_key_arn=KEY,
        variants=[VariantArgs(name="primary", weight=100, min_instances=1, max_instances=5,
                              model_data_url=f"s3://bench-artifacts/{name}/model.tar.gz",
                              image_uri=IMAGE)],
        scaling=ScalingArgs(invocations_per_instance_per_minute=70, scale_in_cooldown_s=300,
                            scale_out_cooldown_s=60),
        tags=TAGS), after=[role])
"""

_FLAT = """
from components.aws.endpoint import DIMENSION, METRIC, SERVICE

policy = aws.appautoscaling
for number in range(COUNT):
    name = f"bench-{number}"
    role = aws.iam.Role(name, name=name, description=f"Runs the SageMaker endpoint {name}",
                        assume_role_policy=json.dumps(TRUST), tags=TAGS)
    allowed = aws.iam.RolePolicy(f"{name}-may", role=role.name, policy=json.dumps(
        documents.document(access(name).statements)))
    after = pulumi.ResourceOptions(depends_on=[role, allowed])
    model = aws.sagemaker.Model(
        f"{name}-primary-model", execution_role_arn=PLACE.role_arn(name),
        primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
            image=IMAGE, model_data_url=f"s3://bench-artifacts/{name}/model.tar.gz",
            environment={}),
        enable_network_isolation=True, tags=TAGS, opts=after)
    config = aws.sagemaker.EndpointConfiguration(
        f"{name}-config", kms_key_arn=KEY,
        production_variants=[aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name="primary", model_name=model.name, instance_type="ml.m5.large",
            initial_instance_count=1, initial_variant_weight=100)],
        tags=TAGS, opts=after)
    endpoint = mlgap.Endpoint(name, endpoint_name=name, endpoint_config_name=config.name,
                              tags=TAGS)
    target = policy.Target(
        f"{name}-primary-scaling", service_namespace=SERVICE, scalable_dimension=DIMENSION,
        resource_id=f"endpoint/{name}/variant/primary", min_capacity=1, max_capacity=5, tags=TAGS,
        opts=pulumi.ResourceOptions(depends_on=[endpoint]))
    policy.Policy(
        f"{name}-primary-invocations", policy_type="TargetTrackingScaling",
        service_namespace=SERVICE, scalable_dimension=DIMENSION,
        resource_id=f"endpoint/{name}/variant/primary",
        opts=pulumi.ResourceOptions(depends_on=[target]),
        target_tracking_scaling_policy_configuration=(
            policy.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=70, scale_in_cooldown=300, scale_out_cooldown=60,
                predefined_metric_specification=policy.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type=METRIC))))
"""


_PLUGIN = """#!/bin/sh
if [ "$MLP_SANDBOX_STAND_INS" = inert ]; then
    exec "{python}" -P -u -m mlplatform.sandbox.providers mlgap 0.1.0 "$@"
fi
exec "{root}/plugins/mlgap/pulumi-resource-mlgap" "$@"
"""


def write(folder: Path, *, style: str, endpoints: int, root: Path) -> Path:
    """A project in ``folder`` with ``endpoints`` endpoints; ``style``: components or flat.

    ``mlgap`` does nothing when ``MLP_SANDBOX_STAND_INS`` says so.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("components", "policies", ".venv"):
        (folder / name).symlink_to(root / name)
    _plugin(folder, root)
    body = {"components": _COMPONENTS, "flat": _FLAT}[style]
    (folder / "__main__.py").write_text(f"COUNT = {endpoints}\n{_COMMON}{body}")
    (folder / "Pulumi.yaml").write_text(
        "name: bench\nruntime: {name: python, options: {toolchain: pip, virtualenv: .venv}}\n"
        "plugins: {providers: [{name: mlgap, path: ./plugins/mlgap}]}\n"
    )
    return folder


def shipped(folder: Path, *, root: Path) -> Path:
    """The shipped project in ``folder``, with an mlgap that can be told to do nothing."""
    folder.mkdir(parents=True)
    files = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml")
    for name in (*files, "infra", "components", "policies", "models", ".venv"):
        (folder / name).symlink_to(root / name)
    _plugin(folder, root)
    return folder


def _plugin(folder: Path, root: Path) -> None:
    plugin = folder / "plugins" / "mlgap" / "pulumi-resource-mlgap"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(_PLUGIN.format(python=sys.executable, root=root))
    plugin.chmod(0o755)
