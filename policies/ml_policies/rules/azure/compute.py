"""Azure ML clusters and instances."""

from __future__ import annotations

import re

from ml_policies.checks import any_set, at_most, both, each, equals, where
from ml_policies.making import DROP, rule
from ml_policies.resource import ABSENT, Resource
from ml_policies.rule import Setting, Settings, Severity

COMPUTE = "azure-native:machinelearningservices:Compute"
_P = "properties.properties"
_SCALE = f"{_P}.scaleSettings"
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def _cluster(resource: Resource) -> bool:
    return bool(resource.get("properties.computeType") == "AmlCompute")


def _instance(resource: Resource) -> bool:
    return bool(resource.get("properties.computeType") == "ComputeInstance")


def _machines(resource: Resource) -> bool:
    return _cluster(resource) or _instance(resource)


def seconds(text: str) -> int | None:
    """An ISO 8601 duration in seconds; None when it is none."""
    found = _DURATION.fullmatch(text)
    if found is None or text in ("P", "PT"):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def _idle(value: object, settings: Settings) -> str | None:
    allowed = f"allowed: at most {settings['max_idle_s']:g} s, such as PT5M"
    if value is ABSENT:
        return allowed
    found = seconds(str(value))
    return None if found is not None and found <= float(settings["max_idle_s"]) else allowed


def _zero(value: object, settings: Settings) -> str | None:
    del settings
    return None if value is ABSENT or float(str(value)) == 0 else "allowed: 0"


_GOOD_CLUSTER = {
    "properties": {
        "computeType": "AmlCompute",
        "disableLocalAuth": True,
        "properties": {
            "enableNodePublicIp": False,
            "remoteLoginPortPublicAccess": "Disabled",
            "scaleSettings": {
                "minNodeCount": 0,
                "maxNodeCount": 4,
                "nodeIdleTimeBeforeScaleDown": "PT300S",
            },
        },
    }
}

RULES = (
    rule(
        "az-ml-compute-local-auth",
        Severity.MEDIUM,
        COMPUTE,
        where(_machines, equals("properties.disableLocalAuth", True, safe=True)),
        "Nobody logs in to compute with a local account.",
        "A local account outlives the person who had it.",
        "Set properties.disable_local_auth=True.",
        good=_GOOD_CLUSTER,
        bad=[
            {"properties.disableLocalAuth": False},
            {"properties.disableLocalAuth": DROP},
        ],
        unknown="properties.disableLocalAuth",
        sources=("CKV_AZURE_142", "AzPol e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f"),
    ),
    rule(
        "az-ml-compute-vnet",
        Severity.MEDIUM,
        COMPUTE,
        where(
            _machines,
            both(
                equals(f"{_P}.enableNodePublicIp", False),
                where(
                    _cluster,
                    equals(f"{_P}.remoteLoginPortPublicAccess", "Disabled", absent_is_fine=True),
                ),
            ),
        ),
        "Nodes have no public address.",
        "A node with data and credentials stands in the open internet.",
        "Set enable_node_public_ip=False; the managed network or a subnet carries it.",
        good=_GOOD_CLUSTER,
        bad=[
            {f"{_P}.enableNodePublicIp": True},
            {f"{_P}.enableNodePublicIp": DROP},
            {f"{_P}.remoteLoginPortPublicAccess": "Enabled"},
        ],
        unknown=f"{_P}.enableNodePublicIp",
        sources=("AzPol 7804b5c7-01dc-4723-969b-ae300cc07ff1",),
    ),
    rule(
        "az-ml-cluster-min0-idle",
        Severity.MEDIUM,
        COMPUTE,
        where(
            _cluster,
            both(
                each(f"{_SCALE}.minNodeCount", _zero, fix=0),
                each(f"{_SCALE}.nodeIdleTimeBeforeScaleDown", _idle),
                at_most(f"{_SCALE}.maxNodeCount", "max_nodes", needed=True),
            ),
        ),
        "Clusters go down to no node when idle, and have a bound.",
        "An idle GPU node costs as much as a busy one.",
        "Set training.idle_before_scale_down_s and training.max_nodes.",
        good=_GOOD_CLUSTER,
        bad=[
            {f"{_SCALE}.minNodeCount": 1},
            {f"{_SCALE}.nodeIdleTimeBeforeScaleDown": "PT8H"},
            {f"{_SCALE}.maxNodeCount": 500},
        ],
        unknown=f"{_SCALE}.minNodeCount",
        settings={
            "max_idle_s": Setting(
                default=1800,
                schema={"type": "number", "minimum": 0},
                says="Longest time that a node may be idle, in seconds.",
            ),
            "max_nodes": Setting(
                default=20, schema={"type": "number", "minimum": 1}, says="Most nodes of a cluster."
            ),
        },
        sources=("CKV_AZURE_150",),
    ),
    rule(
        "az-ml-ci-idle",
        Severity.MEDIUM,
        COMPUTE,
        where(
            _instance,
            any_set(
                "an idle time, or a schedule that stops it",
                f"{_P}.idleTimeBeforeShutdown",
                f"{_P}.schedules.computeStartStop",
            ),
        ),
        "Compute instances stop when nobody uses them.",
        "A forgotten GPU instance costs thousands a month.",
        'Set idle_time_before_shutdown, such as "PT60M".',
        good={
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {"idleTimeBeforeShutdown": "PT60M"},
            }
        },
        bad={f"{_P}.idleTimeBeforeShutdown": DROP},
        unknown=f"{_P}.idleTimeBeforeShutdown",
        sources=("AzPol 679ddf89-ab8f-48a5-9029-e76054077449",),
    ),
)
