"""TPU machines of one workload, and places in the queue for them.

Creates, for a component named ``NAME``:

==================  ==========================================  ===================
child               type                                        when
==================  ==========================================  ===================
``NAME-service``    gcp:projects/service:Service                always
``NAME-T``          gcp:tpu/v2Vm:V2Vm                           made at once
``NAME-T``          gcp:tpu/v2QueuedResource:V2QueuedResource   asked for in a queue
==================  ==========================================  ===================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place
from mlplatform.catalog import gcp_tpu

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, kw_only=True)
class TpuArgs:
    """One machine. A change of any of these makes another one."""

    node_id: str
    """Up to 63 lower-case letters, digits and dashes."""
    accelerator_type: str
    """Such as ``v5litepod-4``."""
    zone: str
    runtime_version: str
    spot: bool = False
    queued: bool = False
    topology: str | None = None
    """How the chips are arranged; the type's usual way when left out."""

    def __post_init__(self) -> None:
        found = gcp_tpu.generation(self.accelerator_type)
        if found is None or self.zone not in found.zones:
            raise ValueError(f"{self.accelerator_type}: {self.zone} has none")
        if self.queued and self.spot:
            raise ValueError("spot: the queue of the ordinary provider has no such property")
        if self.queued and self.topology is not None:
            raise ValueError("topology: the queue of the ordinary provider has no such property")
        shapes = gcp_tpu.topologies(self.accelerator_type)
        if self.topology is not None and self.topology not in shapes:
            raise ValueError(f"topology: {self.accelerator_type} has {', '.join(shapes)}")


@dataclass(frozen=True, kw_only=True)
class TpusArgs:
    """What a caller decides."""

    place: Place
    service_account: str
    tpus: Mapping[str, TpuArgs]
    subnetwork: str | None = None
    """``projects/P/regions/R/subnetworks/S`` of those machines whose zone is in its region; the
    project's network ``default`` where it is none, and for the others."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Tpus(MlComponent):
    """The TPUs of one workload."""

    kind = "gcp:Tpus"

    def __init__(
        self,
        name: str,
        args: TpusArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the account, which is named by a plain string."""
        super().__init__(name, opts)
        service = gcp.projects.Service(
            self._child("service"),
            project=args.place.project,
            service="tpu.googleapis.com",
            disable_on_destroy=False,
            opts=self._opts(),
        )
        made = self._opts(depends_on=[service, *after])
        for short, one in args.tpus.items():
            if one.queued:
                self._queued(short, one, args, made)
            else:
                self._machine(short, one, args, made)
        self.register_outputs({})

    def _machine(
        self, short: str, one: TpuArgs, args: TpusArgs, opts: pulumi.ResourceOptions
    ) -> None:
        gcp.tpu.V2Vm(
            self._child(short),
            name=one.node_id,
            project=args.place.project,
            zone=one.zone,
            accelerator_type=None if one.topology else one.accelerator_type,
            accelerator_config=_arranged(one),
            runtime_version=one.runtime_version,
            scheduling_config=gcp.tpu.V2VmSchedulingConfigArgs(spot=True) if one.spot else None,
            service_account=gcp.tpu.V2VmServiceAccountArgs(
                email=args.service_account, scopes=[SCOPE]
            ),
            network_config=gcp.tpu.V2VmNetworkConfigArgs(
                subnetwork=_subnetwork(one, args), enable_external_ips=False
            ),
            shielded_instance_config=gcp.tpu.V2VmShieldedInstanceConfigArgs(
                enable_secure_boot=True
            ),
            labels=dict(args.labels),
            opts=opts,
        )

    def _queued(
        self, short: str, one: TpuArgs, args: TpusArgs, opts: pulumi.ResourceOptions
    ) -> None:
        node = gcp.tpu.V2QueuedResourceTpuNodeSpecNodeArgs(
            accelerator_type=one.accelerator_type,
            runtime_version=one.runtime_version,
            network_config=gcp.tpu.V2QueuedResourceTpuNodeSpecNodeNetworkConfigArgs(
                subnetwork=_subnetwork(one, args), enable_external_ips=False
            ),
        )
        gcp.tpu.V2QueuedResource(
            self._child(short),
            name=one.node_id,
            project=args.place.project,
            zone=one.zone,
            tpu=gcp.tpu.V2QueuedResourceTpuArgs(
                node_specs=[
                    gcp.tpu.V2QueuedResourceTpuNodeSpecArgs(
                        parent=f"projects/{args.place.project}/locations/{one.zone}",
                        node_id=one.node_id,
                        node=node,
                    )
                ]
            ),
            opts=opts,
        )


def _arranged(one: TpuArgs) -> gcp.tpu.V2VmAcceleratorConfigArgs | None:
    """Type and topology, which stand in the place of an accelerator type."""
    generation = gcp_tpu.generation(one.accelerator_type)
    if one.topology is None or generation is None:
        return None
    return gcp.tpu.V2VmAcceleratorConfigArgs(type=generation.api_type, topology=one.topology)


def _subnetwork(one: TpuArgs, args: TpusArgs) -> str | None:
    """The subnet, where the machine can be in it: a subnet is of one region."""
    region = one.zone.rpartition("-")[0]
    known = args.subnetwork is not None and args.subnetwork.split("/")[3] == region
    return args.subnetwork if known else None
