"""In which steps the traffic moves from the models that go to those that take over.

Pure: from the split now and the split wanted to the splits on the way, each of whole percents that
add up to 100. A run after a kill starts from the split that it finds, so a linear rollout goes on
where it stopped, and a canary whose first step is done has only its last one left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

WHOLE = 100


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a new deployed model takes over."""

    linear: bool
    """Equal steps; else a canary: one step, then the rest."""
    step_percent: int
    """Share of the traffic that moves in one step, 1 to 50."""
    wait_s: float
    """Seconds between one step and the next."""


def of(inputs: Mapping[str, Any]) -> Rollout | None:
    """The declared rollout; None moves the traffic at once."""
    given = inputs.get("rollout")
    if not given:
        return None
    return Rollout(
        linear=given["strategy"] == "linear",
        step_percent=int(given["stepPercent"]),
        wait_s=float(given["waitS"]),
    )


def splits(
    now: Mapping[str, int],
    wanted: Mapping[str, int],
    rollout: Rollout | None,
    entering: Collection[str] = (),
) -> list[dict[str, int]]:
    """The splits to write one after the other; the last one is what is wanted.

    Only a takeover goes in steps: where no model with traffic leaves, new weights are written at
    once, for they are somebody's own step.

    entering: ids that take over from a model that leaves; one with traffic already shows that a
    canary's first step is done.
    """
    target = {ident: share for ident, share in wanted.items() if share}
    last = dict(wanted)
    leaving = sum(share for ident, share in now.items() if ident not in wanted)
    if rollout is None or not leaving or sum(target.values()) != WHOLE:
        return [last]
    distance = sum(max(0, share - now.get(ident, 0)) for ident, share in target.items())
    begun = any(now.get(ident) for ident in entering)
    if not rollout.linear and begun:
        return [last]
    moved = range(rollout.step_percent, distance, rollout.step_percent)
    steps = list(moved) if rollout.linear else list(moved)[:1]
    return [*(_between(now, target, step / distance) for step in steps), last]


def _between(now: Mapping[str, int], target: Mapping[str, int], part: float) -> dict[str, int]:
    """The split after a part of the way, in whole percents by the largest remainder."""
    idents = sorted({*now, *target})
    exact = {i: now.get(i, 0) + part * (target.get(i, 0) - now.get(i, 0)) for i in idents}
    split = {ident: int(share) for ident, share in exact.items()}
    short = WHOLE - sum(split.values())
    for ident in sorted(idents, key=lambda i: (split[i] - exact[i], i))[:short]:
        split[ident] += 1
    return {ident: share for ident, share in split.items() if share}
