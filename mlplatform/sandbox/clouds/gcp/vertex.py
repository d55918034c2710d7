"""Vertex AI: every method of the compiled services, over REST and gRPC.

The shape of a method's HTTP rule says what it means: POST on a collection creates, GET on one
lists, and so on. What endpoints and models do beyond that stands in `endpoints` and `models`.
Required, immutable and output-only fields are read from the discovery document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.sandbox.clouds.gcp import discovery, fields, keyrings, operations, wire
from mlplatform.sandbox.clouds.gcp.call import Answer, Call, Match
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.wire import Method
from mlplatform.sandbox.clouds.gcp.world import Document, World

DOCUMENT = "aiplatform.v1beta1"
"""The version that has every field; v1 shows a part of them."""

_LOCATION = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)")
_OPERATION = re.compile(r"/(?:ui|v1|v1beta1)/(projects/.+/operations/[^/:]+)(:\w+)?")
_OPERATIONS = re.compile(r"/(?:ui|v1|v1beta1)/(projects/.+)/operations")
_PENDING = ("CREATING", "PROVISIONING")
_READY = re.compile(r"STABLE|ACTIVE|RUNNING|JOB_STATE_SUCCEEDED|PIPELINE_STATE_SUCCEEDED")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call with its method found. name: the resource or parent in the path."""

    method: Method
    request: Document
    name: str


Hook = Callable[[Asked], Document]


class Vertex:
    """Answers the methods; `hooks` (by method name) replace the general meaning."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hooks: dict[str, Hook] = {}
        self.guards: dict[str, Callable[[str, Document], None]] = {}
        world.effects |= {
            "vertex.keep": lambda given: dict(given["value"]),
            "vertex.activate": self._activate,
            "vertex.remove": self._remove,
        }

    def match(self, call: Call) -> Match | None:
        """The method that a REST call is for."""
        if not re.match(r"/(ui|v1|v1beta1)/projects/[^/]+/locations/", call.path):
            return None
        operation = _OPERATION.fullmatch(call.path)
        if operation is not None:
            name, verb = operation[1], (operation[2] or "").lstrip(":")
            short = verb or {"GET": "get", "DELETE": "delete"}.get(call.http, "get")
            return Match(
                operation=f"aiplatform.operations.{short}",
                run=lambda: Answer(value=self.operation(name, short)),
            )
        below = _OPERATIONS.fullmatch(call.path)
        if below is not None:
            listed = {"operations": operations.listed(self.world, below[1])}
            return Match(operation="aiplatform.operations.list", run=lambda: Answer(value=listed))
        found = wire.rest_method(call.http, call.path)
        if found is None:
            return None
        method, variable, value, body_field = found

        def run() -> Answer:
            request = wire.request_from_rest(
                method, variable, value, body_field, call.query, call.body()
            )
            return Answer(value=self.do(method, request))

        return Match(operation=log_name(method), aliases=aliases(method), run=run)

    def operation(self, name: str, verb: str) -> Document:
        """get, cancel, wait or delete of a long-running operation."""
        if verb == "cancel":
            return operations.cancel(self.world, name)
        found = operations.poll(self.world, name)
        return {} if verb == "delete" else found

    def do(self, method: Method, request: Document) -> Document:
        """Perform a checked request; the answer is JSON of the method's version."""
        name, verb, collection, custom = _meaning(method, request)
        asked = Asked(method=method, request=request, name=name)
        if not _LOCATION.match(name):
            raise Refusal("INVALID_ARGUMENT", f"Invalid resource name: {name}")
        hook = self.hooks.get(method.name)
        if hook is not None:
            value = hook(asked)
        elif custom:
            value = self._custom(asked, custom)
        elif verb == "POST":
            value = self.create(asked, collection)
        elif verb == "GET":
            value = self._list(asked, collection) if collection else self.get(name)
        elif verb == "PATCH":
            value = self.patch(asked)
        elif verb == "DELETE":
            value = self.delete(asked)
        else:
            raise Refusal("UNIMPLEMENTED", f"{method.name} is not served here.")
        if method.response == "google.longrunning.Operation":
            return value
        return wire.answer(method.response, value)

    # Objects

    def key(self, name: str) -> str:
        """Where an object is kept."""
        return f"aiplatform/{name}"

    def get(self, name: str) -> Document:
        """One object."""
        return self.world.get(self.key(name))

    def put(self, name: str, value: Document) -> None:
        """Store an object; its etag and update time follow."""
        changed = {**value, "updateTime": self.world.now(), "etag": self.world.etag()}
        self.world.objects[self.key(name)] = changed

    def create(self, asked: Asked, collection: str) -> Document:
        """A new object in a collection of its parent."""
        field, message = _object_field(asked.method)
        value = dict(asked.request.get(field, {}))
        schema = schema_of(message)
        fields.require(DOCUMENT, schema, value)
        value = discovery.without_output_fields(DOCUMENT, {"$ref": schema}, value)
        if asked.name.count("/") > 3:
            self.get(asked.name)
        ident = next(
            (v for k, v in asked.request.items() if k.endswith("Id") and isinstance(v, str)), None
        )
        name = f"{asked.name}/{collection}/{ident or self.world.next_number()}"
        if self.key(name) in self.world.objects:
            raise Refusal("ALREADY_EXISTS", f'Resource "{name}" already exists.')
        self.guard(collection, name, value)
        now = self.world.now()
        states = discovery.load(DOCUMENT)["schemas"][schema]["properties"].get("state", {})
        pending = next((s for s in _PENDING if s in states.get("enum", ())), "")
        value |= {"name": name, "createTime": now, "updateTime": now, "etag": self.world.etag()}
        if pending:
            value["state"] = pending
        self.world.objects[self.key(name)] = value
        given = {"name": name, "schema": schema}
        if asked.method.response != "google.longrunning.Operation":
            return self._activate(given)
        return self.start(asked, name, "vertex.activate", given)

    def guard(self, collection: str, name: str, value: Document) -> None:
        """What must hold for any object: its key is usable, and the collection's own rules."""
        key = value.get("encryptionSpec", {}).get("kmsKeyName")
        if key:
            location = _LOCATION.match(name)
            number = self.world.project_number(name.split("/")[1])
            agent = f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
            keyrings.usable_by(self.world, key, location["location"] if location else "", agent)
        check = self.guards.get(collection)
        if check is not None:
            check(name, value)

    def patch(self, asked: Asked) -> Document:
        """Change the fields of the mask."""
        field, message = _object_field(asked.method)
        given = asked.request.get(field, {})
        current = self.get(asked.name)
        if given.get("etag") and given["etag"] != current["etag"]:
            raise Refusal("ABORTED", "The etag does not match: the resource changed in between.")
        mask = [p for p in str(asked.request.get("updateMask", "")).split(",") if p]
        if not mask and "updateMask" in _request_fields(asked.method):
            raise Refusal("INVALID_ARGUMENT", "update_mask is required.")
        schema = schema_of(message)
        changed = fields.masked(DOCUMENT, schema, current, given, mask)
        fields.require(DOCUMENT, schema, changed)
        self.guard(asked.name.split("/")[-2], asked.name, changed)
        self.put(asked.name, changed)
        if asked.method.response != "google.longrunning.Operation":
            return self.get(asked.name)
        given = {"name": asked.name, "schema": schema}
        return self.start(asked, asked.name, "vertex.activate", given)

    def delete(self, asked: Asked) -> Document:
        """Remove an object; one with children only by `force`."""
        self.get(asked.name)
        below = [key for key, _ in self.world.children(self.key(asked.name) + "/")]
        if below and not asked.request.get("force"):
            message = f'Resource "{asked.name}" still has children; delete them first or set force.'
            raise Refusal("FAILED_PRECONDITION", message)
        if asked.method.response != "google.longrunning.Operation":
            return self._remove({"name": asked.name})
        return self.start(asked, asked.name, "vertex.remove", {"name": asked.name})

    def start(
        self, asked: Asked, owner: str, effect: str, given: Document, *, slow: float = 1.0
    ) -> Document:
        """A long-running operation of one object, answered in the caller's version."""
        name = f"{owner.split('@')[0]}/operations/{self.world.next_number()}"
        result = asked.method.result or "google.protobuf.Empty"
        return operations.start(
            self.world, name, effect=effect, given={**given, "result": result}, slow=slow
        )

    def finished(self, given: Document, value: Mapping[str, Any]) -> Document:
        """The answer of an operation, with its type."""
        result = str(given["result"])
        shown = wire.answer(result, value) if wire.known(result) else dict(value)
        return {"@type": f"type.googleapis.com/{result}", **shown}

    # General meanings

    def _list(self, asked: Asked, collection: str) -> Document:
        prefix = f"{self.key(asked.name)}/{collection}/"
        rows = [
            value
            for key, value in self.world.children(prefix)
            if "/" not in key.removeprefix(prefix)
        ]
        text = str(asked.request.get("filter", ""))
        fields.matches({}, text)  # one that cannot be read is refused though nothing is there
        rows = [row for row in rows if fields.matches(row, text)]
        plural = re.sub(r"(?<!^)(?=[A-Z])", "_", collection).lower()
        return {**fields.page(rows, asked.request, _camel(plural))}

    def _custom(self, asked: Asked, word: str) -> Document:
        """Verbs that only change a state; any other is not served."""
        states = {"pause": "PAUSED", "resume": "ACTIVE", "cancel": "JOB_STATE_CANCELLED"}
        if word not in states:
            raise Refusal("UNIMPLEMENTED", f"{asked.method.name} is not served here.")
        value = self.get(asked.name)
        self.put(asked.name, {**value, "state": states[word]})
        return {}

    def _activate(self, given: Document) -> Document:
        name = str(given["name"])
        value = self.world.objects.get(self.key(name), {})
        states = discovery.load(DOCUMENT)["schemas"][given["schema"]]["properties"].get("state", {})
        ready = next((s for s in states.get("enum", ()) if _READY.fullmatch(s)), None)
        # A change leaves the state alone: what is paused stays so.
        if value and ready and value.get("state") in (None, *_PENDING):
            value["state"] = ready
            self.world.objects[self.key(name)] = value
        return self.finished(given, value) if "result" in given else value

    def _remove(self, given: Document) -> Document:
        key = self.key(str(given["name"]))
        for child in [k for k, _ in self.world.children(key + "/")]:
            del self.world.objects[child]
        self.world.objects.pop(key, None)
        self.world.policies.pop(key, None)
        return self.finished(given, {}) if "result" in given else {}


def log_name(method: Method) -> str:
    """`aiplatform.EndpointService.DeployModel`."""
    return f"aiplatform.{method.service}.{method.name}"


def aliases(method: Method) -> tuple[str, ...]:
    """Shorter names under which a fault may name the method."""
    return (f"{method.service}.{method.name}", method.name)


def schema_of(message: str) -> str:
    """The discovery schema of a message, whichever version it is of."""
    parts = message.split(".")[4:]
    return "GoogleCloudAiplatformV1beta1" + "".join(parts)


def _meaning(method: Method, request: Document) -> tuple[str, str, str, str]:
    """(name in the path, verb, collection, custom verb) by the first rule whose variable is set."""
    for verb, uri, _ in method.http:
        found = re.fullmatch(r"/v1\w*/\{([\w.]+)=[^}]*\}(?:/(\w+))?(?::(\w+))?", uri)
        if found is None:
            continue
        value: Any = request
        for step in found[1].split("."):
            value = value.get(_camel(step)) if isinstance(value, dict) else None
        if value:
            return str(value), verb, found[2] or "", found[3] or ""
    raise Refusal("INVALID_ARGUMENT", f"{method.name}: the resource name is missing.")


def _object_field(method: Method) -> tuple[str, str]:
    """(field of the request, message) that holds the object itself."""
    for name, message in _request_messages(method):
        if message.rpartition(".")[2] in method.name and not message.startswith("google.protobuf"):
            return name, message
    raise Refusal("UNIMPLEMENTED", f"{method.name} is not served here.")


def _request_messages(method: Method) -> list[tuple[str, str]]:
    rows = wire.message_fields(method.request)
    return [(_camel(name), type_name) for name, type_name in rows if type_name]


def _request_fields(method: Method) -> set[str]:
    return {_camel(name) for name, _ in wire.message_fields(method.request)}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), name)
