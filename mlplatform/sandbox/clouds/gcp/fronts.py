"""The two fronts of the local cloud: REST (WSGI) and gRPC, plain and over TLS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent import futures
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import grpc
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from mlplatform.sandbox.clouds.gcp import credentials, operations, wire
from mlplatform.sandbox.clouds.gcp.call import Answer, Call
from mlplatform.sandbox.clouds.gcp.cloud import GoogleCloud, NoAnswer
from mlplatform.sandbox.clouds.gcp.refusal import RPC_CODE, Refusal

_GRPC_STATUS = {code.value[0]: code for code in grpc.StatusCode}
_WORKERS = 32
_LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024


class Rest:
    """The WSGI application."""

    def __init__(self, cloud: GoogleCloud) -> None:
        self._cloud = cloud

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            answer = self._answer(environ)
        except NoAnswer:
            raise ConnectionError("no answer on demand") from None
        content = answer.content
        headers = {"Content-Type": "application/json", **answer.headers}
        if content is None:
            content = json.dumps(answer.value).encode()
        headers["Content-Length"] = str(len(content))
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = "Refused"
        start_response(f"{answer.status} {phrase}", list(headers.items()))
        return [content]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        # RAW_URI keeps %2F in object names apart from the slashes of the path.
        raw, _, query = environ["RAW_URI"].partition("?")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        content = environ["wsgi.input"].read(length) if length else _chunks(environ)
        if raw.startswith(credentials.TOKEN_PATH):
            token = credentials.token(raw.removeprefix(credentials.TOKEN_PATH))
            return Answer(value={"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
        headers = {
            key.removeprefix("HTTP_").replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_RANGE")
        }
        call = Call(
            http=headers.get("x-http-method-override", environ["REQUEST_METHOD"]),
            path=_decoded(raw),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            content=content,
            headers=headers,
        )
        return self._cloud.rest(call)


class Grpc:
    """The gRPC servers; `tls` is a private key and a certificate chain, both PEM."""

    def __init__(
        self, cloud: GoogleCloud, ports: tuple[int, int], tls: tuple[bytes, bytes]
    ) -> None:
        options = [
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ]
        self._server = grpc.server(
            futures.ThreadPoolExecutor(_WORKERS, thread_name_prefix="grpc"), options=options
        )
        self._server.add_generic_rpc_handlers((_Handler(cloud),))
        plain, secure = ports
        self.port = self._bind(plain, lambda at: self._server.add_insecure_port(at))
        proof = grpc.ssl_server_credentials([tls])
        self.tls_port = self._bind(secure, lambda at: self._server.add_secure_port(at, proof))

    def start(self) -> None:
        """Serve, in threads of its own."""
        self._server.start()

    def stop(self) -> None:
        """End at once; nothing is lost, every call is stored when it is answered."""
        self._server.stop(0).wait()

    @staticmethod
    def _bind(port: int, add: Callable[[str], int]) -> int:
        """The former port when it is free, else any."""
        for wanted in (port, 0):
            try:
                found = add(f"127.0.0.1:{wanted}")
            except RuntimeError:
                continue
            if found:
                return found
        raise OSError("no free port for gRPC on 127.0.0.1")


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Finds the method of a call by its path."""

    def __init__(self, cloud: GoogleCloud) -> None:
        self._cloud = cloud

    def service(self, details: Any) -> Any:
        """The handler of one call, or None for a method that is not served."""
        path: str = details.method
        if path.startswith("/google.longrunning.Operations/"):
            return _unary(lambda content: self._operation(path.rpartition("/")[2], content))
        method = wire.methods().get(path)
        if method is None:
            return None

        def answer(content: bytes) -> bytes:
            value, found = self._cloud.grpc(method, content)
            if found.response == "google.longrunning.Operation":
                return _bytes(_operation_message(value))
            return wire.encode(found.response, value)

        return _unary(answer)

    def _operation(self, name: str, content: bytes) -> bytes:
        """google.longrunning.Operations."""
        if name == "ListOperations":
            asked = operations_pb2.ListOperationsRequest.FromString(content)
            listed = self._cloud.logged(
                "aiplatform.operations.list",
                (),
                lambda: Answer(
                    value={"operations": operations.listed(self._cloud.world, asked.name)}
                ),
            )
            rows = [_operation_message(row) for row in listed["operations"]]
            return _bytes(operations_pb2.ListOperationsResponse(operations=rows))
        # All other requests start with the operation's name as field 1.
        asked = operations_pb2.GetOperationRequest.FromString(content)
        verb = name.removesuffix("Operation").lower()
        found = self._cloud.logged(
            f"aiplatform.operations.{verb}",
            (),
            lambda: Answer(value=self._cloud.vertex.operation(asked.name, verb)),
        )
        if verb in ("cancel", "delete"):
            return _bytes(empty_pb2.Empty())
        return _bytes(_operation_message(found))


def _operation_message(value: dict[str, Any]) -> Any:
    """A long-running operation as a message, its answer packed with the answer's own type."""
    message = operations_pb2.Operation(name=value["name"], done=value["done"])
    if "error" in value:
        message.error.code = value["error"]["code"]
        message.error.message = value["error"]["message"]
    elif "response" in value:
        fields = {k: v for k, v in value["response"].items() if k != "@type"}
        message.response.type_url = value["response"]["@type"]
        kind = message.response.type_url.rpartition("/")[2]
        message.response.value = wire.encode(kind, fields)
    return message


def _unary(answer: Callable[[bytes], bytes]) -> Any:
    def run(content: bytes, context: Any) -> bytes:
        try:
            return answer(content)
        except Refusal as refusal:
            context.abort(_GRPC_STATUS[RPC_CODE[refusal.status]], refusal.message)
        except NoAnswer:
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        raise AssertionError("abort raises")

    return grpc.unary_unary_rpc_method_handler(run)


def _bytes(message: Any) -> bytes:
    content: bytes = message.SerializeToString()
    return content


def _chunks(environ: dict[str, Any]) -> bytes:
    """A body that was sent in chunks, which has no length."""
    if environ.get("wsgi.input_terminated"):
        content: bytes = environ["wsgi.input"].read()
        return content
    return b""


def _decoded(raw: str) -> str:
    """The path with its escapes undone."""
    path = urlsplit(raw).path if raw.startswith("http") else raw
    return unquote(path)
