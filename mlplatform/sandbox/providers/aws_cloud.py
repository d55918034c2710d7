"""Calls to the local AWS cloud: boto3, imported at the first call, with retries that can be
cancelled.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from mlplatform.provider.model import Context, ProviderError

# What AWS answers while a new identity is not visible everywhere yet. The real provider retries
# these for two minutes (terraform-provider-aws, iam propagation timeout).
_NOT_YET = re.compile(
    r"cannot be assumed|could not assume|unable to assume|not authorized to perform: sts:AssumeRole"
    r"|invalid principal|role .* (is invalid|does not exist)|no role found|trust relationship",
    re.IGNORECASE,
)
_BUSY = re.compile(
    r"DependencyViolation|DeleteConflict|ResourceInUse|ConflictException|OperationAborted"
    r"|in-progress|InProgress|concurrent"
)
_SLOW_DOWN = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
    | {"SlowDown", "PriorRequestNotComplete"}
)
_TAKEN = re.compile(r"already.?exist|AlreadyOwnedByYou|Duplicate", re.IGNORECASE)
_GONE = re.compile(
    r"NotFound|NoSuch|\b404\b|could not find|does not exist|not found|ResourceNotFound",
    re.IGNORECASE,
)
_PROPAGATION_S = 120.0
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0
_TRIES_WHEN_BUSY = 12
_TRIES_WHEN_BROKEN = 4


class CallFailed(ProviderError):  # noqa: N818 - reads as what happened
    """AWS refused a call. code: AWS's error code; the message names the operation.

    offered: False when the local cloud has no such call (it then answers with an error page).
    """

    def __init__(self, operation: str, code: str, message: str, status: int) -> None:
        missing = status == 501 or code == "UnknownOperationException"
        self.offered = not (missing or message.lstrip().startswith("<"))
        if not self.offered:
            message = "the local cloud does not offer this call"
        super().__init__(f"{operation}: {message} ({code})")
        self.code = code
        self.status = status
        self.text = message

    @property
    def taken(self) -> bool:
        """True when the answer means that an object of this name is there already."""
        return bool(_TAKEN.search(self.code) or _TAKEN.search(self.text))

    @property
    def gone(self) -> bool:
        """True when the answer means that the object is not there."""
        return self.status == 404 or bool(_GONE.search(self.code) or _GONE.search(self.text))


class Cloud:
    """Clients for one endpoint. boto3 is not safe at first use, so everything lazy is behind a
    lock.
    """

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = "") -> Any:
        """The client of a service, made once per region."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                import boto3
                from botocore.config import Config

                self._session = self._session or boto3.session.Session()
                self._clients[key] = self._session.client(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=key[1],
                    config=Config(
                        retries={"total_max_attempts": 1},
                        parameter_validation=False,
                        s3={"addressing_style": "path"},
                        max_pool_connections=50,
                    ),
                )
            return self._clients[key]

    def call(
        self, ctx: Context, service: str, operation: str, params: dict[str, Any], region: str = ""
    ) -> dict[str, Any]:
        """One call; all pages of it. Waits for new identities and through throttles.

        Raises CallFailed with AWS's own message, Cancelled when the engine stops.
        """
        client = self.client(service, region)
        waited, pause, tries = 0.0, _FIRST_WAIT_S, 0
        while True:
            try:
                return self._once(client, operation, params)
            except CallFailed as error:
                tries += 1
                if not self._again(error, waited, tries):
                    raise
            ctx.wait(pause)
            waited, pause = waited + pause, min(pause * 1.6, _LONGEST_WAIT_S)

    @staticmethod
    def _again(error: CallFailed, waited: float, tries: int) -> bool:
        if _NOT_YET.search(error.text):
            return waited < _PROPAGATION_S
        if error.code in _SLOW_DOWN or error.status == 429:
            return waited < _PROPAGATION_S
        if error.offered and error.status >= 500:
            return tries < _TRIES_WHEN_BROKEN
        return (
            not error.taken
            and tries < _TRIES_WHEN_BUSY
            and bool(_BUSY.search(error.code) or _BUSY.search(error.text))
        )

    @staticmethod
    def _once(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError

        name = xform_name(operation)
        try:
            if client.can_paginate(name):
                pages = client.get_paginator(name).paginate(**params)
                return dict(pages.build_full_result())
            return dict(getattr(client, name)(**params))
        except ClientError as error:
            said = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            code, text = said.get("Code", "Unknown"), said.get("Message", "")
            raise CallFailed(operation, str(code), str(text), status) from None
        except BotoCoreError as error:
            text = f"the local AWS cloud does not answer: {error}"
            raise CallFailed(operation, type(error).__name__, text, 0) from None
