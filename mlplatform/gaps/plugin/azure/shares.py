"""Who takes over the traffic of a deployment that goes. Pure, so that every case is a test."""

from __future__ import annotations

from collections.abc import Mapping


def without(shares: Mapping[str, int], leaving: str, variants: Mapping[str, str]) -> dict[str, int]:
    """The traffic of an endpoint once `leaving` takes none.

    variants: variant of each deployment that is ready to serve. Its share goes to a deployment of
    the same variant; else to those that serve already, in proportion; else nobody serves, and the
    traffic is empty. The sum stays 100 or becomes 0.
    """
    share = shares.get(leaving, 0)
    rest = {name: percent for name, percent in shares.items() if name != leaving}
    if share == 0:
        return rest
    heirs = sorted(
        name
        for name, variant in variants.items()
        if name != leaving and variant == variants.get(leaving)
    )
    if heirs:
        heir = heirs[0]
        return {**rest, heir: rest.get(heir, 0) + share}
    serving = sum(rest.values())
    if serving == 0:
        return {}
    return _scaled(rest, serving)


def _scaled(shares: Mapping[str, int], total: int) -> dict[str, int]:
    """Whole percentages in the same proportion with the sum 100 (largest remainders)."""
    exact = {name: percent * 100 / total for name, percent in shares.items()}
    whole = {name: int(value) for name, value in exact.items()}
    missing = 100 - sum(whole.values())
    by_remainder = sorted(exact, key=lambda name: (whole[name] - exact[name], name))
    for name in by_remainder[:missing]:
        whole[name] += 1
    return whole
