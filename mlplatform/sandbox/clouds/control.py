"""The control API of a local cloud, under ``/_sandbox/`` on its main HTTP port.

============================  ===========================================================
``GET /_sandbox/``            ready (for a health check)
``POST /_sandbox/faults``     one fault or a list of them (``faults.Fault`` in JSON)
``GET /_sandbox/faults``      faults that wait for their request
``DELETE /_sandbox/faults``   forget them
``GET /_sandbox/requests``    the request log; ``DELETE`` empties it
``GET /_sandbox/resources``   everything that still exists, one line each
``POST /_sandbox/reset``      an empty cloud: no resources, no faults, no log
============================  ===========================================================

It is no part of the vendor's API: the vendor's clients never ask for these paths.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mlplatform.sandbox.clouds.faults import Faults
from mlplatform.sandbox.clouds.request_log import RequestLog

PREFIX = "/_sandbox/"

Answer = tuple[int, Any]
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Control:
    """Answers the control API. ``resources`` lists what exists; ``reset`` empties the cloud."""

    def __init__(
        self,
        *,
        faults: Faults,
        log: RequestLog,
        resources: Callable[[], list[str]],
        reset: Callable[[], None],
    ) -> None:
        self._faults = faults
        self._log = log
        self._resources = resources
        self._reset = reset

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Status and JSON value for a request under ``/_sandbox/``."""
        handlers: Mapping[tuple[str, str], Callable[[bytes], Answer]] = {
            ("GET", ""): lambda _: (200, {"ready": True}),
            ("GET", "faults"): lambda _: (200, self._faults.waiting()),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): lambda _: self._done(self._faults.clear),
            ("GET", "requests"): lambda _: (200, self._log.entries()),
            ("DELETE", "requests"): lambda _: self._done(self._log.clear),
            ("GET", "resources"): lambda _: (200, self._resources()),
            ("POST", "reset"): lambda _: self._done(self._empty),
        }
        name = path.removeprefix(PREFIX).strip("/")
        handler = handlers.get((method, name))
        if handler is None:
            known = ", ".join(f"{verb} {PREFIX}{noun}" for verb, noun in handlers)
            return 404, {"error": f"no {method} {path}; there is: {known}"}
        return handler(body)

    def wrap(self, app: WsgiApp) -> WsgiApp:
        """The application with the control API in front."""

        def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            if not path.startswith(PREFIX) and path != PREFIX.rstrip("/"):
                return app(environ, start_response)
            length = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(length) if length else b""
            status, value = self.answer(environ["REQUEST_METHOD"], path, body)
            content = json.dumps(value).encode()
            headers = [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(content))),
            ]
            start_response(f"{status} {'OK' if status == 200 else 'Refused'}", headers)
            return [content]

        return wrapped

    def _add_faults(self, body: bytes) -> Answer:
        try:
            given = json.loads(body)
        except ValueError:
            return 400, {"error": "the body is not JSON"}
        several = given if isinstance(given, list) else [given]
        if not all(isinstance(one, dict) for one in several):
            return 400, {"error": "a fault is a JSON object"}
        problems = [problem for one in several for problem in self._faults.add(one)]
        return (400, {"error": "; ".join(problems)}) if problems else (200, {"ok": True})

    def _empty(self) -> None:
        self._faults.clear()
        self._reset()
        self._log.clear()

    @staticmethod
    def _done(action: Callable[[], None]) -> Answer:
        action()
        return 200, {"ok": True}
