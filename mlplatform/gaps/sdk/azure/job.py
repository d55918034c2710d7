"""``mlgap:azure:Job``: one run of one definition of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:Job"


@pulumi.input_type
class JobArgs:
    """Arguments of a run.

    Args:
        resource_group_name: the workspace's resource group.
        workspace_name: the workspace.
        job_name: first part of the run's name, at most 200 letters, digits, - and _; a hash of the
            definition follows.
        definition: the job in camelCase, as a schedule of Azure ML takes it. Another one is
            another run.
    """

    def __init__(
        self,
        *,
        resource_group_name: pulumi.Input[str],
        workspace_name: pulumi.Input[str],
        job_name: pulumi.Input[str],
        definition: pulumi.Input[Mapping[str, Any]],
    ) -> None:
        pulumi.set(self, "resource_group_name", resource_group_name)
        pulumi.set(self, "workspace_name", workspace_name)
        pulumi.set(self, "job_name", job_name)
        pulumi.set(self, "definition", definition)

    @property
    @pulumi.getter(name="resourceGroupName")
    def resource_group_name(self) -> pulumi.Input[str]:
        """The workspace's resource group."""
        return cast("pulumi.Input[str]", pulumi.get(self, "resource_group_name"))

    @property
    @pulumi.getter(name="workspaceName")
    def workspace_name(self) -> pulumi.Input[str]:
        """The workspace."""
        return cast("pulumi.Input[str]", pulumi.get(self, "workspace_name"))

    @property
    @pulumi.getter(name="jobName")
    def job_name(self) -> pulumi.Input[str]:
        """First part of the run's name."""
        return cast("pulumi.Input[str]", pulumi.get(self, "job_name"))

    @property
    @pulumi.getter
    def definition(self) -> pulumi.Input[Mapping[str, Any]]:
        """The job in camelCase."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "definition"))


class Job(pulumi.CustomResource):
    """One run: started once, cancelled and archived when it is taken out.

    The import id is the job's resource id. See ``JobArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        resource_group_name: pulumi.Input[str] | None = None,
        workspace_name: pulumi.Input[str] | None = None,
        job_name: pulumi.Input[str] | None = None,
        definition: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        inputs = as_inputs(
            JobArgs,
            TOKEN,
            resource_name,
            opts,
            required={
                "resource_group_name": resource_group_name,
                "workspace_name": workspace_name,
                "job_name": job_name,
                "definition": definition,
            },
            optional={"run_name": None, "status": None},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> Job:
        """Read the existing one with this resource id, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return Job(resource_name, found)

    @property
    @pulumi.getter(name="runName")
    def run_name(self) -> pulumi.Output[str]:
        """The run's whole name."""
        return cast("pulumi.Output[str]", pulumi.get(self, "run_name"))

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """As Azure ML says it, when it was last asked: `Running`, `Completed`, `Failed`..."""
        return cast("pulumi.Output[str]", pulumi.get(self, "status"))
