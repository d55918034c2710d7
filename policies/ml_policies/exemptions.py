"""Exemptions: one file that says who lets which resource break which rule, why, and until when.

```yaml
- rule: gcp-vertex-endpoint-private
  resource: ml-prod-resnet50        # a name, or a URN, with * for any characters
  owner: ml-team
  reason: Called from outside the network until the gateway is there.
  expires: 2027-03-31
```

An expired exemption covers nothing and is a violation of its own, so that nobody forgets it.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ml_policies.resource import Resource

KEYS = ("rule", "resource", "owner", "reason", "expires")
LONGEST_DAYS = 366


class ExemptionError(Exception):
    """The file cannot be used; ``problems`` holds every reason."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One line of the file."""

    rule: str
    resource: str
    owner: str
    reason: str
    expires: dt.date

    def covers(self, rule: str, resource: Resource) -> bool:
        return rule == self.rule and any(
            fnmatch.fnmatchcase(text, self.resource) for text in (resource.name, resource.urn)
        )

    def is_expired(self, as_of: dt.date) -> bool:
        """It holds through the day that it names."""
        return as_of > self.expires


class Exemptions:
    """Every exemption, on one day."""

    def __init__(self, every: Iterable[Exemption] = (), *, as_of: dt.date | None = None) -> None:
        self.as_of = as_of or dt.datetime.now(dt.UTC).date()
        self.every = tuple(every)

    def covering(self, rule: str, resource: Resource) -> Exemption | None:
        return next(
            (
                one
                for one in self.every
                if not one.is_expired(self.as_of) and one.covers(rule, resource)
            ),
            None,
        )

    @property
    def expired(self) -> tuple[Exemption, ...]:
        return tuple(one for one in self.every if one.is_expired(self.as_of))


def read(
    path: Path, *, rules: Collection[str], as_of: dt.date | None = None, required: bool = False
) -> Exemptions:
    """The exemptions of a file; none when there is no file.

    Raises ``ExemptionError`` with everything that is wrong: keys, unknown rules, no reason, no
    date, a date over a year away.
    """
    if not path.exists():
        if required:
            raise ExemptionError([f"{path}: no such file"])
        return Exemptions(as_of=as_of)
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ExemptionError([f"{path}: not YAML: {str(error).splitlines()[0]}"]) from None
    if content is None:
        return Exemptions(as_of=as_of)
    if not isinstance(content, list):
        raise ExemptionError([f"{path}: allowed: a list of exemptions"])
    day = as_of or dt.datetime.now(dt.UTC).date()
    problems = [
        f"{path.name}[{index}]{problem}"
        for index, one in enumerate(content)
        for problem in _problems(one, rules, day)
    ]
    if problems:
        raise ExemptionError(problems)
    return Exemptions((Exemption(**one) for one in content), as_of=day)


def _problems(one: Any, rules: Collection[str], day: dt.date) -> Iterable[str]:
    if not isinstance(one, dict):
        yield f": allowed: a mapping with {', '.join(KEYS)}"
        return
    for key in sorted(set(one) - set(KEYS)):
        yield f".{key}: no such key; allowed: {', '.join(KEYS)}"
    for key in KEYS:
        value = one.get(key)
        if key == "expires":
            if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
                yield f".expires: got {value!r}; allowed: a date such as 2027-03-31"
            elif (value - day).days > LONGEST_DAYS:
                yield f".expires: got {value}; allowed: at most a year from {day}"
        elif not isinstance(value, str) or not value.strip():
            yield f".{key}: needed"
    rule = one.get("rule")
    if isinstance(rule, str) and rule and rule not in rules:
        yield f".rule: got {rule!r}; no such rule: `mlp policy list` names them"
