"""The engine's event log (`pulumi preview --event-log FILE`), as typed values.

A log is JSON lines, one `apitype.EngineEvent` each (pulumi/pulumi,
sdk/go/common/apitype/events.go): `sequence`, `timestamp` and one more key, which says what the
event is. Kinds that nobody here reads are skipped, so that a newer engine's log can be read too;
debug messages are left out.

Secrets: the engine writes `[secret]`, bare or inside an object with its secret signature, never the
value. Both become the plain text `[secret]` here; a signed value that is not blanked does as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SECRET = "[secret]"
"""Stands for every secret value."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
"""Key and value that mark an object as a secret (sdk/go/common/resource/sig/sig.go)."""
_REPLACES = "-replace"
"""End of a diff kind when the change needs a new object: `update-replace`."""


class EventLogError(Exception):
    """The file is not an event log; one line that says where and why."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A resource on one side of a step.

    id: the cloud's id, empty while it is not known. pending_deletion: the object still exists
    while its replacement is made, and goes afterwards.
    """

    id: str
    parent: str
    provider: str
    custom: bool
    protect: bool
    pending_deletion: bool
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PropertyDiff:
    """One property that the provider says differs. replaces: the change needs a new object.

    of_input: the path lies in the inputs; else in the outputs.
    """

    path: str
    kind: Literal["add", "update", "delete"]
    replaces: bool
    of_input: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the engine does with one resource.

    op: `same`, `create`, `update`, `delete`, `replace` with its parts `create-replacement` and
    `delete-replaced`, `read`, `refresh`, `import` and so on. new: before the step ran, so that
    outputs and the id of a new object are missing. replaced_for: the top-level properties for which
    the provider asked for a new object.
    """

    op: str
    urn: str
    type: str
    old: State | None
    new: State | None
    diffs: tuple[PropertyDiff, ...]
    replaced_for: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's name in the program: what follows the type in its URN."""
        return name_in(self.urn)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a policy said. level: `mandatory`, `advisory` or `remediate`."""

    urn: str
    policy: str
    pack: str
    pack_version: str
    level: str
    severity: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine, a provider or the program; urn: empty when of no resource."""

    urn: str
    severity: Literal["info", "warning", "error"]
    message: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The end of the run. changes: number of resources by op."""

    preview: bool
    succeeded: bool
    duration_s: float
    changes: Mapping[str, int]


@dataclass(kw_only=True)
class EventLog:
    """Everything that was read, in the log's order. summary: None when the log was cut short.

    policies_ran: whether a policy pack judged the run. workloads: names in the stack's
    configuration, as far as it says any. refreshed: URN -> place in `steps` of a refresh, whose end
    tells what it found.
    """

    steps: list[Step] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    summary: Summary | None = None
    policies_ran: bool = False
    workloads: frozenset[str] = frozenset()
    refreshed: dict[str, int] = field(default_factory=dict)


def load(path: Path) -> EventLog:
    """Read a log. Raises EventLogError for a file that is missing or is no event log."""
    try:
        with path.open(encoding="utf-8") as lines:
            return read(lines, name=str(path))
    except UnicodeDecodeError:
        raise EventLogError(f"{path} is not an event log: it is not text") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EventLogError(f"{path} cannot be read: {reason}") from None


def read(lines: Iterable[str], *, name: str = "the event log") -> EventLog:
    """The events in lines of text. Raises EventLogError, which calls the log by `name`."""
    log, count = EventLog(), 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            _take(log, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EventLogError(
                f"{name} is not an event log: line {number}: {_reason(error)}"
            ) from None
        count += 1
    if count == 0:
        raise EventLogError(f"{name} is not an event log: it is empty")
    return log


def name_in(urn: str) -> str:
    """The last part of a URN (`urn:pulumi:<stack>::<project>::<types>::<name>`)."""
    return urn.split("::", 3)[-1]


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at character {error.pos + 1})"
    if isinstance(error, KeyError):
        return f"no {error.args[0]!r}"
    return "not an engine event"


def _take(log: EventLog, event: Mapping[str, Any]) -> None:
    event["sequence"]  # every event has one; other JSON lines have not
    if (found := event.get("resourcePreEvent")) is not None:
        step = _step(found["metadata"])
        if step.op == "refresh":
            log.refreshed[step.urn] = len(log.steps)
        log.steps.append(step)
    elif (found := event.get("resOutputsEvent")) is not None:
        at = log.refreshed.get(found["metadata"]["urn"])
        if at is not None:
            log.steps[at] = _step(found["metadata"])
    elif (found := event.get("policyEvent")) is not None:
        log.violations.append(
            Violation(
                urn=found.get("resourceUrn", ""),
                policy=found["policyName"],
                pack=found["policyPackName"],
                pack_version=found.get("policyPackVersion", ""),
                level=found["enforcementLevel"],
                severity=found.get("severity", ""),
                message=found["message"].strip(),
            )
        )
    elif (found := event.get("diagnosticEvent")) is not None:
        _take_diagnostic(log, found)
    elif (found := event.get("preludeEvent")) is not None:
        log.workloads = _workloads(found.get("config") or {})
    elif (found := event.get("summaryEvent")) is not None:
        log.policies_ran = log.policies_ran or bool(found.get("PolicyPacks"))
        log.summary = Summary(
            preview=bool(found.get("isPreview")),
            # Older engines tell no result; then the diagnostics have to.
            succeeded=found.get("result", "succeeded") == "succeeded",
            duration_s=float(found.get("durationSeconds", 0)),
            changes=dict(found.get("resourceChanges") or {}),
        )


def _workloads(config: Mapping[str, Any]) -> frozenset[str]:
    try:
        listed = json.loads(config.get("mlplatform:workloads") or "{}")
    except (ValueError, TypeError):
        return frozenset()
    return frozenset(listed) if isinstance(listed, dict) else frozenset()


def _take_diagnostic(log: EventLog, found: Mapping[str, Any]) -> None:
    said = found["severity"]
    if said == "debug" or found.get("ephemeral"):
        return
    severity: Literal["info", "warning", "error"] = (
        "error" if said == "error" else "warning" if said == "warning" else "info"
    )
    message = str(found["message"]).strip()
    log.diagnostics.append(Diagnostic(urn=found.get("urn", ""), severity=severity, message=message))


def _step(found: Mapping[str, Any]) -> Step:
    return Step(
        op=found["op"],
        urn=found["urn"],
        type=found["type"],
        old=_state(found.get("old")),
        new=_state(found.get("new")),
        diffs=tuple(
            _diff(path, line) for path, line in sorted((found.get("detailedDiff") or {}).items())
        ),
        replaced_for=tuple(found.get("keys") or ()),
    )


def _state(found: Mapping[str, Any] | None) -> State | None:
    if found is None:
        return None
    return State(
        id=found.get("id", ""),
        parent=found.get("parent", ""),
        provider=found.get("provider", ""),
        custom=bool(found.get("custom")),
        protect=bool(found.get("protect")),
        pending_deletion=bool(found.get("delete")),
        inputs=_blanked(found.get("inputs") or {}),
        outputs=_blanked(found.get("outputs") or {}),
    )


def _diff(path: str, line: Mapping[str, Any]) -> PropertyDiff:
    said = str(line["diffKind"])
    kind: Literal["add", "update", "delete"] = (
        "add" if said.startswith("add") else "delete" if said.startswith("delete") else "update"
    )
    return PropertyDiff(
        path=path,
        kind=kind,
        replaces=said.endswith(_REPLACES),
        of_input=bool(line.get("inputDiff")),
    )


def _blanked(value: Any) -> Any:
    """A copy with `[secret]` in place of everything that is marked as a secret."""
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {key: _blanked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blanked(inner) for inner in value]
    return value
