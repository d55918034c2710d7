"""A rule is data plus one pure check; the adapter to pulumi-policy is here.

A check never meets a pulumi object: values that are not known yet stand in its input
as the engine's own marker (``mlplatform.contracts.unknown``), so the same function runs
in a preview, in an update and on plain dicts in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)
from pulumi_policy.proxy import UnknownValueError

from mlplatform.contracts.unknown import UNKNOWN

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
"""How the engine marks files among the inputs (pulumi.runtime.rpc)."""

Check = Callable[["Resource"], Iterator[str]]
"""Yields what is wrong, one sentence each, in the words of the caller's config."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the engine sends it: camelCase properties, unknowns as markers."""

    type: str
    name: str
    props: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must hold, why, and how to mend it."""

    id: str
    """What must hold, in the affirmative: stable, also the name in exemptions."""
    severity: Severity
    """Critical: data or credentials exposed. High: unencrypted or public. Medium:
    reliability or cost. Low: hygiene."""
    summary: str
    """The invariant, present tense."""
    rationale: str
    """The harm, one sentence."""
    remediation: str
    """The config key or argument to change."""
    check: Check
    level: EnforcementLevel = EnforcementLevel.MANDATORY

    def policy(self) -> ResourceValidationPolicy:
        """The rule as pulumi-policy runs it."""

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            resource = Resource(type=args.resource_type, name=args.name, props=plain(args.props))
            for problem in self.check(resource):
                report(f"{args.name}: {problem}", None)

        return ResourceValidationPolicy(
            name=self.id,
            description=f"{self.summary} {self.rationale} {self.remediation}",
            severity=self.severity,
            enforcement_level=self.level,
            remediation_steps=self.remediation,
            validate=validate,
        )


def plain(value: Any) -> Any:
    """A copy of what pulumi-policy hands out, with markers where a value is not known.

    pulumi-policy raises when an unknown is touched. Uncaught, that turns a mandatory
    rule into one advisory note and skips the rest of it, so each value is caught alone.
    """
    if isinstance(value, str | bytes | int | float | bool) or value is None:
        return value
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return _on_the_wire(value)
    if hasattr(value, "keys"):
        return {key: _known(lambda key=key: value[key]) for key in set(value)}  # type: ignore[misc]
    if isinstance(value, Sequence) or hasattr(value, "__len__"):
        return [_known(lambda at=at: value[at]) for at in range(len(value))]  # type: ignore[misc]
    return value


def _on_the_wire(value: pulumi.Asset | pulumi.Archive) -> dict[str, Any]:
    """A file as the engine sends it, which is what contracts judge; pulumi-policy unpacks it."""
    kind = _ASSET if isinstance(value, pulumi.Asset) else _ARCHIVE
    known = {name: getattr(value, name, None) for name in ("path", "uri", "text", "assets")}
    return {_SIGNATURE: kind, **{name: found for name, found in known.items() if found is not None}}


def _known(read: Callable[[], Any]) -> Any:
    try:
        return plain(read())
    except UnknownValueError:
        return UNKNOWN
