"""What the shipped stacks ask for, against the reference numbers."""

from __future__ import annotations

from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from mlplatform import spec
from mlplatform.spec import schema
from tests.spec.stacks import ROOT, whole

DEV, PROD = ROOT / "Pulumi.dev.yaml", ROOT / "Pulumi.prod.yaml"
BOUNDS = {
    ("dev", "resnet50"): (2, 10),
    ("dev", "bankchurn"): (1, 5),
    ("prod", "resnet50"): (2, 10),
    ("prod", "bankchurn"): (2, 5),
}
"""Fewest and most instances. In prod the minimum of every endpoint is 2."""


def plan(environment: str) -> spec.Platform:
    path = ROOT / f"Pulumi.{environment}.yaml"
    return spec.read(whole(path), stack=environment, root=ROOT)


def aws_endpoint(environment: str, workload: str) -> spec.AwsEndpoint:
    on_aws = plan(environment).aws
    assert on_aws is not None
    (found,) = (one.endpoint for one in on_aws.workloads if one.name == workload)
    assert found is not None
    return found


def invocations(endpoint: spec.AwsEndpoint) -> float:
    """The target per instance and minute, the only one."""
    assert endpoint.scaling is not None
    (target,) = endpoint.scaling.targets
    assert target.metric == "SageMakerVariantInvocationsPerInstance"
    return target.value


@pytest.mark.parametrize(("environment", "workload"), BOUNDS)
def test_bounds_of_every_variant_are_the_reference_numbers(environment: str, workload: str) -> None:
    endpoint = aws_endpoint(environment, workload)
    bounds = {(v.min_instances, v.max_instances) for v in endpoint.variants}
    assert bounds == {BOUNDS[environment, workload]}
    assert endpoint.scaling is not None
    assert (endpoint.scaling.scale_in_cooldown_s, endpoint.scaling.scale_out_cooldown_s) == (
        300,
        60,
    )


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_resnet50_is_split_90_to_10_on_g4dn(environment: str) -> None:
    endpoint = aws_endpoint(environment, "resnet50")
    assert endpoint.instance_type == "ml.g4dn.xlarge"
    assert {v.name: v.weight for v in endpoint.variants} == {"v1": 90, "v2": 10}
    assert invocations(endpoint) == 70
    assert "pytorch-inference:2.0" in endpoint.variants[0].image_uri


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_bankchurn_has_one_variant_called_primary(environment: str) -> None:
    endpoint = aws_endpoint(environment, "bankchurn")
    assert {v.name: v.weight for v in endpoint.variants} == {"primary": 100}
    assert invocations(endpoint) == 100
    assert "sagemaker-scikit-learn:1.2" in endpoint.variants[0].image_uri


def test_dev_and_prod_are_in_different_accounts() -> None:
    accounts = {plan.aws.account_id for plan in map(plan_of, (DEV, PROD)) if plan.aws}
    assert len(accounts) == 2


def plan_of(path: Path) -> spec.Platform:
    return spec.read(whole(path), stack="dev", root=ROOT)


def test_the_upload_key_starts_with_the_workload_and_holds_the_content_hash() -> None:
    artifact = aws_endpoint("dev", "bankchurn").variants[0].artifact
    assert artifact.object_key is not None
    assert artifact.sha256 is not None
    assert artifact.object_key == f"bankchurn/{artifact.sha256[:16]}/model.tar.gz"


@pytest.mark.parametrize("path", [DEV, PROD], ids=lambda path: path.stem)
def test_the_shipped_files_fit_the_schema_and_point_at_it(path: Path) -> None:
    text = path.read_text()
    jsonschema.validate(yaml.safe_load(text), schema.json_schema())
    (pointer,) = (line for line in text.splitlines() if "$schema=" in line)
    assert (path.parent / pointer.partition("$schema=")[2]).resolve() == schema.FILE


def test_the_committed_schema_is_up_to_date() -> None:
    assert schema.FILE.read_text() == schema.text()


def test_every_key_of_the_schema_is_described() -> None:
    made = schema.json_schema()
    places = [made["properties"]["config"], *made["$defs"].values()]
    bare = [
        key
        for place in places
        for key, field in place.get("properties", {}).items()
        if not field.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"mlplatform:worklods": {}},
        {"mlplatform:strict": "yes"},
        {"mlplatform:labels": {"project": "p"}},
        {"mlplatform:workloads": {"Bad_Name": {}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: dict[str, object]) -> None:
    file = yaml.safe_load(DEV.read_text())
    file["config"].update(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(file, schema.json_schema())


def test_the_schema_lets_other_namespaces_through() -> None:
    file = yaml.safe_load(DEV.read_text())
    file["config"]["aws:region"] = "us-east-1"
    file["encryptionsalt"] = "v1:x"
    jsonschema.validate(file, schema.json_schema())


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_training_features_and_monitors_stand_on_every_cloud_as_in_the_reference(
    environment: str,
) -> None:
    platform = plan(environment)
    for cloud in (platform.aws, platform.gcp, platform.azure):
        assert cloud is not None
        resnet, churn = cloud.workloads
        assert resnet.training is not None
        assert churn.training is not None
        assert churn.monitoring is not None
        assert [group.name for group in churn.features] == ["customers"]
        assert resnet.monitoring is None
    on_azure = platform.azure
    assert on_azure is not None
    cluster = on_azure.workloads[0].training
    assert cluster is not None
    assert (cluster.max_nodes, cluster.idle_before_scale_down_s) == (4, 300)
