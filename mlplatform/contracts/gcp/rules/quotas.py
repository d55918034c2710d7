"""Cloud Quotas: how preferences are named, and what a request for more needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import Grammar, check_all
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem

_ID = Grammar(
    pattern=r"[A-Za-z][A-Za-z0-9_-]{0,62}",
    words="up to 63 letters, digits, dashes and underscores, first a letter",
    source="cloudquotas quotaPreferences.create quotaPreferenceId",
)
_SERVICE = Grammar(
    pattern=r"[a-z0-9-]+\.googleapis\.com",
    words="a service such as aiplatform.googleapis.com",
    source="cloudquotas QuotaPreference.service",
)
_EMAIL = Grammar(
    pattern=r"[^\s@]+@[^\s@]+\.[^\s@]+",
    words="an address such as ml-team@example.com",
    source="cloudquotas QuotaPreference.contactEmail",
)


def preference(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wanted of one quota."""
    grammars = {"preferenceId": _ID, "service": _SERVICE, "contactEmail": _EMAIL}
    yield from check_all(inputs, grammars)
    config = inputs.get("quotaConfig")
    value = as_number(config.get("preferredValue")) if isinstance(config, Mapping) else None
    if value is not None and value < -1:
        source = "cloudquotas QuotaConfig.preferredValue"
        message = "allowed: 0 or more, or -1 for no limit"
        yield Problem(path="quotaConfig.preferredValue", got=value, message=message, source=source)
