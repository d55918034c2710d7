"""InvokeEndpoint asks an endpoint that exists and is in service; moto gives the answer."""

from __future__ import annotations

from urllib.parse import unquote

from mlplatform.sandbox.clouds.aws.refusal import Refusal
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import endpoints, live
from mlplatform.sandbox.clouds.aws.world import World

SERVING = ("InService", "Updating", "RollingBack", "SystemUpdating")


def _must_serve(world: World, ask: Ask) -> None:
    """``Refusal`` unless the endpoint serves; moto alone would answer for any name."""
    name = unquote(ask.call.path.split("/")[2])
    document = endpoints.peek(world, ask.place, name, ask.call.now)
    if document is None or live.status(document, ask.call.now) not in SERVING:
        text = f"Endpoint {name} of account {ask.call.account} not found."
        raise Refusal("ValidationError", text)


for _operation in ("InvokeEndpoint", "InvokeEndpointAsync"):
    handles("sagemaker-runtime", _operation)(_must_serve)
