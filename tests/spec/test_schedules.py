"""Portable schedules: what is read, what is refused, and how each cloud writes it."""

from __future__ import annotations

import pytest

from mlplatform.spec import schedules


@pytest.mark.parametrize(
    ("text", "eventbridge", "interval_s"),
    [
        ("0 * * * *", "cron(0 * ? * * *)", 3600),
        ("*/15 * * * *", "cron(*/15 * ? * * *)", 900),
        ("0 6 * * *", "cron(0 6 ? * * *)", 86400),
        ("0 */6 * * *", "cron(0 */6 ? * * *)", 6 * 3600),
        ("0 3 * * 1", "cron(0 3 ? * MON *)", 7 * 86400),
        ("0 3 * * 0,7", "cron(0 3 ? * SUN *)", 7 * 86400),
        ("30 2 1 * *", "cron(30 2 1 * ? *)", None),
        ("0 6,20 * * *", "cron(0 6,20 ? * * *)", None),
        ("0 8 * 1-6 1-5", "cron(0 8 ? 1-6 MON,TUE,WED,THU,FRI *)", None),
    ],
)
def test_a_schedule_is_written_for_eventbridge_and_has_its_interval(
    text: str, eventbridge: str, interval_s: int | None
) -> None:
    schedule = schedules.parse(text)
    assert schedule.eventbridge == eventbridge
    assert schedule.interval_s == interval_s


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hourly", "has 1 fields"),
        ("0 * ? * * *", "has 6 fields"),
        ("60 * * * *", "minute '60'; allowed: *, 0 to 59"),
        ("0 9-5 * * *", "hour '9-5'"),
        ("0 0 * * MON", "day of week 'MON'"),
        ("*/0 * * * *", "minute '*/0'"),
        ("0 0 1 * 1", "a day of month and a day of week"),
    ],
)
def test_what_is_no_schedule_is_refused_with_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        schedules.parse(text)
    assert said in str(caught.value)
