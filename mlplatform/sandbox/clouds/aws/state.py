"""What this cloud knows itself, beside moto: the endpoint family and its autoscaling.

Everything follows from the requests and their times: the journal brings it back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlplatform.sandbox.clouds.aws.endpoint_life import Endpoint, at
from mlplatform.sandbox.clouds.aws.errors import invalid

Json = dict[str, Any]
TargetKey = tuple[str, str]
"""Resource id and scalable dimension."""
GONE_AT = "-gone-at"
"""Kept with an object that is being deleted: when it is gone."""
ARN = "-arn"
"""Kept with an object that has tags: its ARN as `tags` writes it."""
PolicyKey = tuple[str, str, str]
"""Resource id, scalable dimension, name of a policy or scheduled action."""


@dataclass
class Home:
    """One account in one region."""

    account: str
    region: str
    models: dict[str, Json] = field(default_factory=dict)
    endpoint_configs: dict[str, Json] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    targets: dict[TargetKey, Json] = field(default_factory=dict)
    policies: dict[PolicyKey, Json] = field(default_factory=dict)
    scheduled_actions: dict[PolicyKey, Json] = field(default_factory=dict)
    feature_groups: dict[str, Json] = field(default_factory=dict)
    quota_requests: list[Json] = field(default_factory=list)
    jobs: dict[tuple[str, str], Json] = field(default_factory=dict)
    inference_components: dict[str, Json] = field(default_factory=dict)
    job_definitions: dict[tuple[str, str], Json] = field(default_factory=dict)
    monitoring_schedules: dict[str, Json] = field(default_factory=dict)

    def settle(self, now: float) -> None:
        """Bring everything that moves by itself to the state it has at ``now``."""
        for name, endpoint in list(self.endpoints.items()):
            later = at(endpoint, now)
            if later is None:
                del self.endpoints[name]
                self.tags.pop(endpoint.arn, None)
            else:
                self.endpoints[name] = later
        for store in (
            self.feature_groups,
            self.inference_components,
            self.monitoring_schedules,
        ):
            for name, item in list(store.items()):
                if item.get(GONE_AT, now + 1) <= now:
                    self.tags.pop(item[ARN], None)
                    del store[name]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass
class State:
    """All accounts; ``roles`` tells since when a role's trust policy has stood as it stands."""

    homes: dict[tuple[str, str], Home] = field(default_factory=dict)
    roles: dict[str, float] = field(default_factory=dict)

    def home(self, account: str, region: str) -> Home:
        place = (account, region)
        if place not in self.homes:
            self.homes[place] = Home(*place)
        return self.homes[place]

    def clear(self) -> None:
        self.homes.clear()
        self.roles.clear()


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of an operation.

    ``now`` is its time in seconds since 1970; ``delay_s`` how long what it starts takes;
    ``outcome`` a fault asked for (``rollback``, ``fail_create``) or empty; ``ids`` makes random
    parts of identifiers, the same ones when the journal is replayed.
    """

    state: State
    home: Home
    params: Json
    now: float
    delay_s: float
    outcome: str
    ids: random.Random

    def uuid(self) -> str:
        digits = f"{self.ids.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def page(items: Sequence[Any], params: Json, *, key: str, most: int = 100) -> Json:
    """The wanted part of a list under ``key``, and ``NextToken`` when more follows."""
    token = params.get("NextToken")
    try:
        start = int(token) if token else 0
    except ValueError:
        raise invalid("Invalid pagination token") from None
    size = params.get("MaxResults") or most
    end = start + size
    more = {"NextToken": str(end)} if end < len(items) else {}
    return {key: list(items[start:end]), **more}


def listed(items: Iterator[Json], params: Json, *, name: str, created: str, key: str) -> Json:
    """A list call of SageMaker: filters, order and pages by its usual parameters.

    ``name`` and ``created`` are the members that hold the two in each item.
    """
    times = {"Creation": created, "LastModified": "LastModifiedTime"}
    kept = list(items)
    if part := params.get("NameContains"):
        kept = [item for item in kept if part.lower() in item[name].lower()]
    for word, member in times.items():
        if (after := params.get(f"{word}TimeAfter")) is not None:
            kept = [item for item in kept if item[member] >= after]
        if (before := params.get(f"{word}TimeBefore")) is not None:
            kept = [item for item in kept if item[member] <= before]
    by = {"Name": name, "CreationTime": created}.get(params.get("SortBy", ""), created)
    descending = params.get("SortOrder", "Descending") == "Descending"
    kept.sort(key=lambda item: (item.get(by, ""), item[name]), reverse=descending)
    return page(kept, params, key=key, most=10)
