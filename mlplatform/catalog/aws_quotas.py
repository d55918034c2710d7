"""SageMaker's quotas of instances: names, codes, and which machines begin at nothing.

Each instance type has a quota for each way of using it; spot training has one of its own. GPU types
begin at 0, so the first run fails until someone asked.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from mlplatform.catalog import aws as machines

AS_OF = date(2026, 11, 21)
SOURCE = (
    "Codes: gruntwork-io/terraform-aws-utilities docs/quotas.md, made from the API, and "
    "aws-samples/amazon-sagemaker-promote-code-not-models; the same in every region there."
)
SERVICE = "sagemaker"

Usage = Literal[
    "training job", "spot training job", "training warm pool", "endpoint", "processing job"
]
"""What the platform uses instances for, in the quotas' words."""

_CODES: dict[str, dict[str, str]] = {
    "ml.g4dn.xlarge": {
        "training job": "L-3F53BF0F",
        "spot training job": "L-944F78BB",
        "training warm pool": "L-955074FD",
        "endpoint": "L-B67CFA0C",
        "processing job": "L-2F1EB012",
        "transform job": "L-4C5C5CA8",
        "cluster": "L-31C211B7",
    },
    "ml.g4dn.2xlarge": {
        "training job": "L-C2495BC4",
        "spot training job": "L-0496610F",
        "training warm pool": "L-C35F807B",
        "endpoint": "L-EA346344",
        "processing job": "L-41C11899",
        "transform job": "L-180A6F2D",
        "notebook instance": "L-1C2E1B03",
        "cluster": "L-FDB7A21A",
    },
    "ml.g4dn.4xlarge": {
        "training job": "L-2908B1E9",
        "spot training job": "L-246C5638",
        "training warm pool": "L-3408A20D",
        "endpoint": "L-31522FA6",
        "processing job": "L-B1C4D018",
        "transform job": "L-EAB0CBAB",
        "notebook instance": "L-529379E4",
        "cluster": "L-762E95F4",
    },
    "ml.g4dn.8xlarge": {
        "training job": "L-3118B7E1",
        "spot training job": "L-15F329FB",
        "training warm pool": "L-769E114F",
        "endpoint": "L-7D28AD75",
        "processing job": "L-9C72BEE2",
        "transform job": "L-213CD3BC",
        "notebook instance": "L-C2F8103D",
        "cluster": "L-96866D65",
    },
    "ml.g4dn.12xlarge": {
        "training job": "L-7BD2C9FA",
        "spot training job": "L-199558F0",
        "training warm pool": "L-CB4A3655",
        "endpoint": "L-07BEB181",
        "processing job": "L-6C7C4F4E",
        "transform job": "L-BA5C7A54",
        "notebook instance": "L-47461EBA",
        "cluster": "L-ED8F1994",
    },
    "ml.g4dn.16xlarge": {
        "training job": "L-57998C77",
        "spot training job": "L-AD4C1352",
        "training warm pool": "L-C960C80D",
        "endpoint": "L-8679F6F3",
        "processing job": "L-47F095C9",
        "transform job": "L-D79647DB",
        "notebook instance": "L-64067773",
        "cluster": "L-B6A7569B",
    },
    "ml.g5.xlarge": {
        "training job": "L-B6D80D9C",
        "spot training job": "L-DE07CBDF",
        "training warm pool": "L-8E6F4665",
        "endpoint": "L-1928E07B",
        "notebook instance": "L-E8917BB7",
        "cluster": "L-4645950E",
    },
    "ml.g5.2xlarge": {
        "training job": "L-2D6DEB3C",
        "spot training job": "L-CAEE7DB7",
        "training warm pool": "L-822C5A39",
        "endpoint": "L-9614C779",
        "notebook instance": "L-19973BE2",
        "cluster": "L-596C3331",
    },
    "ml.g5.12xlarge": {
        "training job": "L-C6383286",
        "spot training job": "L-03E19172",
        "training warm pool": "L-29508C65",
        "endpoint": "L-65C4BD00",
        "notebook instance": "L-EC374A06",
        "cluster": "L-24E5A1B2",
    },
    "ml.p4d.24xlarge": {
        "training job": "L-09B4A649",
        "spot training job": "L-09D56C4F",
        "training warm pool": "L-A8827666",
        "endpoint": "L-09F79647",
        "notebook instance": "L-4089485C",
        "cluster": "L-47E0BC8F",
    },
    "ml.p5.48xlarge": {
        "training job": "L-82E1C851",
        "spot training job": "L-82733FAD",
        "training warm pool": "L-5D321F81",
        "endpoint": "L-16AF71F1",
        "cluster": "L-8762A75F",
    },
}
"""Instance type and usage to the quota's code. What is missing was not seen in the sources: the
quota exists, and is found by its name."""


def name(instance_type: str, usage: Usage) -> str:
    """The quota's name as Service Quotas shows it."""
    return f"{instance_type} for {usage} usage"


def code(instance_type: str, usage: Usage) -> str | None:
    """The quota's code, where it is known."""
    return _CODES.get(instance_type, {}).get(usage)


def by_code() -> dict[str, str]:
    """Every known code to the quota's name."""
    return {
        found: f"{instance_type} for {usage} usage"
        for instance_type, codes in _CODES.items()
        for usage, found in codes.items()
    }


def begins_at_nothing(instance_type: str) -> bool:
    """True for accelerators: their quotas are 0 until they are raised."""
    machine = machines.training_machine(instance_type) or machines.machine(instance_type)
    return machine is not None and machine.accelerator is not None
