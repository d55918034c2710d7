"""moto, run so that replaying its requests gives the same cloud again.

Two things differ between a request and its replay: chance and the clock. moto draws ids from
one generator, so it is seeded with the request's number before every change; where moto asks
the operating system for random bytes instead (upload ids, key material), its modules get the
seeded ones. moto reads the clock through one function, which answers with the request's own time.

All requests pass one lock: moto itself is not safe for threads, and a second request in between
would draw from the same generator.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import moto.core.utils
from moto.backends import get_backend
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from mlplatform.sandbox.clouds.aws import request
from mlplatform.sandbox.clouds.aws.wire import Answer
from mlplatform.sandbox.clouds.journal import Journal

LARGE_BODY = 64 * 1024
"""Bodies above this many bytes are kept in files of their own, so that the journal stays small."""

_ASKS_THE_SYSTEM = ("moto.s3.models", "moto.kms.models", "moto.kms.utils", "moto.kms.responses")
_ENVIRON = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_URI", "CONTENT_TYPE")
_SERVER = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1"}

_moment = threading.local()
_real_utcnow = moto.core.utils.utcnow


def _utcnow() -> datetime.datetime:
    """The time of the request that this thread performs, else the clock's; naive, in UTC."""
    at = getattr(_moment, "at", None)
    if at is None:
        now: datetime.datetime = _real_utcnow()
        return now
    return datetime.datetime.fromtimestamp(at, datetime.UTC).replace(tzinfo=None)


class _SeededSystem:
    """``os`` for moto's modules, with random bytes from moto's own generator."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    @staticmethod
    def urandom(count: int) -> bytes:
        drawn: bytes = mock_random.randbytes(count)
        return drawn


class MotoCloud:
    """moto with a journal in ``directory``. Opening replays it."""

    def __init__(self, directory: Path) -> None:
        self.lock = threading.RLock()
        self._bodies = directory / "bodies"
        self._journal = Journal(directory / "journal")
        self._app = DomainDispatcherApplication(create_backend_app)
        self._number = 0
        _take_over_the_clock()
        self._replay()

    def perform(self, call: request.Call) -> Answer:
        """moto's answer. A change that succeeded is in the journal before this returns."""
        with self.lock:
            answer = self._run(call, self._number)
            if call.changes_something and answer.status < 400:
                self._journal.append(self._record(call))
                self._number += 1
            return answer

    def backend(self, service: str, account: str, region: str) -> Any:
        """moto's own objects, for questions that no request answers. Hold ``lock`` meanwhile."""
        return get_backend(service)[account][region]

    def accounts(self, service: str) -> Iterator[tuple[str, str, Any]]:
        """Account, region and backend for every account that used the service."""
        with self.lock:
            for account, regions in list(get_backend(service).items()):
                for region, backend in list(regions.items()):
                    yield account, region, backend

    def reset(self) -> None:
        """An empty cloud and an empty history."""
        with self.lock:
            self._journal.clear()
            shutil.rmtree(self._bodies, ignore_errors=True)
            _empty_moto()
            self._number = 0

    def _run(self, call: request.Call, number: int) -> Answer:
        if call.changes_something:
            mock_random.seed(number)
        got = SimpleNamespace(status=500, headers=())

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            got.status, got.headers = int(status.split()[0]), tuple(headers)

        with _at(call.now):
            environ = call.for_wsgi()
            app = self._app.get_application(environ)
            _seed_the_system()
            chunks: Iterable[bytes] = app(environ, start_response)
            body = b"".join(chunks)
        return Answer(status=got.status, headers=got.headers, body=body)

    def _replay(self) -> None:
        for record in self._journal.records():
            environ = {**_SERVER, "wsgi.url_scheme": "http", **record["environ"]}
            call = request.read(environ, self._body(record), record["at"])
            self._run(call, record["number"])
            self._number = record["number"] + 1

    def _record(self, call: request.Call) -> dict[str, Any]:
        environ = {
            key: value
            for key, value in call.environ.items()
            if key in _ENVIRON or key == PRESERVED_HEADER_NAMES_ENVIRON_KEY or _is_header(key)
        }
        record = {"number": self._number, "at": call.now, "environ": environ}
        if len(call.body) <= LARGE_BODY:
            return {**record, "body": base64.b64encode(call.body).decode()}
        name = hashlib.sha256(call.body).hexdigest()
        kept = self._bodies / name
        if not kept.exists():
            self._bodies.mkdir(exist_ok=True)
            aside = kept.with_suffix(".new")
            aside.write_bytes(call.body)
            aside.replace(kept)
        return {**record, "body_file": name}

    def _body(self, record: Mapping[str, Any]) -> bytes:
        if "body_file" in record:
            return (self._bodies / record["body_file"]).read_bytes()
        return base64.b64decode(record["body"])


def _is_header(key: str) -> bool:
    return key.startswith("HTTP_") and key != "HTTP_X_MOTO_ACCOUNT_ID"


@contextmanager
def _at(moment: float) -> Iterator[None]:
    before = getattr(_moment, "at", None)
    _moment.at = moment
    try:
        yield
    finally:
        _moment.at = before


def _take_over_the_clock() -> None:
    """Put our clock in place of moto's, also where a module took a reference already."""
    moto.core.utils.utcnow = _utcnow
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and getattr(module, "utcnow", None) is _real_utcnow:
            module.utcnow = _utcnow  # type: ignore[attr-defined]


def _seed_the_system() -> None:
    for name in _ASKS_THE_SYSTEM:
        module = sys.modules.get(name)
        if module is not None and module.os is os:
            module.os = _SeededSystem()  # type: ignore[attr-defined]


def _empty_moto() -> None:
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
