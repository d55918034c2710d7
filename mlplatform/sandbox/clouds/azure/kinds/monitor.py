"""Azure Monitor: autoscale settings that move instance counts, diagnostic settings."""

from __future__ import annotations

import datetime

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict, not_found
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY = 24 * 60
_PROFILES_MOST = 20


class AutoscaleSetting(Kind):
    """One for each target; an enabled one brings the count of its target into its bounds."""

    regional = True
    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        target = str(given.get("targetResourceUri") or "")
        if not world.exists(target):
            raise not_found(target)
        names = [str(sub(profile, "name")) for profile in given.get("profiles") or ()]
        if len(names) != len(set(names)) or len(names) > _PROFILES_MOST:
            raise bad_request(
                f"A setting has at most {_PROFILES_MOST} profiles, each name once; got {names}.",
                code="InvalidProfiles",
            )
        for profile in given.get("profiles") or [None]:
            low, high, default = (
                _count(sub(profile, "capacity", name)) for name in ("minimum", "maximum", "default")
            )
            if low is None or high is None or default is None or not low <= default <= high:
                raise bad_request(
                    "The capacity of a profile needs minimum <= default <= maximum, as text.",
                    code="InvalidCapacity",
                )
        for other in world.of_type(write.address.type):
            same = str(other["properties"].get("targetResourceUri", "")).lower() == target.lower()
            if same and str(other["id"]).lower() != write.address.key:
                raise conflict(
                    f"Autoscale setting '{other['name']}' already targets '{target}'.",
                    code="AutoscaleSettingConflict",
                )

    def fill(self, world: World, write: Write) -> None:
        write.new["properties"] = {
            "enabled": False,
            **write.properties,
            "name": write.address.name,
        }
        apply(world, write.new)


class DiagnosticSetting(Kind):
    """Needs one destination at least."""

    created = 200
    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        scope = write.address.parent
        if not world.exists(scope):
            raise not_found(scope)
        given = write.properties
        linked = given.get("workspaceId")
        if not any(
            given.get(name)
            for name in ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")
        ):
            raise bad_request("At least one data sink needs to be specified.")
        if linked and not world.exists(str(linked)):
            raise not_found(str(linked))


def apply(world: World, setting: Json) -> None:
    """Bring a target's count into the bounds of an enabled setting."""
    given = setting["properties"]
    target = world.get(str(given.get("targetResourceUri") or ""))
    if not given.get("enabled") or target is None or sub(target, "sku", "capacity") is None:
        return
    profile = active(given.get("profiles") or [{}], datetime.datetime.now(datetime.UTC))
    capacity = sub(profile, "capacity") or {}
    low, high = _count(capacity.get("minimum")), _count(capacity.get("maximum"))
    count = int(target["sku"]["capacity"])
    wanted = max(low or 0, min(count, high if high is not None else count))
    if wanted != count:
        target["sku"]["capacity"] = wanted
        world.put(target)


def active(profiles: list[Json], now: datetime.datetime) -> Json:
    """The profile that holds: the scheduled one that began last, else the one without a time.

    Times of day are read as UTC.
    """
    minute_of_week = (now.isoweekday() % 7) * _DAY + now.hour * 60 + now.minute
    since: list[tuple[int, int]] = []
    for position, profile in enumerate(profiles):
        schedule = sub(profile, "recurrence", "schedule") or {}
        since += [
            ((minute_of_week - _DAYS.index(day) * _DAY - hour * 60 - minute) % (7 * _DAY), position)
            for day in schedule.get("days") or ()
            for hour in schedule.get("hours") or ()
            for minute in schedule.get("minutes") or ()
        ]
    if since:
        return profiles[min(since)[1]]
    return next((one for one in profiles if not one.get("recurrence")), profiles[0])


def apply_to(world: World, target: str) -> None:
    """The same for whatever setting a target has."""
    for setting in world.of_type("Microsoft.Insights/autoscaleSettings"):
        if str(setting["properties"].get("targetResourceUri", "")).lower() == target.lower():
            apply(world, setting)


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isdigit() else None
