"""``mlgap:azure:Job``: one run of one definition of training."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Message, Shown


class JobArgs(TypedDict, total=False):
    """Arguments of a run.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        job_name: first part of the run's name, at most 200 letters, digits, - and _; a hash of the
            definition follows.
        definition: the job in camelCase, as a schedule of Azure ML takes it. Another one is
            another run.
    """

    resource_group_name: Required[pulumi.Input[str]]
    workspace_name: Required[pulumi.Input[str]]
    job_name: Required[pulumi.Input[str]]
    definition: Required[Message]


class Job(GapResource):
    """One run: started once, cancelled and archived when it is taken out.

    The import id is the job's resource id.
    """

    TOKEN = "mlgap:azure:Job"
    ARGS = JobArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[JobArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    run_name = Shown[str]()
    """The run's whole name."""
    status = Shown[str]()
    """As Azure ML says it, when it was last asked: `Running`, `Completed`, `Failed`..."""
