"""TPU machines: what is asked, checked against the catalogue."""

from __future__ import annotations

import re

from mlplatform.catalog import gcp_tpu
from mlplatform.spec.models.gcp import GcpModel, GcpTpuModel
from mlplatform.spec.plan.gcp_training import GcpTpu
from mlplatform.spec.scope import Scope

RUNTIME = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
"""The form of every name that "TPU software versions" lists."""


def tpu(scope: Scope, settings: GcpModel, name: str, asked: GcpTpuModel, at: str) -> GcpTpu:
    """A machine as it will be asked for, with a problem for all that there is not."""
    findings = scope.findings
    generation = gcp_tpu.generation(asked.type)
    if generation is None:
        findings.not_among(f"{at}.type", asked.type, gcp_tpu.types(), "types")
    elif asked.zone not in (zones := gcp_tpu.zones(asked.type)):
        findings.not_among(f"{at}.zone", asked.zone, zones, "zones")
    shapes = gcp_tpu.topologies(asked.type)
    if asked.topology is not None and shapes and asked.topology not in shapes:
        findings.not_among(f"{at}.topology", asked.topology, shapes, "topologies")
    runtime = asked.runtime_version or ""
    better = gcp_tpu.wrong_runtime(asked.type, runtime)
    if runtime and re.fullmatch(RUNTIME, runtime) is None:
        words = "allowed: a version such as v2-alpha-tpuv6e or tpu-ubuntu2204-base"
        findings.problem(f"{at}.runtime_version", runtime, words)
    if better is not None:
        words = f"software of another generation; allowed for {asked.type}: {better} and newer"
        findings.problem(f"{at}.runtime_version", runtime, words)
    if asked.queued and asked.topology is not None:
        words = "allowed without `queued` only: the queue takes a type in its usual topology"
        findings.problem(f"{at}.topology", asked.topology, words)
    if asked.queued and asked.spot:
        # pulumi_gcp tpu.V2QueuedResource has no such property, and would take a machine that stays.
        findings.problem(f"{at}.spot", True, "allowed without `queued` only")
    outside = _outside(settings, asked.zone)
    if outside is not None:
        scope.gap(
            f"{at}.zone",
            asked="a machine in the stack's network",
            given="a machine in the project's network `default`, without an outside address",
            reason=outside,
        )
    return GcpTpu(
        name=name,
        accelerator_type=asked.type,
        zone=asked.zone,
        runtime_version=asked.runtime_version or (generation.runtime if generation else ""),
        spot=asked.spot,
        queued=asked.queued,
        topology=asked.topology,
    )


def _outside(settings: GcpModel, zone: str) -> str | None:
    """Why a TPU is not in the stack's network; None where it is, or where there is no network."""
    if settings.network is None:
        return None
    if settings.network.id is not None:
        return "an existing network is known by its id, not by its subnets"
    region = zone.rpartition("-")[0]
    if region == settings.region:
        return None
    return f"the network has subnets in {settings.region} only, and {zone} is in {region}"
