"""Azure Machine Learning: jobs, and the schedules that start them."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.answer import bad_request
from mlplatform.sandbox.clouds.azure.kinds.base import Slow, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World


class Schedule(Slow):
    """A schedule; the job that it starts runs on what exists."""

    def before_write(self, world: World, write: Write) -> None:
        check(world, sub(write.properties, "action", "jobDefinition"))


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
