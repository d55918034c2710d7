"""The HTTP side: routing, faults, and the log of requests."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from typing import Any

from mlplatform.sandbox.clouds.azure import (
    actions,
    arm,
    blobs,
    demands,
    history,
    lists,
    metrics,
    operations,
    tokens,
    versions,
)
from mlplatform.sandbox.clouds.azure.address import Address, parse
from mlplatform.sandbox.clouds.azure.answer import Answer, ArmError
from mlplatform.sandbox.clouds.azure.blob_place import BlobRequest
from mlplatform.sandbox.clouds.azure.demands import Dropped
from mlplatform.sandbox.clouds.azure.listening import Handler
from mlplatform.sandbox.clouds.azure.world import TENANT, World
from mlplatform.sandbox.clouds.control import PREFIX, Control
from mlplatform.sandbox.clouds.faults import Faults
from mlplatform.sandbox.clouds.request_log import RequestLog

_API_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-preview|-alpha|-beta)?")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STATUS = re.compile(r"/operationStatuses/([\w-]+)$", re.IGNORECASE)
_RESULT = re.compile(r"/operationResults/([\w-]+)$", re.IGNORECASE)
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def arm_handler(world: World, faults: Faults, log: RequestLog, control: Control) -> type[Handler]:
    """The handler of Resource Manager, with the control API beside it."""

    class ArmHandler(Handler):
        def answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
            base = "https://" + self.headers.get("Host", "localhost")
            path = "/" + urllib.parse.unquote(path).strip("/")
            if path.startswith(PREFIX.rstrip("/")):
                with world.lock:
                    operations.settle(world)
                    if path == f"{PREFIX}metrics":
                        status, value = metrics.control(world, self.command, body)
                        return Answer(status=status, body=value)
                status, value = control.answer(self.command, path, body)
                return Answer(status=status, body=value)
            named = self.headers.get("X-IDENTITY-HEADER", "")
            open_ = _unauthenticated(path, query, body, base, world, named)
            if open_ is not None:
                return open_
            return self._arm(path, query, body, base)

        def _arm(self, path: str, query: dict[str, str], body: bytes, base: str) -> Answer:
            operation = operation_name(self.command, path)
            polled = (_STATUS.search(path) or _RESULT.search(path)) is not None
            text = "" if polled else path + body.decode(errors="replace")
            fault = None if polled else faults.take(operation, text=text)
            if fault is not None and fault.delay_s:
                time.sleep(fault.delay_s)
            try:
                demands.before(fault)
                self._check(path, query)
                given = _json(body)
                with world.lock:
                    operations.settle(world)
                    fail = demands.failure(fault)
                    maker = self.headers.get(arm.MAKER, "")
                    tenant = tokens.tenant_of(self.headers.get("Authorization", ""))
                    answer = route(
                        world, self.command, path, query, given, base, fail, maker, tenant
                    )
                demands.after(fault)
            except ArmError as error:
                answer = error.answer()
            except Dropped:
                log.note(operation, 0, method=self.command, path=path)
                raise
            log.note(operation, answer.status, method=self.command, path=path)
            return answer

        def _check(self, path: str, query: dict[str, str]) -> None:
            if path == "/discovery":
                return
            if not self.headers.get("Authorization", "").startswith("Bearer "):
                raise ArmError(
                    401,
                    "AuthenticationFailed",
                    "Authentication failed. The 'Authorization' header is missing.",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            version = query.get("api-version")
            if path.startswith("/history/"):
                return
            if version is None:
                raise ArmError(
                    400,
                    "MissingApiVersionParameter",
                    "The api-version query parameter (?api-version=) is required for all requests.",
                )
            if not _API_VERSION.fullmatch(version):
                raise ArmError(
                    400,
                    "InvalidApiVersionParameter",
                    f"The api-version '{version}' is invalid.",
                )

    return ArmHandler


def blob_handler(world: World, log: RequestLog) -> type[Handler]:
    """The handler of the blob service."""

    class BlobHandler(Handler):
        def answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = BlobRequest(
                method=self.command, path=path, query=query, headers=headers, body=body
            )
            with world.lock:
                operations.settle(world)
                answer = blobs.handle(world, request)
            log.note(f"blob/{self.command}", answer.status, method=self.command, path=path)
            return answer

    return BlobHandler


def route(
    world: World,
    method: str,
    path: str,
    query: dict[str, str],
    body: Any,
    base: str,
    fail: Any,
    maker: str,
    tenant: str,
) -> Answer:
    """One request to Resource Manager. tenant: the caller's."""
    polled = _STATUS.search(path)
    if polled:
        return operations.status(world, polled[1])
    ended = _RESULT.search(path)
    if ended:
        version = query.get("api-version", "")
        return operations.result(world, ended[1], f"{base}{path}?api-version={version}")
    beside = history.answer(world, method, path)
    if beside is not None:
        return beside
    if method == "POST":
        return actions.post(world, path, body)
    if method in ("GET", "HEAD"):
        other = actions.get(world, path, query, base + path) or metrics.answer(world, path, query)
        if other is not None:
            return other
    address = parse(path)
    if address is None:
        raise ArmError(404, "InvalidResourceType", f"The path '{path}' is no resource.")
    if method in ("GET", "HEAD"):
        return _read(world, address, method, query, tenant, base + path)
    if address.name is None:
        raise ArmError(405, "HttpMethodNotSupported", f"{method} is not supported at '{path}'.")
    if method == "DELETE":
        return arm.delete(world, address, query, base=base, fail=fail)
    versions.check(address, query.get("api-version", ""), body)
    patch = method == "PATCH"
    return arm.write(world, address, body, patch=patch, base=base, fail=fail, maker=maker)


def operation_name(method: str, path: str) -> str:
    """The name that role definitions and the activity log use, such as `.../vaults/write`."""
    if method == "POST":
        target, _, action = path.rpartition("/")
        found = parse(target)
        return f"{found.type if found else target}/{action}/action"
    found = parse(path)
    return f"{found.type if found else path}/{_VERBS.get(method, method)}"


def _read(
    world: World, address: Address, method: str, query: dict[str, str], tenant: str, url: str
) -> Answer:
    if address.name is None:
        return lists.collection(world, address, query, url)
    answer = arm.read(world, address, tenant)
    return Answer(status=204) if method == "HEAD" else answer


def _unauthenticated(
    path: str, query: dict[str, str], body: bytes, base: str, world: World, named: str
) -> Answer | None:
    """Metadata and tokens. named: what the caller's IDENTITY_HEADER says, a tenant or anything."""
    if path == "/metadata/endpoints":
        suffix = f"{blobs.STORAGE_USER}@" + world.blob_endpoint.removeprefix("https://")
        cloud = tokens.cloud_metadata(base, suffix)
        one = query.get("api-version", "").startswith("2015")
        return Answer(status=200, body=cloud if one else [cloud])
    if path == "/msi/token":
        tenant = named if _GUID.fullmatch(named) else TENANT
        return Answer(status=200, body=tokens.token_answer(query.get("resource", ""), tenant))
    if path.endswith(("/oauth2/v2.0/token", "/oauth2/token")):
        scope = dict(urllib.parse.parse_qsl(body.decode())).get("scope", "")
        answer = tokens.token_answer(scope)
        answer |= {name: int(answer[name]) for name in ("expires_in", "ext_expires_in")}
        return Answer(status=200, body=answer)
    if path.endswith("/.well-known/openid-configuration"):
        return Answer(status=200, body=tokens.openid_configuration(base, path.split("/")[1]))
    if path == "/common/discovery/instance":
        return Answer(status=200, body=tokens.instance_discovery(base))
    return None


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise ArmError(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        ) from None
