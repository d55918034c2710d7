"""Provider functions: who I am, looking a resource up, its keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts import azure as contract
from mlplatform.provider.model import Context, ProviderError
from mlplatform.sandbox.providers.azure_arm import Arm

_ME = "azure-native:authorization:getClientConfig"
_DEPLOYER = "00000000-0000-0000-0000-0000000000dd"
_CALL = re.compile(r"(azure-native:\w+):(get|list)(\w+?)(Keys|Credentials|SharedKeys|Token)?")
_ACTIONS = {"Keys": "listKeys", "Credentials": "listCredentials", "SharedKeys": "sharedKeys"}


def invoke(
    arm: Arm, token: str, args: Mapping[str, Any], *, subscription: str, tenant: str
) -> dict[str, Any]:
    """The result of one function; an unknown one is refused, because an invented result would
    look real.
    """
    if token == _ME:
        return {
            "clientId": _DEPLOYER,
            "objectId": _DEPLOYER,
            "subscriptionId": subscription,
            "tenantId": tenant,
        }
    found = _CALL.fullmatch(token)
    noun = f"{found[1]}:{found[3]}" if found else ""
    if found is None or noun not in contract.types():
        raise ProviderError(f"the sandbox does not know the function {token}")
    request, problems = contract.request(noun, args, subscription)
    missing = [problem for problem in problems if problem.path in contract.types()[noun].in_path]
    if missing:
        raise ProviderError("; ".join(map(str, missing)))
    ctx = Context(urn="", token=token, name="")
    version = request.api_version
    if found[2] == "get" and found[4] is None:
        _, _, answer = arm.call(ctx, "GET", request.path, api_version=version)
        return contract.outputs(noun, answer)
    action = "token" if found[4] == "Token" else _ACTIONS.get(found[4] or "", "listKeys")
    _, _, answer = arm.call(ctx, "POST", f"{request.path}/{action}", api_version=version, body={})
    return dict(answer)
