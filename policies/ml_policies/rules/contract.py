"""Would the vendor accept this? Asked of every resource whose type has a contract."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from ml_policies.core import Resource, Rule
from mlplatform import contracts


def _accepted(resource: Resource) -> Iterator[str]:
    if not contracts.covers(resource.type):
        return
    # Names with a leading ``__`` are the engine's own notes to the provider.
    inputs = {key: value for key, value in resource.props.items() if not key.startswith("__")}
    for problem in contracts.check(resource.type, inputs):
        yield str(problem)


VENDOR_CONTRACT = Rule(
    id="vendor-contract",
    severity=Severity.HIGH,
    summary="Every resource is one that the cloud accepts.",
    rationale="What the cloud refuses at apply leaves a stack half built.",
    remediation="Change the named property as the message says.",
    check=_accepted,
)
