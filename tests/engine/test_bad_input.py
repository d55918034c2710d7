"""What is wrong is refused at preview: everything in one list, nothing created, no traceback."""

from __future__ import annotations

import pytest

from tests.engine.conftest import Outcome, Project

pytestmark = [pytest.mark.engine]

PROGRAM = """
import pulumi_aws as aws

variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs
aws.sagemaker.Model("image", execution_role_arn="arn:aws:iam::123456789012:role/r",
    primary_container={"image": "docker.io/library/x:1", "model_data_url": "gs://b/m.tar.gz"})
aws.sagemaker.Model("role", execution_role_arn="not-an-arn-but-long-enough",
    primary_container={"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"})
aws.sagemaker.Model("typo", execution_role_arn="arn:aws:iam::123456789012:role/r",
    primary_container={"imagee": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"})
aws.sagemaker.EndpointConfiguration("machine", production_variants=[
    variant(model_name="m", variant_name="v1", instance_type="ml.g4dn.xlarg",
            initial_instance_count=1)])
aws.sagemaker.EndpointConfiguration("name", name="bad_name", production_variants=[
    variant(model_name="m", variant_name="v1", instance_type="ml.m5.large",
            initial_instance_count=1)])
aws.sagemaker.EndpointConfiguration("number", production_variants=[
    variant(model_name="m", variant_name="v1", instance_type="ml.m5.large",
            initial_instance_count=1)],
    data_capture_config={"enable_capture": True, "initial_sampling_percentage": 500,
        "destination_s3_uri": "s3://b/c", "capture_options": [{"capture_mode": "Input"}]})
aws.appautoscaling.Target("bounds", service_namespace="sagemaker",
    scalable_dimension="sagemaker:variant:DesiredInstanceCount",
    resource_id="endpoint/e/variant/v1", min_capacity=5, max_capacity=2)
"""


@pytest.fixture(scope="module")
def contract_refusals(project: Project) -> str:
    """One preview of a program with one fault in each resource."""
    (project.folder / "__main__.py").unlink()
    (project.folder / "__main__.py").write_text(PROGRAM)
    outcome = project.run("sandbox", "preview", "--", "--diff", expect=None)
    (project.folder / "__main__.py").unlink()
    (project.folder / "__main__.py").symlink_to(
        (project.folder / "infra").resolve().parent / "__main__.py"
    )
    refused(outcome)
    return outcome.text


def refused(outcome: Outcome) -> None:
    assert outcome.code != 0
    assert "Traceback" not in outcome.text


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("image", "primaryContainer.image"),
        ("image", "primaryContainer.modelDataUrl"),
        ("role", "executionRoleArn"),
        ("typo", "nearest: image"),
        ("machine", "nearest: ml.g4dn.xlarge"),
        ("name", "bad_name"),
        ("number", "dataCaptureConfig.initialSamplingPercentage"),
        ("bounds", "minCapacity"),
    ],
)
def test_the_contract_refuses_at_preview_and_names_resource_and_property(
    contract_refusals: str, resource: str, said: str
) -> None:
    lines = [line for line in contract_refusals.splitlines() if said in line]
    assert lines, f"{said!r} is nowhere in:\n{contract_refusals}"
    assert resource in contract_refusals


def test_every_problem_of_the_configuration_is_in_one_list(project: Project) -> None:
    content = project.stack_file()
    config = content["config"]
    resnet = config["mlplatform:workloads"]["resnet50"]
    churn = config["mlplatform:workloads"]["bankchurn"]
    resnet["endpoint"]["variants"] = {"v1": {"weight": 90}, "v2": {"weight": 20}}
    resnet["endpoint"]["scaling"]["min"] = 20
    resnet["endpoint"]["aws"]["instance_type"] = "ml.p3.2xlarge"
    churn["endpoint"]["aws"]["instance_type"] = "ml.t2.medium"
    churn["endpoint"]["scalling"] = {"min": 1}
    churn["endpoint"]["scaling"]["max"] = "five"
    config["mlplatform:workloads"]["Bad_Name"] = churn
    project.write_stack_file(content)
    outcome = project.run("sandbox", "preview", expect=None)
    project.reset_stack_files()
    refused(outcome)
    for said in (
        "resnet50.endpoint.variants",
        "resnet50.endpoint.scaling",
        "ml.p3.2xlarge",
        "ml.g5.2xlarge",
        "ml.t2.medium",
        "scalling",
        "five",
        "Bad_Name",
    ):
        assert said in outcome.text, f"{said!r} is nowhere in:\n{outcome.text}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mlplatform:clouds": {"aws": {"region": "eu-west-1"}}}, "account_id"),
        ({"mlplatform:worklods": {}}, "worklods"),
    ],
)
def test_a_missing_and_an_unknown_key_are_refused_by_name(
    project: Project, change: dict[str, object], said: str
) -> None:
    content = project.stack_file()
    content["config"].update(change)
    project.write_stack_file(content)
    outcome = project.run("sandbox", "preview", expect=None)
    project.reset_stack_files()
    refused(outcome)
    assert said in outcome.text


def test_the_wrong_account_is_refused_before_anything_is_created(project: Project) -> None:
    project.environ["MLP_SANDBOX_AWS_ACCOUNT_ID"] = "999999999999"
    outcome = project.run("sandbox", "up", expect=None)
    del project.environ["MLP_SANDBOX_AWS_ACCOUNT_ID"]
    refused(outcome)
    assert "999999999999" in outcome.text
    assert "123456789012" in outcome.text
