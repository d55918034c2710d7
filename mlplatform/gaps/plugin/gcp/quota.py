"""``mlgap:gcp:QuotaPreference``: how much of one quota is wanted, in one place.

There is one preference for a quota and its dimensions, and no call that deletes it, so the ordinary
provider cannot make it a second time after a destroy. One call that changes or makes it can.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from mlplatform.contracts.gcp import decode
from mlplatform.contracts.gcp.plan import get as plan_of
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN

TOKEN = "mlgap:gcp:QuotaPreference"
_VARIABLE = "MLGAP_GCP_CLOUD_QUOTAS_ENDPOINT"
_ADDRESS = "https://cloudquotas.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TIMEOUT_S = 60
_TRIES = 5
_FIRST_PAUSE_S = 0.5
_BUSY = (429, 502, 503)
_IN_THE_WAY = "ABORTED"
"""Somebody else's change at the same time (google.rpc.Code); its number is that of others too."""


class QuotaPreference(ByContract[GcpCloud]):
    """Answers for one preference; made once for each call."""

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ctx.preview:
            return "", {**inputs, "grantedValue": UNKNOWN, "reconciling": UNKNOWN}
        name = f"{self._parent}/quotaPreferences/{inputs['preferenceId']}"
        return name, self._wanted(ctx, name, inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs, old_state
        if ctx.preview:
            return {**inputs, "grantedValue": UNKNOWN, "reconciling": UNKNOWN}
        return self._wanted(ctx, id, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        name = id if "/" in id else f"{self._parent}/quotaPreferences/{id}"
        answer = self._call(ctx, "GET", name)
        plan, shown = plan_of(TOKEN), {**answer, "preferenceId": name.rpartition("/")[2]}
        seen = (
            decode.inputs_now(plan, inputs, shown) if inputs else decode.imported(plan, {}, shown)
        )
        if "contactEmail" in inputs:
            seen["contactEmail"] = inputs["contactEmail"]  # the service never shows it
        return name, seen, _outputs(seen, answer)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Nothing: what was granted stays, and the service has no call that takes it back."""
        del ctx, id, inputs, state

    @property
    def _parent(self) -> str:
        return f"projects/{self._cloud.project}/locations/global"

    def _wanted(self, ctx: Context, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        body = {k: v for k, v in inputs.items() if k != "preferenceId"}
        config = dict(body["quotaConfig"])
        value = config["preferredValue"]
        config["preferredValue"] = str(int(value) if isinstance(value, float) else value)
        answer = self._call(ctx, "PATCH", name, {**body, "quotaConfig": config})
        return _outputs(inputs, answer)

    def _call(
        self, ctx: Context, verb: str, name: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """One request, repeated while the service is busy or not there.

        Raises:
            NotFound: there is no such preference.
            ProviderError: the service refused, in its own words.
        """
        import google.auth
        from google.auth import exceptions as auth
        from google.auth.transport.requests import AuthorizedSession
        from requests.exceptions import RequestException

        self._cloud.verify_project()
        base = os.environ.get(_VARIABLE) or _ADDRESS
        query = "?allowMissing=true" if verb == "PATCH" else ""
        pause_s = _FIRST_PAUSE_S
        for attempt in range(_TRIES):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    credentials, _ = google.auth.default(scopes=[_SCOPE])
                session = AuthorizedSession(credentials)
                answer = session.request(
                    verb, f"{base}/v1/{name}{query}", json=body, timeout=_TIMEOUT_S
                )
            except auth.GoogleAuthError as error:
                raise ProviderError(f"{name}: {error}") from error
            except RequestException as error:
                # Reading and setting say what shall be, so a lost answer does no harm.
                if attempt == _TRIES - 1:
                    raise ProviderError(f"{name}: {error}") from error
            else:
                if not _busy(answer) or attempt == _TRIES - 1:
                    break
            ctx.wait(pause_s)
            pause_s *= 2
        found: dict[str, Any] = answer.json() if answer.content else {}
        if answer.status_code == 404:
            raise NotFound(f"there is no {name}")
        if answer.status_code >= 400:
            words = found.get("error", {}).get("message", f"status {answer.status_code}")
            raise ProviderError(f"{name}: {words}")
        return found


def _busy(answer: Any) -> bool:
    if answer.status_code == 409:
        return bool(answer.json().get("error", {}).get("status") == _IN_THE_WAY)
    return answer.status_code in _BUSY


def _outputs(inputs: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    granted = answer.get("quotaConfig", {}).get("grantedValue")
    return {
        **inputs,
        "grantedValue": str(granted) if granted is not None else "",
        "reconciling": bool(answer.get("reconciling", False)),
    }
