"""Portable schedules: five-field cron in UTC, read once and written as each cloud writes it.

Numbers, ``*``, lists, ranges and steps, as in crontab(5); names of days and months are not taken.
Day of month and day of week may not both be restricted: crontab(5) then means either, EventBridge
has no way to say so, and Azure ML means both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlplatform.spec.findings import Findings

HOUR_S = 3600
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S

_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_PART = re.compile(r"(?P<from>\*|\d+)(-(?P<to>\d+))?(/(?P<step>\d+))?")
_MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""By number; in a leap year."""
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When something runs; each field as all values that it stands for, in order."""

    text: str
    """As typed, with single spaces: the form that Azure ML and Vertex AI take."""
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...] | None
    """Of the month; None is any."""
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None
    """Sunday is 0; None is any."""

    @property
    def eventbridge(self) -> str:
        """``cron(0 * ? * * *)``: six fields, one of the days a ``?`` (EventBridge Scheduler user
        guide, "Cron-based schedules"). Days of the week have names, as numbers begin at 1 there.
        """
        minute, hour, day, month, _ = self.text.split(" ")
        week = ",".join(_DAYS[day] for day in self.weekdays) if self.weekdays is not None else None
        days = ("?", week) if week is not None else (day if self.days is not None else "?", None)
        if days == ("?", None):
            return f"cron({minute} {hour} ? {month} * *)"
        return f"cron({minute} {hour} {days[0]} {month} {days[1] or '?'} *)"

    @property
    def interval_s(self) -> int | None:
        """Seconds between two runs when they are all equal, else None."""
        if self.days is not None or self.months is not None:
            return None
        of_day = [hour * HOUR_S + minute * 60 for hour in self.hours for minute in self.minutes]
        days = self.weekdays if self.weekdays is not None else range(7)
        times = [day * DAY_S + second for day in days for second in of_day]
        gaps = {
            (later - earlier) % WEEK_S or WEEK_S
            for earlier, later in zip(times, [*times[1:], times[0]], strict=True)
        }
        return gaps.pop() if len(gaps) == 1 else None


def parse(text: str) -> Schedule:
    """Read a schedule. Raises ``ValueError`` that says what is allowed."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"has {len(fields)} fields, allowed: five (minute, hour, day of month, month, day of "
            'week), in UTC, such as "0 * * * *"'
        )
    minutes, hours, days, months, weekdays = (
        _values(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)
    )
    if fields[2] != "*" and fields[4] != "*":
        raise ValueError(
            "has a day of month and a day of week, which clouds read differently; "
            "allowed: one of them, the other *"
        )
    if fields[2] != "*" and min(days) > max(_MONTH_DAYS[month] for month in months):
        raise ValueError(f"never: no day {min(days)} in month {', '.join(map(str, months))}")
    return Schedule(
        text=" ".join(fields),
        minutes=minutes,
        hours=hours,
        days=days if fields[2] != "*" else None,
        months=months if fields[3] != "*" else None,
        weekdays=tuple(sorted({day % 7 for day in weekdays})) if fields[4] != "*" else None,
    )


def read(text: str, path: str, findings: Findings) -> Schedule | None:
    """The schedule at a path of the stack file; ``None`` with a problem when it is none."""
    try:
        return parse(text)
    except ValueError as error:
        findings.problem(path, text, str(error))
        return None


def _values(field: str, name: str, low: int, high: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        words = f"{name} {part!r}; allowed: *, {low} to {high}, lists, ranges, steps such as */15"
        if match is None or (match["from"] == "*" and match["to"] is not None):
            raise ValueError(words)
        step = int(match["step"] or 1)
        first = low if match["from"] == "*" else int(match["from"])
        open_end = match["from"] == "*" or (match["step"] is not None and match["to"] is None)
        last = int(match["to"]) if match["to"] else high if open_end else first
        if not low <= first <= last <= high or step < 1:
            raise ValueError(words)
        found |= set(range(first, last + 1, step))
    return tuple(sorted(found))
