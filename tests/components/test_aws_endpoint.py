from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.endpoint import Endpoint, EndpointArgs, ScalingArgs, VariantArgs
from components.aws.place import Place
from tests.recorder import run

PLACE = Place(account_id="123456789012", region="eu-west-1")
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SCALING = ScalingArgs(
    invocations_per_instance_per_minute=70, scale_in_cooldown_s=300, scale_out_cooldown_s=60
)
IMAGE = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.0-cpu"


def variant(name: str = "primary", **changes: Any) -> VariantArgs:
    base: dict[str, Any] = {
        "weight": 100,
        "min_instances": 2,
        "max_instances": 5,
        "model_data_url": "s3://b/m.tar.gz",
        "image_uri": IMAGE,
    }
    return VariantArgs(name=name, **(base | changes))


def args(*variants: VariantArgs, **changes: Any) -> EndpointArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "endpoint_name": "ml-test-fraud",
        "role_arn": PLACE.role_arn("r"),
        "instance_type": "ml.m5.large",
        "volume_key_arn": PLACE.arn("kms", "alias/k"),
        "variants": variants or (variant(),),
        "scaling": SCALING,
    }
    return EndpointArgs(**(base | changes))


def test_each_variant_has_its_own_model_target_and_policy() -> None:
    inventory = run(lambda: Endpoint("fraud", args(variant("v1"), variant("v2"))))
    assert inventory.children("fraud") == {
        "fraud": "mlgap:aws:Endpoint",
        "fraud-config": CONFIG,
        "fraud-v1-model": "aws:sagemaker/model:Model",
        "fraud-v2-model": "aws:sagemaker/model:Model",
        "fraud-v1-scaling": "aws:appautoscaling/target:Target",
        "fraud-v2-scaling": "aws:appautoscaling/target:Target",
        "fraud-v1-invocations": "aws:appautoscaling/policy:Policy",
        "fraud-v2-invocations": "aws:appautoscaling/policy:Policy",
    }


def test_configuration_can_be_replaced_behind_the_endpoint() -> None:
    config = run(lambda: Endpoint("fraud", args())).one(CONFIG)
    assert "name" not in config.inputs
    assert config.request.deleteBeforeReplace is False


def test_a_new_variant_starts_at_its_minimum_with_its_weight() -> None:
    config = run(
        lambda: Endpoint(
            "fraud", args(variant("v1", weight=90), variant("v2", weight=0, min_instances=1))
        )
    ).one(CONFIG)
    assert [
        (v["variantName"], v["initialInstanceCount"], v["initialVariantWeight"])
        for v in config.inputs["productionVariants"]
    ] == [("v1", 2, 90), ("v2", 1, 0)]


def test_scaling_addresses_the_variant_by_a_name_known_at_preview() -> None:
    target = run(lambda: Endpoint("fraud", args(variant("v1")))).one(
        "aws:appautoscaling/target:Target"
    )
    assert target.inputs["resourceId"] == "endpoint/ml-test-fraud/variant/v1"
    assert (target.inputs["minCapacity"], target.inputs["maxCapacity"]) == (2, 5)
    assert any(urn.endswith("mlgap:aws:Endpoint::fraud") for urn in target.request.dependencies)


def test_models_run_without_a_network() -> None:
    model = run(lambda: Endpoint("fraud", args())).one("aws:sagemaker/model:Model")
    assert model.inputs["enableNetworkIsolation"] is True


def test_two_endpoints_do_not_collide() -> None:
    def program() -> None:
        Endpoint("a", args())
        Endpoint("b", args())

    run(program)


def test_burstable_type_cannot_scale() -> None:
    with pytest.raises(ValueError, match=r"burstable ml\.t2\.medium"):
        args(instance_type="ml.t2.medium")


def test_variant_names_are_unique() -> None:
    with pytest.raises(ValueError, match="each name once"):
        args(variant("v1"), variant("v1"))


@given(low=st.integers(-2, 5), high=st.integers(-2, 5))
def test_accepted_bounds_are_ordered_and_start_at_one(low: int, high: int) -> None:
    try:
        variant(min_instances=low, max_instances=high)
    except ValueError:
        assert not 1 <= low <= high
    else:
        assert 1 <= low <= high
