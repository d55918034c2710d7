"""The day that rules about dates go by."""

from __future__ import annotations

import datetime as dt
import os

AS_OF = "MLP_POLICY_AS_OF"
"""A date in place of today's, so that every rule about dates can be repeated."""


def today() -> dt.date:
    """Today in UTC, or the day that ``MLP_POLICY_AS_OF`` names."""
    named = os.environ.get(AS_OF)
    return dt.date.fromisoformat(named) if named else dt.datetime.now(dt.UTC).date()
