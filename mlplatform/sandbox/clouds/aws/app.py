"""The front of the local AWS: a WSGI application that every request passes.

In this order: the request is read, a fault on demand takes it, its parameters are held against
the service's model, a handler of ours or moto answers, the answer is noted in the log.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from typing import Any

from mlplatform.sandbox.clouds.aws import guards, nouns, request, shapes, wire
from mlplatform.sandbox.clouds.aws.refusal import Refusal
from mlplatform.sandbox.clouds.aws.registry import Ask
from mlplatform.sandbox.clouds.aws.request import Call
from mlplatform.sandbox.clouds.aws.world import World
from mlplatform.sandbox.clouds.faults import Fault, Faults
from mlplatform.sandbox.clouds.request_log import RequestLog

OWN_FAULTS = ("timeout", "rollback", "fail_create", "slow")
"""Kinds of faults beyond those of every cloud.

``timeout``: as ``no_answer``. ``rollback``: an accepted UpdateEndpoint goes back to the former
configuration. ``fail_create``: an accepted CreateEndpoint ends as Failed. ``slow``: the
transitional state of an accepted operation lasts ``delay_s``.
"""

_HANDLERS = nouns.REGISTRY


class App:
    """WSGI application over a world, with faults and a request log."""

    def __init__(self, world: World, faults: Faults, log: RequestLog) -> None:
        self._world = world
        self._faults = faults
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = request.read(environ, _body(environ), time.time())
        names = (call.operation, f"{call.service}.{call.operation}")
        text = f"{call.path}?{call.query}\n{call.body.decode('utf-8', 'replace')}"
        fault = self._faults.take(*names, text=text)
        if fault is not None and fault.kind != "slow":
            time.sleep(fault.delay_s)
        if fault is not None and fault.kind in ("no_answer", "timeout"):
            self._note(call, 0)
            raise ConnectionAbortedError
        answer = self._answer(call, fault)
        if fault is not None and fault.kind == "lost_answer":
            self._note(call, 0)
            raise ConnectionAbortedError
        self._note(call, answer.status)
        start_response(f"{answer.status} {_reason(answer.status)}", list(answer.headers))
        return [answer.body]

    def _note(self, call: Call, status: int) -> None:
        self._log.note(call.operation, status, service=call.service, account=call.account)

    def _answer(self, call: Call, fault: Fault | None) -> wire.Answer:
        request_id = str(uuid.uuid4())
        try:
            if fault is not None:
                _refuse_on_demand(call, fault)
            return self._perform(call, fault, request_id)
        except Refusal as refusal:
            said = refusal
        except NotImplementedError:
            text = f"the local AWS has no operation {call.operation} of {call.service}"
            said = Refusal("UnknownOperationException", text)
        except Exception as defect:
            # moto raises whatever its code runs into. A 5xx would make clients repeat the
            # request until they give up; nothing would be different the next time.
            text = f"the local AWS cannot perform {call.operation} of {call.service}: {defect!r}"
            said = Refusal("SandboxLimitation", text)
        return wire.error(
            said,
            service=call.service,
            content_type=str(call.environ.get("CONTENT_TYPE", "")),
            cbor=call.environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor",
            request_id=request_id,
        )

    def _perform(self, call: Call, fault: Fault | None, request_id: str) -> wire.Answer:
        if not call.path.startswith("/moto-api"):
            params = shapes.checked(call)
            ask = Ask(call=call, params=params, fault=fault)
            handler = _HANDLERS.find(request.botocore_name(call.service, call.path), call.operation)
            if handler is not None:
                with self._world.documents.lock:
                    value = handler(self._world, ask)
                if value is not None:
                    return wire.result(value, request_id)
            guards.hold(self._world, ask)
        answer = self._world.moto.perform(call)
        if answer.status == 500:
            raise RuntimeError(answer.body[:300].decode("utf-8", "replace"))
        return answer


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    if length:
        return bytes(stream.read(int(length)))
    return bytes(stream.read()) if environ.get("wsgi.input_terminated") else b""


def _reason(status: int) -> str:
    return "OK" if status < 400 else "Refused"


def _refuse_on_demand(call: Call, fault: Fault) -> None:
    if fault.kind == "error":
        status = fault.status or 400
        usual = "ValidationException" if status < 500 else "InternalFailure"
        code = fault.code or usual
        raise Refusal(code, fault.message or f"{code} on demand of the sandbox", status)
    if fault.kind == "throttle":
        code, status = ("SlowDown", 503) if call.service == "s3" else ("ThrottlingException", 400)
        raise Refusal(fault.code or code, fault.message or "Rate exceeded", fault.status or status)
    if fault.kind == "quota":
        sagemaker = call.service == "sagemaker"
        code = "ResourceLimitExceeded" if sagemaker else "LimitExceededException"
        text = (
            "The account-level service limit for this resource is 0, with current utilization of 0 "
            "and a request delta of 1. Please use AWS Service Quotas to request an increase for "
            "this quota."
        )
        raise Refusal(fault.code or code, fault.message or text, fault.status or 400)
