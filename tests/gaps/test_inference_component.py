"""The inference component resource against the sandbox's local AWS, read back with boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.inference_component import TOKEN, InferenceComponent
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from tests.gaps.test_feature_group import fault
from tests.sandbox.cloud_aws_process import TRUST, LocalAws

NAME, ENDPOINT = "ml-dev-copies", "ml-dev-shared"
ROLE = "arn:aws:iam::123456789012:role/serve"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/m:1"
REFUSED = (ProviderError, Partial)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with (
        LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.1) as local,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in local.address["environ"].items():
            patch.setenv(name, value)
        local.client("iam").create_role(RoleName="serve", AssumeRolePolicyDocument=TRUST)
        sagemaker = local.client("sagemaker")
        for name in ("m1", "m2"):
            container = {"Image": IMAGE}
            sagemaker.create_model(ModelName=name, PrimaryContainer=container)
        variant = {
            "VariantName": "primary",
            "InstanceType": "ml.m5.xlarge",
            "InitialInstanceCount": 1,
            "ManagedInstanceScaling": {
                "Status": "ENABLED",
                "MinInstanceCount": 0,
                "MaxInstanceCount": 2,
            },
        }
        sagemaker.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
        )
        sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName="c")
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName=ENDPOINT, WaiterConfig={"Delay": 1}
        )
        yield local


def inputs(model: str = "m1", copies: int = 1, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "inferenceComponentName": NAME,
        "endpointName": ENDPOINT,
        "variantName": "primary",
        "specification": {
            "modelName": model,
            "computeResourceRequirements": {
                "minMemoryRequiredInMb": 1024,
                "numberOfCpuCoresRequired": 0.5,
            },
        },
        "runtimeConfig": {"copyCount": copies},
        "tags": {"Team": "ml"},
    }
    return {**base, **changes}


def component() -> InferenceComponent:
    return InferenceComponent(AwsCloud({"region": "us-east-1", "account_id": "123456789012"}))


def context(name: str = "copies") -> Context:
    urn = f"urn:pulumi:dev::ml::{TOKEN}::{name}"
    return Context(urn=urn, token=TOKEN, name=name, timeout_s=60)


def live(aws: LocalAws) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("sagemaker").describe_inference_component(
        InferenceComponentName=NAME
    )
    return found


def scaled_to(aws: LocalAws, copies: int) -> None:
    aws.client("sagemaker").update_inference_component_runtime_config(
        InferenceComponentName=NAME, DesiredRuntimeConfig={"CopyCount": copies}
    )


@pytest.fixture(scope="module")
def made(aws: LocalAws) -> dict[str, Any]:
    del aws
    id_, state = component().create(context(), inputs())
    assert id_ == NAME
    return state


def test_what_was_declared_runs(aws: LocalAws, made: dict[str, Any]) -> None:
    assert made["arn"] == live(aws)["InferenceComponentArn"]
    assert live(aws)["InferenceComponentStatus"] == "InService"
    id_, seen, now = component().read(context(), NAME, inputs(), made)
    assert (id_, seen, now) == (NAME, inputs(), {**inputs(), "arn": made["arn"]})


def test_another_resource_of_the_name_is_refused(made: dict[str, Any]) -> None:
    del made
    with pytest.raises(ProviderError, match="this stack did not make it"):
        component().create(context("other"), inputs())


def test_a_new_model_keeps_the_copies_that_autoscaling_reached(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    scaled_to(aws, 4)
    state = component().update(context(), NAME, inputs(), made, inputs("m2"))
    assert state["specification"]["modelName"] == "m2"
    assert live(aws)["Specification"]["ModelName"] == "m2"
    assert live(aws)["RuntimeConfig"]["DesiredCopyCount"] == 4


def test_a_declared_count_is_applied_where_nothing_scales_and_nowhere_else(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    component().update(context(), NAME, inputs("m2"), made, inputs("m2", 3))
    assert live(aws)["RuntimeConfig"]["DesiredCopyCount"] == 3
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"inference-component/{NAME}",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=8)
    component().update(context(), NAME, inputs("m2", 3), made, inputs("m2", 1))
    assert live(aws)["RuntimeConfig"]["DesiredCopyCount"] == 3
    scaling.deregister_scalable_target(**target)


def test_an_update_that_is_taken_back_is_a_failure_and_the_next_one_heals(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    fault(aws, "UpdateInferenceComponent", "rollback")
    with pytest.raises(Partial) as caught:
        component().update(context(), NAME, inputs("m2"), made, inputs("m1"))
    assert "did not pass the health check" in str(caught.value.reasons)
    assert caught.value.state["specification"]["modelName"] == "m2", "what really runs"
    found = component().diff(context(), NAME, inputs("m1"), caught.value.state, inputs("m1"))
    assert [change.path for change in found.changes] == ["specification.modelName"]
    component().update(context(), NAME, inputs("m1"), caught.value.state, inputs("m1"))
    assert live(aws)["Specification"]["ModelName"] == "m1"


def test_another_endpoint_or_name_is_another_component(made: dict[str, Any]) -> None:
    moved = component().diff(context(), NAME, inputs(), made, inputs(endpointName="other"))
    assert moved.delete_before_replace
    assert [c.replace for c in moved.changes] == [True]
    named = component().diff(
        context(), NAME, inputs(), made, inputs(inferenceComponentName="other")
    )
    assert not named.delete_before_replace


def test_its_endpoint_cannot_go_before_it(aws: LocalAws, made: dict[str, Any]) -> None:
    del made
    sagemaker = aws.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="hosts inference components"):
        sagemaker.delete_endpoint(EndpointName=ENDPOINT)
    listed = sagemaker.list_inference_components(EndpointNameEquals=ENDPOINT)
    assert [c["InferenceComponentName"] for c in listed["InferenceComponents"]] == [NAME]


def test_it_is_gone_after_a_delete_and_a_second_delete_is_no_error(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    component().delete(context(), NAME, inputs(), made)
    component().delete(context(), NAME, inputs(), made)
    with pytest.raises(NotFound):
        component().read(context(), NAME, inputs(), made)
    assert aws.client("sagemaker").list_inference_components()["InferenceComponents"] == []


def test_one_that_failed_to_start_is_made_anew(aws: LocalAws, made: dict[str, Any]) -> None:
    del made
    fault(aws, "CreateInferenceComponent", "fail_create")
    with pytest.raises(REFUSED):
        component().create(context(), inputs())
    assert live(aws)["InferenceComponentStatus"] == "Failed"
    component().update(context(), NAME, inputs(), {}, inputs())
    assert live(aws)["InferenceComponentStatus"] == "InService"


@pytest.mark.parametrize(
    ("changes", "at", "words"),
    [
        ({"inferenceComponentName": "a_b"}, "inferenceComponentName", "matches"),
        ({"runtimeConfig": {"copyCount": -1}}, "runtimeConfig.copyCount", "at least 0"),
        (
            {
                "specification": {
                    "modelName": "m",
                    "computeResourceRequirements": {"minMemoryRequiredInMb": 100},
                }
            },
            "specification.computeResourceRequirements.minMemoryRequiredInMb",
            "at least 128",
        ),
        ({"specifikation": {}}, "specifikation", "specification"),
        ({"tags": {"mlgap:x": "y"}}, 'tags["mlgap:x"]', "does not start with mlgap:"),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_at_preview(
    changes: dict[str, Any], at: str, words: str
) -> None:
    assert contracts.check(TOKEN, inputs()) == []
    found = {problem.path: str(problem) for problem in contracts.check(TOKEN, inputs(**changes))}
    assert words in found.get(at, ""), found
