"""The tables of Google Cloud and Azure, against vendor packages where these say something."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import googleapiclient
import pytest

from mlplatform.catalog import azure, frameworks, gcp, gcp_tpu, gcp_training, regions
from mlplatform.catalog.nearest import nearest

DISCOVERY = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"


def test_the_regions_are_those_of_the_discovery_document() -> None:
    document = json.loads((DISCOVERY / "aiplatform.v1.json").read_text())
    known = {entry["location"] for entry in document["endpoints"]} - {"us", "eu"}
    assert sorted(regions.GCP) == sorted(known)


def test_the_accelerators_are_those_of_the_discovery_document() -> None:
    schemas = json.loads((DISCOVERY / "aiplatform.v1.json").read_text())["schemas"]
    spec = schemas["GoogleCloudAiplatformV1MachineSpec"]["properties"]["acceleratorType"]
    assert set(gcp.ACCELERATORS.values()) <= set(spec["enum"])


def test_the_images_are_those_that_google_lists() -> None:
    source = Path(googleapiclient.__file__).parents[1] / "google/cloud/aiplatform/constants"
    listed = (source / "prediction.py").read_text()
    for framework in frameworks.FRAMEWORKS:
        for version in frameworks.versions(framework, "gcp"):
            for gpu in {False, framework == "pytorch"}:
                found = frameworks.gcp(framework, version, region="us-central1", gpu=gpu)
                assert found is not None
                assert f'"{found.image_uri}"' in listed


@pytest.mark.parametrize(
    ("region", "place"),
    [("us-east1", "us"), ("southamerica-east1", "us"), ("europe-west4", "europe"),
     ("me-west1", "europe"), ("asia-east1", "asia"), ("australia-southeast1", "asia")],
)  # fmt: skip
def test_images_come_from_the_nearest_multi_region(region: str, place: str) -> None:
    found = frameworks.gcp("scikit-learn", "1.2", region=region, gpu=False)
    assert found is not None
    assert found.image_uri.startswith(f"{place}-docker.pkg.dev/")


@pytest.mark.parametrize(
    ("machine", "accelerator", "counts"),
    [
        ("n1-standard-4", "T4", (1, 2, 4)),
        ("n1-standard-8", "V100", (1, 2, 4, 8)),
        ("n1-standard-16", "V100", (2, 4, 8)),
        ("n1-standard-64", "T4", ()),
        ("n1-standard-4", "K80", ()),
        ("n1-standard-4", "A100", ()),
        ("g2-standard-24", "L4", (2,)),
        ("g2-standard-24", "T4", ()),
        ("e2-standard-4", "T4", ()),
        ("a3-megagpu-8g", "H100_MEGA", (8,)),
    ],
)
def test_accelerator_counts_are_those_of_the_documentation(
    machine: str, accelerator: str, counts: tuple[int, ...]
) -> None:
    assert gcp.accelerator_counts(machine, accelerator) == counts


@pytest.mark.parametrize(
    ("machine", "accelerator", "counts"),
    [
        ("n1-standard-4", "T4", (1, 2, 4)),
        ("n1-highmem-2", "V100", (1, 2, 4, 8)),
        ("n1-highcpu-16", "V100", (2, 4, 8)),
        ("n1-standard-32", "T4", (2, 4)),
        ("n1-standard-64", "V100", (8,)),
        ("n1-highcpu-96", "T4", (4,)),
        ("n1-standard-2", "T4", ()),
        ("n1-highcpu-8", "V100", ()),
        ("a2-highgpu-4g", "A100", (4,)),
        ("n1-standard-8", "L4", ()),
    ],
)
def test_training_takes_accelerators_as_its_own_table_says(
    machine: str, accelerator: str, counts: tuple[int, ...]
) -> None:
    assert gcp_training.accelerator_counts(machine, accelerator) == counts


@pytest.mark.parametrize(
    ("kind", "topologies"),
    [
        ("v2-8", ("2x2",)),
        ("v3-64", ("4x8",)),
        ("v5litepod-1", ("1x1",)),
        ("v5litepod-32", ("4x8",)),
        ("v6e-256", ("16x16",)),
        ("v4-8", ("2x2x1",)),
        ("v4-64", ("2x4x4",)),
        ("v5p-512", ("4x8x8", "4x4x16")),
        ("v5p-5", ()),
    ],
)
def test_the_chips_of_a_tpu_are_arranged_as_its_generation_is_wired(
    kind: str, topologies: tuple[str, ...]
) -> None:
    assert gcp_tpu.topologies(kind) == topologies


def test_every_tpu_type_has_a_topology_that_leads_back_to_it() -> None:
    for kind in gcp_tpu.types():
        generation = gcp_tpu.generation(kind)
        assert generation is not None
        assert gcp_tpu.topologies(kind), kind
        for topology in gcp_tpu.topologies(kind):
            assert gcp_tpu.of_topology(generation.api_type, topology) == kind
    assert gcp_tpu.of_topology("V5LITE_POD", "1x8") is None
    assert gcp_tpu.of_topology("V5P", "four") is None


def test_the_defaults_of_google_cloud_fit_their_accelerator() -> None:
    assert gcp.machine(gcp.DEFAULT) is not None
    for accelerator, (machine, count) in gcp.BY_ACCELERATOR.items():
        assert count in gcp.accelerator_counts(machine, accelerator)


def test_a_region_that_lacks_an_accelerator_says_where_it_is() -> None:
    assert gcp_regions_with("T4", "us-central1") is None
    assert "us-central1" in (gcp_regions_with("V100", "us-west2") or ())
    assert gcp_regions_with("L4", "us-west2") is None  # not known, so not refused


def gcp_regions_with(accelerator: str, region: str) -> tuple[str, ...] | None:
    return regions.gcp_lacks(region, accelerator)


@pytest.mark.parametrize(
    ("size", "since", "instead"),
    [
        ("Standard_NC6s_v3", date(2025, 9, 30), "Standard_NC24ads_A100_v4"),
        ("Standard_NC24rs_v3", date(2025, 9, 30), "Standard_NC96ads_A100_v4"),
        ("Standard_NC6", date(2023, 8, 31), "Standard_NC4as_T4_v3"),
        ("Standard_NC12", date(2023, 8, 31), "Standard_NC16as_T4_v3"),
        ("Standard_NC6s_v2", date(2023, 8, 31), "Standard_NC24ads_A100_v4"),
        ("Standard_ND24rs", date(2023, 8, 31), "Standard_ND96amsr_A100_v4"),
        ("Standard_NV24", date(2023, 9, 6), "Standard_NV72ads_A10_v5"),
        ("Standard_NV12s_v3", date(2026, 9, 30), "Standard_NV12ads_A10_v5"),
        ("Standard_NV32as_v4", date(2026, 9, 30), "Standard_NV36ads_A10_v5"),
        ("Standard_DS3_v2", date(2028, 5, 1), "Standard_D4s_v5"),
        ("Standard_D1_v2", date(2028, 5, 1), "Standard_D2s_v5"),
        ("Standard_L4s", date(2028, 5, 1), "Standard_L8s_v3"),
        ("Standard_F72s_v2", date(2028, 11, 15), "Standard_D96s_v5"),
        ("Standard_L80s_v2", date(2028, 11, 15), "Standard_L80s_v3"),
    ],
)
def test_retired_sizes_name_date_and_replacement(size: str, since: date, instead: str) -> None:
    machine = azure.machine(size)
    assert machine is not None
    assert (machine.retired, machine.replacement) == (since, instead)
    assert not machine.is_retired(since - timedelta(days=1))
    assert machine.is_retired(since)


@pytest.mark.parametrize("size", ["Standard_ND40rs_v2", "Standard_NC4as_T4_v3", "Standard_E4s_v3"])
def test_sizes_that_no_list_of_retired_ones_names_stay(size: str) -> None:
    machine = azure.machine(size)
    assert machine is not None
    assert machine.retired is None


def test_every_accelerator_on_azure_has_a_smallest_size_with_a_whole_one() -> None:
    for accelerator, size in azure.BY_ACCELERATOR.items():
        machine = azure.machine(size)
        assert machine is not None
        assert (machine.accelerator, machine.accelerator_count) == (accelerator, 1)


def test_every_replacement_on_azure_is_a_size_that_can_be_had() -> None:
    for name in azure.instance_types():
        machine = azure.machine(name)
        assert machine is not None
        if machine.replacement is not None:
            instead = azure.machine(machine.replacement)
            assert instead is not None
            assert instead.retired is None
            assert (instead.cores or 0) >= min(machine.cores or 0, 4)
            assert (instead.accelerator is None) == (machine.accelerator is None)


def test_azure_compares_sizes_without_case() -> None:
    machine = azure.machine("standard_nc4AS_t4_V3")
    assert machine is not None
    assert machine.name == "Standard_NC4as_T4_v3"


def test_the_nearest_match_ignores_case_and_dashes() -> None:
    assert nearest("instance-Type", ["instanceType", "instance"]) == "instanceType"
    assert nearest("quite something else", ["a1", "b2"]) is None
