"""Names that Azure would refuse, or that two things of the environment would share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlplatform.spec.scope import Asked

MATERIALIZE = "materialize"
"""The identity of the feature store's jobs, beside those of workloads."""


def check(asked: Sequence[Asked]) -> None:
    """Tell of every name that cannot be; a workload's own length is judged with its endpoint."""
    identities, groups = dict(_shared(asked)), dict[str, str]()
    for one in asked:
        scope = one.scope
        for suffix in _identities(one):
            _take(identities, one, f"{scope.workload}{suffix}", scope.at, "identity")
        for group in one.workload.features or {}:
            at = f"{scope.at}.features.{group}"
            _take(groups, one, f"{scope.workload}-{group}", at, "feature set")
        named = f"{scope.environment}-{scope.workload}"
        if one.workload.training is not None and "--" in named:
            scope.findings.problem(
                scope.at,
                scope.workload,
                f"allowed on azure: single dashes, as a container of blobs is named ml-{named}-"
                "trained",
            )


def _shared(asked: Sequence[Asked]) -> Iterator[tuple[str, str]]:
    if any(one.workload.features for one in asked):
        yield MATERIALIZE, "the feature store"


def _identities(one: Asked) -> Iterator[str]:
    """What the names of its identities end with."""
    workload = one.workload
    if workload.endpoint is not None and workload.endpoint.mode != "serverless":
        yield ""
    if workload.training is not None:
        yield "-train"
    if workload.monitoring is not None:
        yield "-monitor"


def _take(taken: dict[str, str], one: Asked, name: str, at: str, noun: str) -> None:
    first = taken.setdefault(name, at)
    if first != at:
        words = f"allowed on azure: another name, as {first} has the {noun} {name} too"
        one.scope.findings.problem(at, name, words)
