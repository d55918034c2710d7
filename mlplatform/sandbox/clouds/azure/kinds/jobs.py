"""Azure Machine Learning: jobs, and the schedules that start them."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.answer import bad_request
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Slow, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World

_CHANGEABLE = frozenset({"tags", "description", "displayName", "isArchived", "status"})
_OVER = frozenset({"Completed", "Failed", "Canceled"})


class Schedule(Slow):
    """A schedule; the job that it starts runs on what exists."""

    def before_write(self, world: World, write: Write) -> None:
        check(world, sub(write.properties, "action", "jobDefinition"))


class Job(Kind):
    """A run: it is what it was started as, runs for a while, and ends; nothing is computed."""

    has_state = False
    runs_for = 20.0

    def before_write(self, world: World, write: Write) -> None:
        if write.old is None:
            check(world, write.properties)
            return
        for name, value in write.properties.items():
            if name not in _CHANGEABLE and value != write.old_properties.get(name):
                raise bad_request(f"The property {name} of a job cannot be changed.", target=name)

    def fill(self, world: World, write: Write) -> None:
        del world
        status = write.old_properties.get("status", "Running")
        write.new["properties"] = {
            "isArchived": False,
            "services": {},
            "properties": {},
            "tags": {},
            **write.properties,
            "status": status,
        }

    def after_run(self, world: World, resource: Json, error: Json | None) -> None:
        if resource["properties"].get("status") in _OVER:
            return  # cancelled before
        resource["properties"]["status"] = "Failed" if error else "Completed"
        world.put(resource)


def cancel(world: World, resource: Json) -> None:
    """End a run. Raises ArmError when it has ended."""
    status = str(resource["properties"].get("status"))
    if status in _OVER:
        raise bad_request(f"The job '{resource['name']}' is {status} and cannot be canceled.")
    resource["properties"]["status"] = "Canceled"
    world.put(resource)


def check(world: World, job: Json | None) -> None:
    """Compute, environment and code of a job exist.

    Raises:
        ArmError: 400, with the first that does not.
    """
    for name, linked in (
        ("computeId", sub(job, "computeId")),
        ("codeId", sub(job, "codeId")),
        ("environmentId", sub(job, "environmentId")),
        ("trial.codeId", sub(job, "trial", "codeId")),
        ("trial.environmentId", sub(job, "trial", "environmentId")),
    ):
        if str(linked).startswith("/subscriptions/") and not world.exists(str(linked)):
            raise bad_request(f"{name} '{linked}' does not exist.", target=name)
