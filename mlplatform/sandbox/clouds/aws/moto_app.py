"""moto behind a function call, with ids and times that depend on the request alone.

A journal can only bring state back if replaying it gives the same key ids, role ids and creation
times. moto takes its ids from one random source, which is seeded here before each request, and
its times from one function, which is made to tell the time of the request.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import moto.backends
import moto.core.utils
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from mlplatform.sandbox.clouds.aws import moto_changes
from mlplatform.sandbox.clouds.aws.wire import DEFAULT_ACCOUNT, Answer, Request

_CLOCK_NAME = "_mlplatform_clock"


class Moto:
    """All services of moto. Not for several threads: the caller holds a lock."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._now: float | None = None
        self._opened: set[tuple[str, str, str]] = set()
        self._install_clock()
        moto_changes.install()

    def account_of(self, request: Request) -> str:
        """Whose credentials these are; roles and users that moto made are known to moto."""
        if request.account:
            return request.account
        from moto.iam.models import get_account_id_from

        return str(get_account_id_from(request.access_key)) or DEFAULT_ACCOUNT

    def answer(self, request: Request, *, now: float, seed: str) -> Answer:
        """Let moto answer. Whatever it raises reaches the caller."""
        account = self.account_of(request)
        with self._at(now):
            self._open(request.service, account, request.region)
            mock_random.seed(_number(seed))
            return self._called(request)

    def reset(self) -> None:
        """Forget everything."""
        BackendDict.reset()
        reset_model_data()
        self._opened.clear()

    def _called(self, request: Request) -> Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started[:] = [int(status.split()[0]), headers]
            return lambda _: None

        chunks = self._app(request.for_moto(), start_response)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        return started[0], list(started[1]), body

    def _open(self, service: str, account: str, region: str) -> None:
        """Make a service's first objects (such as default networks) with ids of their own.

        Otherwise they would come from whichever request happens to be the first, and after a
        restart that is another one.
        """
        place = (service, account, region)
        if place in self._opened:
            return
        self._opened.add(place)
        mock_random.seed(_number("/".join(place)))
        try:
            backend = moto.backends.get_backend(service)
            backend[account][region]
        except (ImportError, KeyError, AttributeError):
            return  # a service that moto lacks or that has no regions

    @contextmanager
    def _at(self, now: float) -> Iterator[None]:
        self._now = now
        try:
            yield
        finally:
            self._now = None

    def _install_clock(self) -> None:
        """Exchange the code of ``moto.core.utils.utcnow``.

        The modules of moto hold the function itself, so a new function under its name would
        reach none of them.
        """

        def clock() -> datetime.datetime:
            if self._now is None:
                return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
            return datetime.datetime.fromtimestamp(self._now, datetime.UTC).replace(tzinfo=None)

        setattr(moto.core.utils, _CLOCK_NAME, clock)
        moto.core.utils.utcnow.__code__ = _told.__code__


def _told() -> Any:
    return _mlplatform_clock()  # type: ignore[name-defined]  # noqa: F821 - a name in moto's module


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
