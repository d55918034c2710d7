"""Invoking an endpoint: moto makes up the answer, this sees to it that the endpoint serves.

moto answers for endpoints that do not exist.
"""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.aws.errors import ServiceError
from mlplatform.sandbox.clouds.aws.state import Home
from mlplatform.sandbox.clouds.aws.wire import Request

_PATH = re.compile(r"/endpoints/([^/]+)/(async-)?invocations(-response-stream)?")


def require_serving(request: Request, home: Home) -> None:
    """Refuse an invocation of an endpoint that is not there or serves nothing yet."""
    found = _PATH.fullmatch(request.path)
    if found is None:
        return
    endpoint = home.endpoints.get(found.group(1))
    if endpoint is None or endpoint.serves is None or endpoint.status == "Deleting":
        raise ServiceError(
            "ValidationError",
            f"Endpoint {found.group(1)} of account {home.account} not found.",
        )
