"""Copies of requests, and bounds at other times, as Azure has them."""

from __future__ import annotations

from mlplatform.spec import schedules
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.plan import AzureSchedule
from mlplatform.spec.scope import Scope

SHADOW_PERCENT_MOST = 50
"""One deployment, at most half of the requests (learn.microsoft.com, Safe rollout for online
endpoints: mirrored traffic)."""
PROFILES_MOST = 20
"""Profiles of an autoscale setting, the one without a time included (REST reference)."""
_EVERY_DAY = tuple(range(7))


def shadows(scope: Scope, asked: EndpointModel) -> dict[str, int]:
    """Whole percent of the requests that each shadow gets a copy of."""
    found: dict[str, int] = {}
    for name, variant in asked.variants.items():
        percent = variant.shadow_percent
        if percent is None:
            continue
        if percent != int(percent) or percent > SHADOW_PERCENT_MOST:
            scope.findings.problem(
                f"{scope.endpoint}.variants.{name}.shadow_percent",
                percent,
                f"allowed on azure: a whole percent, 1 to {SHADOW_PERCENT_MOST}",
            )
        elif found:
            scope.findings.problem(
                f"{scope.endpoint}.variants.{name}.shadow_percent",
                percent,
                f"allowed on azure: one shadow, which is {next(iter(found))}",
            )
        else:
            found[name] = int(percent)
    return found


def schedules_of(scope: Scope, asked: EndpointModel) -> tuple[AzureSchedule, ...]:
    """Each time of day of each schedule; Azure Monitor repeats by days of the week."""
    found: list[AzureSchedule] = []
    for name, one in asked.scaling.schedules.items():
        at = f"{scope.endpoint}.scaling.schedules.{name}.cron"
        try:
            cron = schedules.parse(one.cron)
        except ValueError:
            continue  # said once, for every cloud
        if cron.days is not None or cron.months is not None:
            scope.findings.problem(
                at, one.cron, "allowed on azure: any day of month and any month, as * says"
            )
            continue
        times = [(hour, minute) for hour in cron.hours for minute in cron.minutes]
        for hour, minute in times:
            suffix = f"-{hour:02}{minute:02}" if len(times) > 1 else ""
            found.append(
                AzureSchedule(
                    name=f"{name}{suffix}",
                    weekdays=cron.weekdays if cron.weekdays is not None else _EVERY_DAY,
                    hour=hour,
                    minute=minute,
                    min_instances=one.min,
                    max_instances=one.max,
                )
            )
    _once(scope, found)
    if len(found) >= PROFILES_MOST:
        scope.findings.problem(
            f"{scope.endpoint}.scaling.schedules",
            f"{len(found)} times of day",
            f"allowed on azure: fewer than {PROFILES_MOST} together",
        )
    return tuple(found)


def _once(scope: Scope, found: list[AzureSchedule]) -> None:
    """Two profiles that begin at the same time: Azure Monitor would take either."""
    begins: dict[tuple[int, int, int], str] = {}
    said: set[tuple[str, str]] = set()
    for one in found:
        for day in one.weekdays:
            first = begins.setdefault((day, one.hour, one.minute), one.name)
            if first != one.name and (first, one.name) not in said:
                said.add((first, one.name))
                scope.findings.problem(
                    f"{scope.endpoint}.scaling.schedules",
                    one.name,
                    f"begins when {first} does, at {one.hour:02}:{one.minute:02}; allowed on "
                    "azure: a time of its own",
                )
