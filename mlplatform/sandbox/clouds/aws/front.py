"""The layer in front of moto: faults, one request at a time, journal, dispatch, log.

Requests are answered one after the other, because a journal of requests only brings back a state
that they produced one after the other. Each takes about a millisecond; waiting (delays asked for)
happens outside the lock.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from mlplatform.sandbox.clouds.aws import (
    around_moto,
    endpoint_configs,
    endpoints,
    feature_groups,
    feature_records,
    inference_components,
    job_definitions,
    jobs,
    models,
    monitoring_schedules,
    quotas,
    registry,
    resources,
    scalable_targets,
    scaling_policies,
    shapes,
    tags,
    wire,
)
from mlplatform.sandbox.clouds.aws.errors import ServiceError
from mlplatform.sandbox.clouds.aws.moto_app import Moto
from mlplatform.sandbox.clouds.aws.state import Call, State
from mlplatform.sandbox.clouds.faults import Fault, Faults
from mlplatform.sandbox.clouds.journal import Journal
from mlplatform.sandbox.clouds.request_log import RequestLog

OUTCOMES = ("rollback", "fail_create")
"""Faults that let the operation begin and decide how it ends."""
UNANSWERED = ("no_answer", "timeout")
"""The operation is not performed, and the connection closes without an answer."""
OWN_FAULTS = (*OUTCOMES, "slow", "timeout")
"""What this cloud adds to the faults of every cloud. ``slow``: what the operation starts takes
``delay_s``; ``timeout``: another name for ``no_answer``."""
NOUNS = (
    endpoint_configs,
    endpoints,
    feature_groups,
    inference_components,
    job_definitions,
    jobs,
    models,
    monitoring_schedules,
    quotas,
    scalable_targets,
    scaling_policies,
    tags,
)
"""Modules whose import registers handlers."""

_READS = re.compile(
    r"(Describe|List|Get|Head|BatchGet|Lookup|Search|Query|Scan|Select|Simulate|Test|Validate"
    r"|Filter|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateRandom|Sign|Verify|Invoke)"
)
_UNKNOWN_OPERATION = {
    "json": "UnknownOperationException",
    "cbor": "UnknownOperationException",
    "query": "InvalidAction",
    "ec2": "InvalidAction",
    "rest-xml": "NotImplemented",
    "rest-json": "UnknownOperationException",
}
_FAULT_ANSWERS = {
    "throttle": ("ThrottlingException", "Rate exceeded", 400),
    "quota": (
        "ResourceLimitExceeded",
        "The account-level service limit for this resource is 0 Instances, with current "
        "utilization of 0 Instances and a request delta of 1 Instances. Please contact AWS "
        "support to request an increase for this limit.",
        400,
    ),
    "error": ("InternalFailure", "The request processing has failed because of an error", 400),
}

_THROTTLES = {
    "rest-xml": ("SlowDown", 503),
    "query": ("Throttling", 400),
    "ec2": ("RequestLimitExceeded", 400),
}
"""How services of a protocol word a throttle, where it is not ``ThrottlingException``."""


class Front:
    """The WSGI application of the local AWS, with its state."""

    def __init__(self, journal: Journal, *, delay_s: float) -> None:
        self.faults = Faults(OWN_FAULTS)
        self.log = RequestLog()
        self._journal = journal
        self._delay_s = delay_s
        self._state = State()
        self._moto = Moto()
        self._lock = threading.Lock()
        self._count = 0

    def restore(self) -> int:
        """Replay the journal; returns the number of requests. One line for each that now fails."""
        for record in self._journal.records():
            request = wire.from_record(record)
            self._count = record["number"]
            status, _, _ = self._performed(
                request, record["time"], record["delay_s"], record["outcome"]
            )
            if status >= 400:
                told = f"journal entry {self._count} ({request.operation}) answers {status} now"
                print(told, file=sys.stderr)
        return self._count

    def resources(self) -> list[str]:
        """Everything that exists in any account, one line each."""
        with self._lock:
            return resources.lines(self._state, time.time())

    def reset(self) -> None:
        """An empty cloud."""
        with self._lock:
            self._journal.clear()
            self._state.clear()
            self._moto.reset()
            self._count = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = wire.from_environ(environ)
        operation = request.operation
        fault = self.faults.take(operation, f"{request.service}.{operation}", text=request.text())
        answer = self._answered(request, fault)
        unanswered = fault is not None and fault.kind in (*UNANSWERED, "lost_answer")
        status, headers, body = answer
        self.log.note(operation, 0 if unanswered else status, service=request.service)
        if unanswered:
            raise ConnectionAbortedError("a fault was asked for")
        length = [] if request.method == "HEAD" else [("Content-Length", str(len(body)))]
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        given = [(name, value) for name, value in headers if name.lower() == "content-length"]
        start_response(f"{status} {'OK' if status < 400 else 'Refused'}", kept + (length or given))
        return [body]

    def _answered(self, request: wire.Request, fault: Fault | None) -> wire.Answer:
        delay_s = self._delay_s
        if fault is not None and fault.kind == "slow":
            delay_s = fault.delay_s
        elif fault is not None:
            time.sleep(fault.delay_s)
            if fault.kind in _FAULT_ANSWERS:
                code, message, status = _FAULT_ANSWERS[fault.kind]
                if fault.kind == "throttle":
                    code, status = _THROTTLES.get(request.protocol, (code, status))
                return wire.refusal(
                    request, fault.code or code, fault.message or message, fault.status or status
                )
            if fault.kind in UNANSWERED:
                return 0, [], b""
        outcome = fault.kind if fault is not None and fault.kind in OUTCOMES else ""
        with self._lock:
            now = time.time()
            changes = _changes(request)
            self._count += changes
            answer = self._performed(request, now, delay_s, outcome)
            if changes and answer[0] < 400:
                self._journal.append(
                    {
                        "number": self._count,
                        "time": now,
                        "delay_s": delay_s,
                        "outcome": outcome,
                        **request.to_record(),
                    }
                )
        return answer

    def _performed(
        self, request: wire.Request, now: float, delay_s: float, outcome: str
    ) -> wire.Answer:
        """Answer a request, whatever happens: never with a 5xx that clients would repeat."""
        try:
            answer = self._dispatched(request, now, delay_s, outcome)
        except ServiceError as error:
            return wire.refusal(request, error.code, error.message, error.status)
        except NotImplementedError as error:
            return self._unknown(request, str(error))
        except Exception as error:
            told = f"{request.service} {request.operation}: {type(error).__name__}: {error}"
            return wire.refusal(request, "InternalFailure", f"the local AWS failed at {told}", 400)
        if answer[0] >= 500:
            return self._unknown(request, answer[2].decode("utf-8", "replace")[:200])
        return answer

    def _dispatched(
        self, request: wire.Request, now: float, delay_s: float, outcome: str
    ) -> wire.Answer:
        account = self._moto.account_of(request)
        home = self._state.home(account, request.region)
        home.settle(now)
        if request.protocol in ("json", "query") and request.service in shapes.STRICT_SERVICES:
            if not shapes.knows(request.service, request.operation):
                return self._unknown(request, "no such operation in the service's model")
            params = _parameters(request)
            shapes.check_request(request.service, request.operation, params)
            handler = registry.handler(request.service, request.operation)
            if handler is not None:
                call = Call(
                    state=self._state,
                    home=home,
                    params=params,
                    now=now,
                    delay_s=delay_s,
                    outcome=outcome,
                    ids=random.Random(self._seed(account)),
                )
                value = handler(call)
                if value is not None:
                    shapes.check_answer(request.service, request.operation, value)
                    return wire.json_answer(value)
        if request.service == feature_records.SERVICE:
            return wire.json_answer(feature_records.answer(request, home, now))
        around_moto.before(request, self._state, account)
        answer = self._moto.answer(request, now=now, seed=self._seed(account))
        if answer[0] < 400:
            around_moto.after(request, self._state, account, now)
        return answer

    def _seed(self, account: str) -> str:
        return hashlib.sha256(f"{account}/{self._count}".encode()).hexdigest()

    @staticmethod
    def _unknown(request: wire.Request, why: str) -> wire.Answer:
        message = f"{request.service} {request.operation} is not in the local AWS: {why}"
        return wire.refusal(request, _UNKNOWN_OPERATION[request.protocol], message, 400)


def _changes(request: wire.Request) -> bool:
    """Whether a request may change something and so belongs in the journal."""
    if request.protocol in ("rest-xml", "rest-json"):
        return request.method not in ("GET", "HEAD") and request.service != "sagemaker-runtime"
    return _READS.match(request.operation) is None


def _parameters(request: wire.Request) -> dict[str, Any]:
    try:
        return request.parameters()
    except ValueError as error:
        raise ServiceError("SerializationException", str(error)) from None
