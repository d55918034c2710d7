"""The AWS tables against the vendor's model and an independent list of EC2's machines."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import botocore.session
import moto
import pytest

from mlplatform.catalog import aws, frameworks, regions

EC2 = Path(moto.__file__).parent / "ec2" / "resources" / "instance_types.json.gz"
"""What EC2's DescribeInstanceTypes answered, as the moto release recorded it."""


@pytest.fixture(scope="module")
def ec2() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(gzip.decompress(EC2.read_bytes()))
    return found


def described(ec2: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name in aws.endpoint_types() if name.removeprefix("ml.") in ec2]


def test_the_instance_types_are_those_of_the_locked_botocore() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    assert sorted(aws.endpoint_types()) == sorted(
        model.shape_for("ProductionVariantInstanceType").enum
    )


def test_ec2_describes_nearly_every_type(ec2: dict[str, dict[str, Any]]) -> None:
    missing = set(aws.endpoint_types()) - set(described(ec2))
    assert {name.split(".")[1] for name in missing} <= {"p2", "p3", "dl1", "p6e-gb200"}


def test_local_storage_and_burstability_are_what_ec2_says(ec2: dict[str, dict[str, Any]]) -> None:
    for name in described(ec2):
        machine, facts = aws.machine(name), ec2[name.removeprefix("ml.")]
        assert machine is not None
        assert machine.local_nvme == facts["InstanceStorageSupported"], name
        assert machine.burstable == facts["BurstablePerformanceSupported"], name


def test_gpus_are_what_ec2_says(ec2: dict[str, dict[str, Any]]) -> None:
    for name in described(ec2):
        machine = aws.machine(name)
        assert machine is not None
        gpus = ec2[name.removeprefix("ml.")].get("GpuInfo", {}).get("Gpus", [])
        if not gpus:
            assert machine.accelerator not in ("T4", "V100", "A10G", "L4", "A100", "H100"), name
            continue
        assert machine.accelerator_count == sum(gpu["Count"] for gpu in gpus), name
        said = (machine.accelerator or "").replace("_", " ").split()
        assert set(said) <= set(gpus[0]["Name"].split()), name


def test_an_unknown_type_is_none() -> None:
    assert aws.machine("ml.g4dn.xlarg") is None
    assert aws.machine("g4dn.xlarge") is None


def test_every_retired_type_names_a_replacement_that_is_not_retired() -> None:
    retired = [m for m in map(aws.machine, aws.endpoint_types()) if m is not None and m.retired]
    assert {m.name.split(".")[1] for m in retired} == {"p2", "p3"}
    for machine in retired:
        instead = aws.machine(machine.replacement or "")
        assert instead is not None
        assert instead.retired is None


def test_retirement_begins_on_its_day() -> None:
    machine = aws.machine("ml.p3.2xlarge")
    assert machine is not None
    assert not machine.is_retired(date(2025, 12, 19))
    assert machine.is_retired(date(2025, 12, 20))


def test_the_defaults_have_the_accelerator_they_stand_for() -> None:
    default = aws.machine(aws.DEFAULT)
    assert default is not None
    assert default.accelerator is None
    assert not default.burstable
    for accelerator, name in aws.BY_ACCELERATOR.items():
        machine = aws.machine(name)
        assert machine is not None
        assert (machine.accelerator, machine.accelerator_count) == (accelerator, 1)


def test_the_regions_are_those_of_the_locked_botocore() -> None:
    session = botocore.session.get_session()
    partitions = ("aws", "aws-cn", "aws-us-gov")
    known = [r for p in partitions for r in session.get_available_regions("sagemaker", p)]
    assert sorted(regions.AWS) == sorted(known)


@pytest.mark.parametrize(
    ("framework", "version", "region", "image"),
    [
        ("pytorch", "2.0", "us-east-1", "763104351884.dkr.ecr.us-east-1.amazonaws.com/"),
        ("pytorch", "2.0", "cn-north-1", "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/"),
        ("scikit-learn", "1.2", "us-east-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com/"),
    ],
)
def test_images_come_from_the_registry_of_the_region(
    framework: str, version: str, region: str, image: str
) -> None:
    found = frameworks.aws(framework, version, region=region, gpu=False)
    assert found is not None
    assert found.image_uri.startswith(image)


def test_a_region_whose_registry_is_not_known_has_no_image() -> None:
    assert frameworks.aws("pytorch", "2.0", region="us-gov-west-1", gpu=True) is None
    assert frameworks.aws("scikit-learn", "1.2", region="mx-central-1", gpu=False) is None


def test_every_listed_version_has_an_image() -> None:
    for framework in frameworks.FRAMEWORKS:
        for version in frameworks.versions(framework, "aws"):
            assert frameworks.aws(framework, version, region="us-east-1", gpu=False)
        for version in frameworks.versions(framework, "azure"):
            assert frameworks.azure(framework, version, gpu=False)


def test_the_training_types_are_those_of_the_locked_botocore() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    assert sorted(aws.training_types()) == sorted(model.shape_for("TrainingInstanceType").enum)
    assert aws.training_machine("ml.p3dn.24xlarge") is not None
    assert aws.machine("ml.p3dn.24xlarge") is None, "endpoints never had it"


def test_the_smallest_training_machine_has_at_least_the_accelerators() -> None:
    assert aws.smallest_for_training("T4", 1) == "ml.g4dn.xlarge"
    assert aws.smallest_for_training("T4", 2) == "ml.g4dn.12xlarge"
    assert aws.smallest_for_training("T4", 8) is None
