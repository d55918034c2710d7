"""What AWS holds before a change that moto would let through. Asked before moto is."""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws.registry import Ask
from mlplatform.sandbox.clouds.aws.sagemaker import roles
from mlplatform.sandbox.clouds.aws.world import World

_ROLE_MEMBERS = ("RoleArn", "ExecutionRoleArn")


def hold(world: World, ask: Ask) -> None:
    """``Refusal`` when a service of AWS would refuse this request that moto is about to serve."""
    if ask.call.service == "sagemaker" and ask.call.operation.startswith("Create"):
        for member in _ROLE_MEMBERS:
            if member in ask.params:
                roles.must_be_assumable(world, ask, ask.params[member])
