"""The process around a local cloud: options, one process per folder, ports, address file, end.

A cloud's ``__main__`` is::

    def main() -> int:
        with frame.opened() as options:
            socket = frame.listen(frame.former_port(options.directory, "http"))
            server = frame.HttpServer(app, socket)
            ports = {"http": server.port}
            return frame.run(options, [server], ports=ports, public=..., environ=...)

The socket is bound before state is read back, so that clients which already know the port wait
instead of being refused; the address file appears only when everything answers.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mlplatform.sandbox.lock import Held, locked

LOOPBACK = "127.0.0.1"
ADDRESS_FILE = "address.json"
DELAY_VARIABLE = "MLP_SANDBOX_DELAY_S"
DEFAULT_DELAY_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a local cloud is started with.

    ``directory`` keeps its state. ``delay_s`` (0..60 seconds) is how long a transitional state
    lasts and how long a new identity stays unknown to other services; 0 turns both off.
    """

    directory: Path
    delay_s: float


class Server(Protocol):
    """Anything that serves from ``start`` to ``stop`` in threads of its own."""

    def start(self) -> object: ...

    def stop(self) -> object: ...


def delay_s(environ: Mapping[str, str]) -> float:
    """The delay from the environment; ValueError with one line when it is no number in 0..60."""
    text = environ.get(DELAY_VARIABLE, "")
    try:
        value = float(text) if text else DEFAULT_DELAY_S
    except ValueError:
        value = -1.0
    if not 0 <= value <= 60:
        raise ValueError(f"{DELAY_VARIABLE}: got {text!r}, allowed: seconds from 0 to 60")
    return value


@contextmanager
def opened(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[Options]:
    """Options of this process, while it holds the folder: a second process would mix its state in.

    Exits with one line when the folder is held or the delay is no number.
    """
    parser = argparse.ArgumentParser(description="Serve a local cloud on loopback.")
    parser.add_argument("--dir", type=Path, required=True, help="folder for address and state")
    directory: Path = parser.parse_args(argv).dir
    directory.mkdir(parents=True, exist_ok=True)
    try:
        delay = delay_s(environ)
        with locked(directory / "lock"):
            yield Options(directory=directory, delay_s=delay)
    except (Held, ValueError) as refusal:
        sys.exit(str(refusal))


def read_address(directory: Path) -> dict[str, Any]:
    """What the address file says; empty when there is none or it is unreadable."""
    try:
        found = json.loads((directory / ADDRESS_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def former_port(directory: Path, name: str) -> int:
    """The port that the last process in this folder had under ``name``; 0 when unknown."""
    port = read_address(directory).get("ports", {}).get(name, 0)
    return port if isinstance(port, int) and 0 < port < 65536 else 0


def listen(port: int) -> socket.socket:
    """A listening loopback socket on ``port`` when it is free, else on any free port."""
    for wanted in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, wanted))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise OSError(f"no free port on {LOOPBACK}")


def _closing(handler: type[Any]) -> type[Any]:
    """A handler that hangs up when the application raises ConnectionError.

    werkzeug's own would keep the connection open for a next request, and a client that waits for
    an answer would wait until its time is up.
    """

    def dropped(self: Any, error: BaseException, environ: object = None) -> None:
        del error, environ
        self.close_connection = True

    return type("ClosingHandler", (handler,), {"connection_dropped": dropped})


class HttpServer:
    """A threaded HTTP or HTTPS server for a WSGI application on an already listening socket."""

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        handler: type[Any] = WSGIRequestHandler,
    ) -> None:
        # No line per request: the control API has the log, and nobody reads the output.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.port: int = listener.getsockname()[1]
        self._server: BaseWSGIServer = make_server(
            LOOPBACK,
            self.port,
            app,
            threaded=True,
            request_handler=_closing(handler),
            ssl_context=tls,
            fd=listener.fileno(),
        )
        listener.close()  # the server has its own duplicate of the descriptor
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()


def write_address(
    directory: Path,
    *,
    ports: Mapping[str, int],
    public: Mapping[str, Any],
    environ: Mapping[str, str],
) -> None:
    """Write the address file in one step, so that a reader never sees half of it."""
    content = {
        "pid": os.getpid(),
        "ports": dict(ports),
        "public": dict(public),
        "environ": dict(environ),
    }
    aside = directory / f"{ADDRESS_FILE}.{os.getpid()}"
    aside.write_text(json.dumps(content, indent=2) + "\n")
    aside.replace(directory / ADDRESS_FILE)


def run(
    options: Options,
    servers: Iterable[Server],
    *,
    ports: Mapping[str, int],
    public: Mapping[str, Any],
    environ: Mapping[str, str],
) -> int:
    """Start the servers, tell the address, and return 0 after SIGTERM or SIGINT.

    The address file stays when the process ends: it keeps the ports for the next start. Whether
    its process lives is told by the pid and by the port answering.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    running = list(servers)
    for server in running:
        server.start()
    write_address(options.directory, ports=ports, public=public, environ=environ)
    ended.wait()
    for server in running:
        server.stop()
    return 0
