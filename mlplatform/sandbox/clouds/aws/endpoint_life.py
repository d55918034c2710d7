"""The life of an endpoint as a function of time; pure.

An endpoint serves something and may be on the move to something else. ``at`` tells what it is at
a given moment, so that no timer runs and a restarted cloud sees the same endpoint.

Source of the states: botocore, ``EndpointStatus`` and ``DescribeEndpoint``. ``EndpointConfigName``
tells what serves; ``PendingDeploymentSummary`` tells what is being deployed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

MoveKind = Literal["create", "update", "capacity", "delete"]
IN_PROGRESS = ("Creating", "Updating", "RollingBack", "Deleting")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A production or shadow variant with its live numbers.

    ``weight`` and ``count`` are what serves, ``desired_weight`` and ``desired_count`` what was
    asked for; counts are None for serverless variants. ``settings`` are the members of the
    configuration that DescribeEndpoint repeats.
    """

    name: str
    model: str | None
    instance_type: str | None
    weight: float
    desired_weight: float
    count: int | None
    desired_count: int | None
    image: str | None
    settings: dict[str, Any]

    def settled(self) -> Variant:
        return replace(self, weight=self.desired_weight, count=self.desired_count)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What an endpoint serves: a configuration with live variants.

    ``data_capture`` and ``settings`` are members of the configuration that DescribeEndpoint
    repeats.
    """

    config_name: str
    variants: tuple[Variant, ...]
    shadows: tuple[Variant, ...] = ()
    data_capture: dict[str, Any] | None = None
    settings: dict[str, Any]

    def settled(self) -> Deployment:
        return replace(
            self,
            variants=tuple(v.settled() for v in self.variants),
            shadows=tuple(v.settled() for v in self.shadows),
        )


@dataclass(frozen=True, kw_only=True)
class Move:
    """A change under way: from ``start`` it takes ``takes_s``; a rollback takes as long again.

    ``failure`` is why it will not succeed; None when it will.
    """

    kind: MoveKind
    start: float
    takes_s: float
    to: Deployment | None = None
    failure: str | None = None
    deployment_config: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint at some moment. ``serves`` is None until it has been created.

    ``first_config`` is the configuration that it was created with, which a failed one still shows.
    """

    name: str
    arn: str
    created: float
    modified: float
    status: str
    first_config: str
    serves: Deployment | None = None
    move: Move | None = None
    failure: str | None = None
    deployment_config: dict[str, Any] | None = None


def started(endpoint: Endpoint, move: Move) -> Endpoint:
    """The endpoint with the move begun; the caller has made sure that none is under way."""
    status = {"create": "Creating", "delete": "Deleting"}.get(move.kind, "Updating")
    return replace(endpoint, status=status, move=move, modified=move.start)


def at(endpoint: Endpoint, now: float) -> Endpoint | None:
    """The endpoint at ``now``; None when it is gone."""
    move = endpoint.move
    if move is None:
        return endpoint
    end = move.start + move.takes_s
    if now < end:
        return endpoint
    if move.kind == "delete":
        return None
    if move.failure is None:
        return _succeeded(endpoint, move, end)
    if move.kind == "create":
        return replace(endpoint, status="Failed", move=None, failure=move.failure, modified=end)
    if now < end + move.takes_s:
        return replace(endpoint, status="RollingBack", modified=end)
    rolled_back = end + move.takes_s
    return replace(
        endpoint, status="InService", move=None, failure=move.failure, modified=rolled_back
    )


def _succeeded(endpoint: Endpoint, move: Move, end: float) -> Endpoint:
    assert move.to is not None
    return replace(
        endpoint,
        status="InService",
        serves=move.to.settled(),
        move=None,
        failure=None,
        modified=end,
        deployment_config=move.deployment_config
        if move.kind == "update"
        else endpoint.deployment_config,
    )
