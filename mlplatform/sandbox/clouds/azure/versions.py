"""What a version of the API knows: monitors are written in other words since 2024.

2023-06-01-preview has the signal ModelPerformance and windows that are called Trailing; later
versions have neither, and call such a window Rolling (azure-ai-ml 1.35.2, `entities/_monitoring`:
what it says of the models that it no longer has).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlplatform.sandbox.clouds.azure.address import Address
from mlplatform.sandbox.clouds.azure.answer import bad_request
from mlplatform.sandbox.clouds.azure.kinds.base import sub

_SCHEDULES = "microsoft.machinelearningservices/workspaces/schedules"
_OLD = "2023-06-01-preview"
_ONLY = {_OLD: {"Trailing", "ModelPerformance"}, "later": {"Rolling"}}


def check(address: Address, version: str, body: Any) -> None:
    """Refuse words of another version in a monitor that is written.

    Raises:
        ArmError: 400, as for any discriminator that a version does not know.
    """
    if address.type.lower() != _SCHEDULES:
        return
    unknown = _ONLY["later" if version == _OLD else _OLD]
    for word in _words(body):
        if word in unknown:
            raise bad_request(
                f"'{word}' is not a valid value in api-version {version}.",
                code="InvalidRequestContent",
            )


def _words(body: Any) -> Iterator[str]:
    """Kinds of the signals and of their data."""
    signals = sub(body or {}, "properties", "action", "monitorDefinition", "signals") or {}
    for signal in signals.values():
        yield str(signal.get("signalType"))
        production = signal.get("productionData") or []
        for data in (
            *(production if isinstance(production, list) else [production]),
            signal.get("referenceData") or {},
        ):
            yield str(data.get("inputDataType"))
