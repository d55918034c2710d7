"""Cloud TPUs: ids, types by zone, and what excludes what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog import gcp_tpu
from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp.rules.grammar import (
    PROJECT,
    SERVICE_ACCOUNT_EMAIL,
    Grammar,
    check_all,
)
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import has_unknown, is_unknown

NODE_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="up to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="tpu nodes.create nodeId",
)


def machine(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A TPU machine."""
    yield from check_all(inputs, {"name": NODE_ID, "project": PROJECT})
    kinds = [k for k in ("acceleratorType", "acceleratorConfig") if inputs.get(k) is not None]
    if len(kinds) == 2:
        message = "allowed: acceleratorType or acceleratorConfig, not both"
        source = "tpu Node.acceleratorType"
        yield Problem(path="acceleratorConfig", got="both", message=message, source=source)
    yield from _place("", inputs, inputs.get("zone"))
    account = inputs.get("serviceAccount")
    if isinstance(account, Mapping):
        yield from SERVICE_ACCOUNT_EMAIL.check("serviceAccount.email", account.get("email"))
    scheduling = inputs.get("schedulingConfig")
    if isinstance(scheduling, Mapping):
        given = [k for k in ("preemptible", "spot", "reserved") if scheduling.get(k) is True]
        if len(given) > 1:
            message = "allowed: one of preemptible, spot and reserved"
            source = "tpu SchedulingConfig"
            got = " and ".join(given)
            yield Problem(path="schedulingConfig", got=got, message=message, source=source)


def queued(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A request that waits in the queue."""
    yield from check_all(inputs, {"name": NODE_ID, "project": PROJECT})
    tpu = inputs.get("tpu")
    specs = tpu.get("nodeSpecs") if isinstance(tpu, Mapping) else None
    for index, spec in enumerate(specs if isinstance(specs, list) else ()):
        if isinstance(spec, Mapping) and isinstance(spec.get("node"), Mapping):
            at = f"tpu.nodeSpecs[{index}].node."
            yield from _place(at, spec["node"], inputs.get("zone"))


def _place(at: str, node: Mapping[str, Any], zone: Any) -> Iterator[Problem]:
    kind = node.get("acceleratorType")
    config = node.get("acceleratorConfig")
    if isinstance(config, Mapping):
        family, topology = config.get("type"), config.get("topology")
        if has_unknown([family, topology]):
            return
        kind = gcp_tpu.of_topology(str(family), str(topology))
        if kind is None:
            message = "allowed: a topology that this type of TPU has, such as 2x2 or 4x4x8"
            path = f"{at}acceleratorConfig.topology"
            yield Problem(path=path, got=topology, message=message, source=gcp_tpu.SOURCE)
    if not isinstance(kind, str) or is_unknown(kind):
        return
    runtime = node.get("runtimeVersion")
    better = gcp_tpu.wrong_runtime(kind, runtime) if isinstance(runtime, str) else None
    if better is not None:
        path, message = f"{at}runtimeVersion", f"software of another generation; use {better}"
        yield Problem(path=path, got=runtime, message=message, source=gcp_tpu.SOURCE)
    zones = gcp_tpu.zones(kind)
    if not zones:
        message = allowed(gcp_tpu.types(), kind, noun="types")
        path = f"{at}acceleratorType"
        yield Problem(path=path, got=kind, message=message, source=gcp_tpu.SOURCE)
    elif isinstance(zone, str) and not is_unknown(zone) and zone not in zones:
        message = f"{kind}: {allowed(zones, zone, noun='zones')}"
        yield Problem(path="zone", got=zone, message=message, source=gcp_tpu.SOURCE)
