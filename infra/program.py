"""From the stack's configuration to resources: plan, one file per cloud, outputs."""

from __future__ import annotations

from pathlib import Path

import pulumi

from infra.settings import Settings, read_settings
from mlplatform.spec import Gap, SpecError

ROOT = Path(__file__).resolve().parent.parent
"""Local artifacts in the configuration are relative to this folder."""


def main() -> None:
    """Read, refuse or build. A refusal lists every problem and shows no traceback."""
    try:
        settings = read_settings(ROOT)
    except SpecError as error:
        raise pulumi.RunError(str(error)) from None
    build(settings)


def build(settings: Settings) -> None:
    """Declare every resource of the plan and the stack's outputs."""
    platform = settings.platform
    for gap in platform.gaps:
        pulumi.log.warn(f"gap: {describe(gap)}")
    # A cloud's SDK takes seconds to import, so only those that the stack uses are.
    if platform.aws is not None:
        from infra import aws

        pulumi.export("aws", aws.deploy(platform.aws, settings))
    if platform.gcp is not None:
        from infra import gcp

        pulumi.export("gcp", gcp.deploy(platform.gcp, settings))
    if platform.azure is not None:
        from infra import azure

        pulumi.export("azure", azure.deploy(platform.azure, settings))
    pulumi.export("gaps", [describe(gap) for gap in platform.gaps])


def describe(gap: Gap) -> str:
    """One line for a reviewer: where, what was asked, what is given, why."""
    return (
        f"{gap.cloud} {gap.workload} {gap.path}: asked {gap.asked}, given {gap.given}; {gap.reason}"
    )
