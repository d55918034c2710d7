"""One person's machine on Azure ML: stops when idle, starts and stops by the clock.

Creates, for a component named ``NAME``:

========  ==============================================  ======
child     type                                            when
========  ==============================================  ======
``NAME``  azure-native:machinelearningservices:Compute    always
========  ==============================================  ======

Azure takes no second PUT of an instance with other properties, so a change makes a new one in its
place, which a preview shows as a replacement. Notebooks lie in the workspace's storage and stay;
what is on the machine's own disk goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices

from components.azure.workspace import Workspace
from components.core.base import MlComponent

IDLE_LEAST_MINUTES = 15
IDLE_MOST_MINUTES = 3 * 24 * 60
"""azure-ai-ml, ComputeInstance.idle_time_before_shutdown_minutes."""


@dataclass(frozen=True, kw_only=True)
class InstanceArgs:
    """What a caller decides."""

    workspace: Workspace
    compute_name: str
    """3 to 24 characters; unique in the region."""
    user_object_id: str
    """The only one who can open it."""
    vm_size: str
    idle_before_shutdown_minutes: int
    start_cron: str | None = None
    stop_cron: str | None = None
    """Five fields, in UTC."""
    public_address: bool = True
    """False needs a managed network of the workspace."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        idle = self.idle_before_shutdown_minutes
        if not IDLE_LEAST_MINUTES <= idle <= IDLE_MOST_MINUTES:
            raise ValueError(
                f"idle_before_shutdown_minutes: got {idle}, allowed: {IDLE_LEAST_MINUTES} to "
                f"{IDLE_MOST_MINUTES}"
            )


class Instance(MlComponent):
    """One compute instance."""

    kind = "azure:Instance"

    compute_name: str

    def __init__(
        self,
        name: str,
        args: InstanceArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.workspace.place
        self.compute_name = args.compute_name
        machinelearningservices.Compute(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.workspace.workspace_name,
            compute_name=args.compute_name,
            location=place.location,
            properties=machinelearningservices.ComputeInstanceArgs(
                compute_type="ComputeInstance",
                disable_local_auth=True,
                properties=machinelearningservices.ComputeInstancePropertiesArgs(
                    vm_size=args.vm_size,
                    application_sharing_policy="Personal",
                    compute_instance_authorization_type="personal",
                    personal_compute_instance_settings=(
                        machinelearningservices.PersonalComputeInstanceSettingsArgs(
                            assigned_user=machinelearningservices.AssignedUserArgs(
                                object_id=args.user_object_id, tenant_id=place.tenant_id
                            )
                        )
                    ),
                    ssh_settings=machinelearningservices.ComputeInstanceSshSettingsArgs(
                        ssh_public_access="Disabled"
                    ),
                    enable_node_public_ip=args.public_address,
                    # azure-ai-ml reads minutes only.
                    idle_time_before_shutdown=f"PT{args.idle_before_shutdown_minutes}M",
                    schedules=_schedules(args),
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[*after, args.workspace]),
                pulumi.ResourceOptions(
                    replace_on_changes=["properties"], delete_before_replace=True
                ),
            ),
        )
        self.register_outputs({"compute_name": self.compute_name})


def _schedules(args: InstanceArgs) -> machinelearningservices.ComputeSchedulesArgs | None:
    given = (("Start", args.start_cron), ("Stop", args.stop_cron))
    times = [
        machinelearningservices.ComputeStartStopScheduleArgs(
            action=action,
            status="Enabled",
            trigger_type="Cron",
            cron=machinelearningservices.CronArgs(expression=cron, time_zone="UTC"),
        )
        for action, cron in given
        if cron is not None
    ]
    return machinelearningservices.ComputeSchedulesArgs(compute_start_stop=times) if times else None
