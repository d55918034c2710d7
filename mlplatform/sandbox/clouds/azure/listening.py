"""Sockets with TLS, and one request at a time out of them."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.demands import Dropped


class TlsServer(ThreadingHTTPServer):
    """Takes the TLS handshake out of the accepting thread."""

    daemon_threads = True

    def __init__(
        self, listener: socket.socket, context: ssl.SSLContext, handler: type[Handler]
    ) -> None:
        self.tls = context
        self.port: int = listener.getsockname()[1]
        super().__init__(listener.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def start(self) -> None:
        serve = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        serve.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(ssl.SSLError, ConnectionError, TimeoutError):
            secured = self.tls.wrap_socket(request, server_side=True)
            try:
                super().finish_request(secured, client_address)
            finally:
                with contextlib.suppress(OSError):
                    secured.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Handler(BaseHTTPRequestHandler):
    """What both services share: reading a request, writing one answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 120

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        del format, args

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        url = urllib.parse.urlsplit(self.path)
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        query = {name.lower(): value for name, value in pairs}
        try:
            answer = self.answer(url.path, query, body)
        except Dropped:
            self.close_connection = True
            return
        self._send(answer)

    def answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def _chunks(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return b""
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _send(self, answer: Answer) -> None:
        body = answer.body
        content = body if isinstance(body, bytes) else b""
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body).encode()
        self.send_response(answer.status)
        request = str(uuid.uuid4())
        headers = {
            "Content-Type": "application/json",
            "x-ms-request-id": request,
            "x-ms-correlation-request-id": self.headers.get("x-ms-correlation-request-id", request),
        }
        headers |= answer.headers
        if self.command != "HEAD" or "Content-Length" not in headers:
            headers["Content-Length"] = str(len(content))
        if answer.status == 204:
            headers.pop("Content-Type")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = handle_any  # noqa: N815
