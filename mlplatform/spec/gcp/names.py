"""Names that two things of the environment would share on Google Cloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlplatform.spec.scope import Asked

_ACCOUNT, _MODEL, _GROUP, _TPU = "service account", "model", "feature group", "TPU"


def check(asked: Sequence[Asked], *, ci: bool, pools: Iterable[str]) -> None:
    """Tell of every name that is taken; ``pools``: of the environment, as their users name them."""
    taken = {(_ACCOUNT, f"{pool}-pool"): f"clouds.gcp.deployment_pools.{pool}" for pool in pools}
    if ci:
        taken[_ACCOUNT, "ci"] = "clouds.gcp.ci"
    for one in asked:
        for noun, name, path in _names(one):
            first = taken.setdefault((noun, name), path)
            if first != path:
                words = f"allowed on gcp: another name, as {first} has the {noun} {name} too"
                one.scope.findings.problem(path, name, words)


def _names(one: Asked) -> Iterator[tuple[str, str, str]]:
    """Noun, name without the environment, path in the stack file."""
    workload, at, short = one.workload, one.scope.at, one.scope.workload
    if workload.endpoint is not None:
        yield _ACCOUNT, short, at
        for variant in workload.endpoint.variants:
            yield _MODEL, f"{short}-{variant}", f"{at}.endpoint.variants.{variant}"
    for group in workload.features or {}:
        yield _GROUP, f"{short}-{group}", f"{at}.features.{group}"
    if workload.training is not None:
        yield _ACCOUNT, f"{short}-training", f"{at}.training"
        own = workload.training.gcp
        for tpu in own.tpus if own is not None else ():
            yield _TPU, f"{short}-{tpu}", f"{at}.training.gcp.tpus.{tpu}"
