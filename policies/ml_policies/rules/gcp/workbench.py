"""Vertex AI Workbench instances and TPUs."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ml_policies.checks import at_most, both, each, equals, is_set, where
from ml_policies.making import DROP, rule
from ml_policies.resource import ABSENT, Resource, absent
from ml_policies.rule import Example, Setting, Settings, Severity
from mlplatform.catalog import gcp_tpu

INSTANCE = "gcp:workbench/instance:Instance"
TPUS = ("gcp:tpu/v2Vm:V2Vm", "gcp:tpu/v2QueuedResource:V2QueuedResource")
_SHIELD = "gceSetup.shieldedInstanceConfig"
_METADATA = "gceSetup.metadata"
_SHIELDS = ("enableSecureBoot", "enableVtpm", "enableIntegrityMonitoring")


def _disks(resource: Resource) -> bool:
    return not absent(resource.get("gceSetup.dataDisks"))


def _tpu_type(value: object, settings: Settings) -> str | None:
    allowed = settings["families"]
    if value is ABSENT:
        return None  # said elsewhere: in a node of a queued resource, in an accelerator config
    if not any(str(value).startswith(family) for family in allowed):
        return f"allowed families: {', '.join(allowed)}"
    known = gcp_tpu.generation(str(value)) is not None
    size = str(value).rsplit("-", 1)[-1]
    chips = gcp_tpu.chips(str(value)) if known else int(size) if size.isdigit() else 0
    if chips > float(settings["max_chips"]):
        return f"allowed: at most {settings['max_chips']:g} chips"
    return None


def _slice(value: object, settings: Settings) -> str | None:
    sides = [int(side) for side in re.findall(r"\d+", str(value))] if value is not ABSENT else []
    if math.prod(sides) > float(settings["max_chips"]):
        return f"allowed: at most {settings['max_chips']:g} chips"
    return None


def _config_type(value: object, settings: Settings) -> str | None:
    names = [name for name, one in gcp_tpu.GENERATIONS.items() if one.api_type == value]
    return _tpu_type(names[0] if names else ABSENT if value is ABSENT else value, settings)


_TPU_GUARD = rule(
    "gcp-tpu-guard",
    Severity.MEDIUM,
    TPUS,
    both(
        each("acceleratorType", _tpu_type),
        each("acceleratorConfig.type", _config_type),
        each("acceleratorConfig.topology", _slice),
        each("tpu.nodeSpecs[*].node.acceleratorType", _tpu_type),
    ),
    "TPUs are of an allowed family and size.",
    "A slip of the finger in a topology costs a car a day.",
    "Choose an allowed type, or allow it in the pack's configuration.",
    good={"acceleratorType": "v5litepod-8"},
    bad=[
        {"acceleratorType": "v9x-8"},
        {"acceleratorType": "v5litepod-256"},
        {"acceleratorType": DROP, "acceleratorConfig": {"type": "V9X", "topology": "2x2"}},
        {"acceleratorType": DROP, "acceleratorConfig": {"type": "V5P", "topology": "4x4x4"}},
    ],
    unknown="acceleratorType",
    settings={
        "families": Setting(
            default=["v2", "v3", "v4", "v5litepod", "v5p", "v6e"],
            schema={"type": "array", "items": {"type": "string"}},
            says="Beginnings of the accelerator types that may be used.",
        ),
        "max_chips": Setting(
            default=32,
            schema={"type": "number", "minimum": 1},
            says="Most chips of one slice; compare with your quota.",
        ),
    },
    sources=("Cloud TPU documentation, TPU types",),
)
_QUEUED = Example(
    type=TPUS[1],
    props={"tpu": {"nodeSpecs": [{"node": {"acceleratorType": "v6e-64"}}]}},
    stack="prod",
)

RULES = (
    rule(
        "gcp-wb-no-public-ip",
        Severity.HIGH,
        INSTANCE,
        equals("gceSetup.disablePublicIp", True),
        "Workbench instances have no public address.",
        "A notebook with data and credentials stands in the open internet.",
        "Set gce_setup.disable_public_ip=True, with private Google access on the subnet.",
        good={"gceSetup": {"disablePublicIp": True}},
        bad=[{"gceSetup.disablePublicIp": False}, {"gceSetup.disablePublicIp": DROP}],
        unknown="gceSetup.disablePublicIp",
        sources=("CKV_GCP_89", "CKV2_GCP_28", "CKV2_GCP_36", "GCP-0031"),
    ),
    rule(
        "gcp-wb-cmek",
        Severity.MEDIUM,
        INSTANCE,
        both(
            is_set("gceSetup.bootDisk.kmsKey", "a Cloud KMS key"),
            where(_disks, is_set("gceSetup.dataDisks.kmsKey", "a Cloud KMS key")),
        ),
        "Workbench disks are encrypted with a key of yours.",
        "Notebooks collect copies of data; without your own key you cannot cut access to them.",
        'Set boot_disk and data_disks with disk_encryption="CMEK" and kms_key.',
        good={"gceSetup": {"bootDisk": {"kmsKey": "k"}, "dataDisks": {"kmsKey": "k"}}},
        bad=[{"gceSetup.bootDisk": DROP}, {"gceSetup.dataDisks.kmsKey": ""}],
        unknown="gceSetup.bootDisk.kmsKey",
        sources=("CKV2_GCP_21", "CKV2_GCP_27", "CKV2_GCP_35"),
    ),
    rule(
        "gcp-wb-shielded",
        Severity.MEDIUM,
        INSTANCE,
        both(*(equals(f"{_SHIELD}.{shield}", True, safe=True) for shield in _SHIELDS)),
        "Workbench instances are shielded VMs.",
        "A boot loader that was tampered with stays unseen otherwise.",
        "Set gce_setup.shielded_instance_config with all three.",
        good={"gceSetup": {"shieldedInstanceConfig": dict.fromkeys(_SHIELDS, True)}},
        bad=[{f"{_SHIELD}.enableVtpm": False}, {_SHIELD: DROP}],
        unknown=f"{_SHIELD}.enableVtpm",
        sources=("CKV_GCP_126", "CKV_GCP_127", "GCP-0041", "GCP-0045", "GCP-0067"),
    ),
    rule(
        "gcp-wb-no-root",
        Severity.MEDIUM,
        INSTANCE,
        equals(f"{_METADATA}.notebook-disable-root", "true", safe=True),
        "Users of a workbench are not root.",
        "Root can read every credential on the instance.",
        'Set gce_setup.metadata["notebook-disable-root"] to "true".',
        good={"gceSetup": {"metadata": {"notebook-disable-root": "true"}}},
        bad=[
            {f"{_METADATA}.notebook-disable-root": "false"},
            {f"{_METADATA}.notebook-disable-root": DROP},
        ],
        unknown=_METADATA,
        sources=("VAI-CO-4.3", "prowler vertexai_notebook_root"),
    ),
    rule(
        "gcp-wb-no-download",
        Severity.MEDIUM,
        INSTANCE,
        equals(f"{_METADATA}.notebook-disable-downloads", "true", safe=True),
        "Files cannot be downloaded from a workbench.",
        "Data leaves by one click otherwise.",
        'Set gce_setup.metadata["notebook-disable-downloads"] to "true".',
        good={"gceSetup": {"metadata": {"notebook-disable-downloads": "true"}}},
        bad=[
            {f"{_METADATA}.notebook-disable-downloads": "false"},
            {f"{_METADATA}.notebook-disable-downloads": DROP},
        ],
        unknown=_METADATA,
        sources=("VAI-CO-4.2",),
    ),
    rule(
        "gcp-wb-no-terminal",
        Severity.MEDIUM,
        INSTANCE,
        equals(f"{_METADATA}.notebook-disable-terminal", "true", safe=True),
        "A workbench has no terminal.",
        "A shell goes round what the notebook forbids.",
        'Set gce_setup.metadata["notebook-disable-terminal"] to "true".',
        good={"gceSetup": {"metadata": {"notebook-disable-terminal": "true"}}},
        bad=[
            {f"{_METADATA}.notebook-disable-terminal": "false"},
            {f"{_METADATA}.notebook-disable-terminal": DROP},
        ],
        unknown=_METADATA,
        sources=("Vertex AI controls, disable terminal",),
    ),
    rule(
        "gcp-wb-autoupgrade",
        Severity.LOW,
        INSTANCE,
        is_set(f"{_METADATA}.notebook-upgrade-schedule", 'a schedule such as "00 19 * * SUN"'),
        "Workbench instances upgrade by themselves.",
        "Nobody patches a notebook by hand.",
        'Set gce_setup.metadata["notebook-upgrade-schedule"].',
        good={"gceSetup": {"metadata": {"notebook-upgrade-schedule": "00 19 * * SUN"}}},
        bad={f"{_METADATA}.notebook-upgrade-schedule": DROP},
        unknown=_METADATA,
        sources=("Vertex AI controls, auto-upgrade schedule",),
    ),
    rule(
        "gcp-wb-idle",
        Severity.MEDIUM,
        INSTANCE,
        at_most(f"{_METADATA}.idle-timeout-seconds", "max_idle_s", needed=True),
        "Workbench instances stop when nobody uses them.",
        "A forgotten GPU notebook costs thousands a month.",
        'Set gce_setup.metadata["idle-timeout-seconds"].',
        good={"gceSetup": {"metadata": {"idle-timeout-seconds": "3600"}}},
        bad=[
            {f"{_METADATA}.idle-timeout-seconds": "999999"},
            {f"{_METADATA}.idle-timeout-seconds": DROP},
        ],
        unknown=_METADATA,
        settings={
            "max_idle_s": Setting(
                default=10800,
                schema={"type": "number", "minimum": 600, "maximum": 86400},
                says="Longest time that an instance may be idle, in seconds.",
            )
        },
        sources=("FinOps",),
    ),
    replace(_TPU_GUARD, bad=(*_TPU_GUARD.bad, _QUEUED)),
)
