"""Faults on demand: the next calls of an operation fail, wait or get no answer.

Kinds that every cloud knows:

- ``error``: answered with ``status`` and ``code`` (the cloud words it in its own format)
- ``throttle``: the cloud's own "too many requests"
- ``quota``: the cloud's own "limit exceeded"
- ``delay``: performed after ``delay_s``
- ``no_answer``: not performed; the connection closes without an answer after ``delay_s``
- ``lost_answer``: performed, but the connection closes without an answer

A cloud may add kinds of its own, such as ``rollback``.
"""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

KINDS = ("error", "throttle", "quota", "delay", "no_answer", "lost_answer")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What to do to the next ``times`` (1..1000000) requests of ``operation``.

    ``operation`` is a name as the request log shows it; ``*`` and ``?`` stand for any text; case
    does not matter. ``contains`` narrows it to requests with that text in address or body.
    ``status`` is 400..599. ``delay_s`` (0..600) is waited before anything else. ``message`` is
    shown to the client; empty means the cloud's usual words.
    """

    operation: str
    kind: str = "error"
    times: int = 1
    code: str = ""
    status: int = 0
    delay_s: float = 0.0
    message: str = ""
    contains: str = ""


class Faults:
    """The faults that wait for their request. Safe to use from several threads."""

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        self._kinds = (*KINDS, *kinds)
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, wanted: Mapping[str, Any]) -> list[str]:
        """Add a fault from its JSON form; returns all problems (then nothing was added)."""
        problems = [
            f"{key}: unknown; allowed: {', '.join(Fault.__dataclass_fields__)}"
            for key in wanted
            if key not in Fault.__dataclass_fields__
        ]
        given = {key: value for key, value in wanted.items() if value is not None}
        for key, kind in (("operation", str), ("code", str), ("message", str), ("contains", str)):
            if not isinstance(given.get(key, ""), kind):
                problems.append(f"{key}: got {given[key]!r}, allowed: text")
        if not given.get("operation"):
            problems.append("operation: missing")
        for key, low, high in (("times", 1, 1_000_000), ("status", 400, 599), ("delay_s", 0, 600)):
            value = given.get(key, low)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                problems.append(f"{key}: got {value!r}, allowed: {low} to {high}")
        only_waits = "delay_s" in given and not {"code", "status"} & set(given)
        given.setdefault("kind", "delay" if only_waits else "error")
        if given["kind"] not in self._kinds:
            problems.append(f"kind: got {given['kind']!r}, allowed: {', '.join(self._kinds)}")
        if not problems:
            with self._lock:
                self._waiting.append(Fault(**given))
        return problems

    def take(self, *names: str, text: str = "") -> Fault | None:
        """The first fault that matches one of the operation's ``names``; it counts down."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                pattern = fault.operation.lower()
                named = any(fnmatch.fnmatchcase(name.lower(), pattern) for name in names)
                if not named or fault.contains not in text:
                    continue
                if fault.times == 1:
                    del self._waiting[index]
                else:
                    self._waiting[index] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """The faults not used up yet, in JSON form."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
