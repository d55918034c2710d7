"""From what is asked (an accelerator, a machine, or both) to a machine that can be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mlplatform.catalog.machine import Machine
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.hardware import SubstitutableModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.training import TrainingModel


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The accelerator that is asked for, and the allowed substitute."""

    want: str | None
    substitute: str | None
    path: str


def wish(noun: EndpointModel | TrainingModel, at: str) -> Wish:
    """Read ``accelerator`` in both of its forms; ``at`` is the noun's path."""
    asked = noun.accelerator
    if isinstance(asked, SubstitutableModel):
        return Wish(want=asked.want, substitute=asked.or_, path=f"{at}.accelerator.want")
    return Wish(want=asked, substitute=None, path=f"{at}.accelerator")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What one cloud sells: its tables from the catalogue."""

    cloud: str
    noun: str
    names: tuple[str, ...]
    machine: Callable[[str], Machine | None]
    by_accelerator: Mapping[str, str]
    default: str


def choose(
    shop: Shop, asked: str | None, wanted: Wish, *, at: str, workload: str, findings: Findings
) -> Machine | None:
    """The machine to use; ``None`` with a problem when there is none.

    Retired hardware is refused with its replacement named, unless the wish allows a substitute.
    """
    name = asked if asked is not None else _smallest(shop, wanted, findings)
    if name is None:
        return None
    machine = shop.machine(name)
    path = at if asked is not None else wanted.path
    if machine is None:
        findings.not_among(path, name, shop.names, shop.noun)
        return None
    if not machine.is_retired(date.today()):
        if not _fits(machine, wanted, at, findings):
            return None
        if wanted.want is not None and machine.accelerator != wanted.want:
            findings.gap(
                shop.cloud,
                workload,
                at,
                asked=wanted.want,
                given=f"{machine.accelerator} ({machine.name})",
                reason="the machine that is named has the substitute",
            )
        return machine
    if wanted.substitute is None:
        findings.problem(
            path,
            asked or wanted.want,
            f"{machine.name} ({machine.accelerator}) is retired since {machine.retired}; "
            f"use {machine.replacement}, or allow a substitute: "
            f"accelerator: {{want: {machine.accelerator}, or: T4}}",
        )
        return None
    instead = shop.by_accelerator.get(wanted.substitute)
    found = shop.machine(instead) if instead else None
    if found is None or found.is_retired(date.today()):
        findings.not_among(
            path.replace(".want", ".or"), wanted.substitute, shop.by_accelerator, "accelerators"
        )
        return None
    findings.gap(
        shop.cloud,
        workload,
        path,
        asked=f"{wanted.want} ({machine.name})",
        given=f"{wanted.substitute} ({found.name})",
        reason=f"retired since {machine.retired}",
    )
    return found


def _smallest(shop: Shop, wanted: Wish, findings: Findings) -> str | None:
    if wanted.want is None:
        return shop.default
    found = shop.by_accelerator.get(wanted.want)
    if found is None:
        findings.not_among(wanted.path, wanted.want, shop.by_accelerator, "accelerators")
    return found


def _fits(machine: Machine, wanted: Wish, at: str, findings: Findings) -> bool:
    """A machine that is named must have the accelerator that is asked for."""
    allowed = [name for name in (wanted.want, wanted.substitute) if name is not None]
    if not allowed or machine.accelerator in allowed:
        return True
    findings.problem(
        at,
        machine.name,
        f"it has {machine.accelerator or 'no accelerator'}, asked for: {' or '.join(allowed)}",
    )
    return False
