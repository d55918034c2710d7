"""Sizes that are gone: refused with what Microsoft names instead, or substituted where allowed."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from tests.spec.stacks import DELETE, ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
RESNET = "workloads.resnet50"
PERSON = "00000000-0000-0000-0000-0000000000b1"


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(DEV, changes), stack="dev-azure")


def planned(changes: dict[str, Any]) -> Any:
    platform = spec.read(changed(DEV, changes), stack="dev-azure", root=ROOT)
    assert platform.azure is not None
    (found,) = [one for one in platform.azure.workloads if one.name == "resnet50"]
    return found, {gap.path: gap for gap in platform.gaps}


ADA = "clouds.azure.compute.instances.ada"


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        (f"{RESNET}.endpoint.azure.instance_type", {f"{RESNET}.endpoint.accelerator": DELETE}),
        (f"{RESNET}.training.azure.vm_size", {}),
        (f"{ADA}.vm_size", {f"{ADA}.user_object_id": PERSON}),
    ],
    ids=["endpoint", "training", "instance"],
)
@pytest.mark.parametrize(
    ("size", "since", "instead"),
    [
        ("Standard_NC6s_v3", "2025-09-30", "Standard_NC24ads_A100_v4"),
        ("standard_nc12", "2023-08-31", "Standard_NC16as_T4_v3"),
        ("Standard_NV12s_v3", "2026-09-30", "Standard_NV12ads_A10_v5"),
    ],
)
def test_a_size_that_is_gone_is_refused_with_its_day_and_its_successor(
    path: str, beside: dict[str, Any], size: str, since: str, instead: str
) -> None:
    words = refused({**beside, path: size})[path]
    assert f"retired since {since}" in words
    assert f"use {instead}" in words


@pytest.mark.parametrize(("noun", "key"), [("endpoint", "instance_type"), ("training", "vm_size")])
def test_an_accelerator_that_is_gone_is_substituted_where_the_spec_allows_it(
    noun: str, key: str
) -> None:
    at = f"{RESNET}.{noun}"
    changes = {f"{at}.accelerator": {"want": "V100", "or": "T4"}}
    if noun == "endpoint":
        changes[f"{at}.azure.instance_type"] = DELETE
    workload, gaps = planned(changes)
    assert getattr(getattr(workload, noun), key) == "Standard_NC4as_T4_v3"
    gap = gaps[f"{at}.accelerator.want"]
    assert gap.asked == "V100 (Standard_NC6s_v3)"
    assert gap.given == "T4 (Standard_NC4as_T4_v3)"
    assert gap.reason == "retired since 2025-09-30"
    alone = {**changes, f"{at}.accelerator": "V100"}
    assert "use Standard_NC24ads_A100_v4" in refused(alone)[f"{at}.accelerator"]


def test_a_substitute_that_is_gone_too_is_refused() -> None:
    changes = {
        f"{RESNET}.endpoint.accelerator": {"want": "V100", "or": "V100"},
        f"{RESNET}.endpoint.azure.instance_type": DELETE,
    }
    assert "allowed: A10, A100, H100" in refused(changes)[f"{RESNET}.endpoint.accelerator.or"]
