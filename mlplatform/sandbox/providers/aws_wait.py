"""Waiting for the state that follows a call, as the real provider does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mlplatform.contracts.aws import decode
from mlplatform.provider.model import NotFound, ProviderError
from mlplatform.sandbox.providers.aws_cloud import CallFailed

if TYPE_CHECKING:
    from mlplatform.sandbox.providers.aws_action import Action

_FIRST_LOOK_S = 0.05
_LONGEST_LOOK_S = 5.0


def wait(action: Action, what: str) -> None:
    """Wait for the state that follows a create, update or delete.

    Raises ProviderError with AWS's own reason when the object ends in another state.
    """
    line, call = action.plan.wait[what], action.plan.read[0]
    pause, deadline = _FIRST_LOOK_S, time.monotonic() + action.ctx.timeout_s
    while True:
        try:
            found = decode.part(call, action.send(call), action.state)
        except CallFailed as error:
            if not error.gone:
                raise
            found = None
        if found is None:
            if what == "delete":
                return
            raise NotFound(f"{action.id} disappeared")
        status = decode.dig(found, line.path.split(".")) or ""
        if status in line.ready:
            return
        if status not in line.pending:
            said = decode.dig(found, line.reason.split(".")) if line.reason else ""
            reason = said or "no reason given"
            raise ProviderError(f"{action.id} is {status or 'in no state'}: {reason}")
        if time.monotonic() > deadline:
            raise ProviderError(f"{action.id} is still {status} after {action.ctx.timeout_s:g} s")
        action.ctx.status(f"{status}")
        action.ctx.wait(pause)
        pause = min(pause * 1.5, _LONGEST_LOOK_S)
