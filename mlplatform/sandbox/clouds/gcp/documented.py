"""A service whose methods follow from its discovery document.

The method's last word is its meaning: create, get, list, patch, delete, getIamPolicy and so on. A
service adds hooks for the methods that do more; a hook's key is the method's id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.sandbox.clouds.gcp import discovery, operations, policies
from mlplatform.sandbox.clouds.gcp.call import Answer, Call, Match
from mlplatform.sandbox.clouds.gcp.discovery import Route
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call with its method found: parameters of the path, query, checked body."""

    route: Route
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Document
    name: str
    """The resource name in the path, without version and custom verb."""


Hook = Callable[[Asked], Document]


class Documented:
    """Answers the methods of one document; `hooks` replace the general meaning."""

    def __init__(self, world: World, document: str, paths: str) -> None:
        self.world = world
        self.document = document
        self.service = document.partition(".")[0]
        self.hooks: dict[str, Hook] = {}
        self._paths = re.compile(paths)
        world.effects[f"{self.service}.keep"] = lambda given: given

    def match(self, call: Call) -> Match | None:
        """The method of this document that the call is for."""
        if not self._paths.match(call.path):
            return None
        found = discovery.find(self.document, call.http, call.path)
        if found is None:
            return None
        route, parameters = found

        def run() -> Answer:
            body = call.body()
            if "request" in route.detail:
                discovery.check(self.document, route.detail["request"], body)
            name = re.sub(r"^/(?:\w+/)?v\d\w*/", "", call.path).split(":")[0]
            asked = Asked(
                route=route, parameters=parameters, query=call.query, body=body, name=name
            )
            return Answer(value=self._do(asked))

        return Match(operation=f"{self.service}.{route.method}", run=run)

    def key(self, name: str) -> str:
        """Where an object of this service is kept."""
        return f"{self.service}/{name}"

    def _do(self, asked: Asked) -> Document:
        hook = self.hooks.get(asked.route.method)
        if hook is not None:
            return hook(asked)
        word = asked.route.method.rpartition(".")[2]
        general: dict[str, Hook] = {
            "create": self.create,
            "get": self.get,
            "list": self.list,
            "patch": self.patch,
            "delete": self.delete,
            "getIamPolicy": lambda a: policies.read(self.world, self.owner(a)),
            "setIamPolicy": lambda a: policies.write(self.world, self.owner(a), a.body["policy"]),
            "testIamPermissions": lambda a: policies.permissions_tested(a.body),
        }
        if word not in general:
            raise Refusal(
                "UNIMPLEMENTED", f"{self.service}.{asked.route.method} is not served here"
            )
        return general[word](asked)

    def owner(self, asked: Asked) -> str:
        """The key of the object whose policy is meant; it must exist."""
        key = self.key(asked.name)
        self.world.get(key)
        return key

    def create(
        self, asked: Asked, *, ident: str | None = None, extra: Document | None = None
    ) -> Document:
        """Store a new object under the collection of the path."""
        ident = ident or next((v for k, v in asked.query.items() if k.endswith("Id")), None)
        name = f"{asked.name}/{ident or self.world.next_number()}"
        if self.key(name) in self.world.objects:
            raise Refusal("ALREADY_EXISTS", f"Resource '{name}' already exists.")
        parent = "/".join(asked.name.split("/")[:-1])
        if parent.count("/") > 3:
            self.world.get(self.key(parent))
        request = asked.route.detail["request"]
        stored = discovery.without_output_fields(self.document, request, asked.body)
        now = self.world.now()
        stored = {**stored, "name": name, "createTime": now, "updateTime": now, **(extra or {})}
        self.world.objects[self.key(name)] = stored
        return self._answered(asked, stored)

    def get(self, asked: Asked) -> Document:
        """One object."""
        return self.world.get(self.key(asked.name))

    def list(self, asked: Asked) -> Document:
        """Every object of a collection."""
        prefix = self.key(asked.name) + "/"
        found = [
            value
            for key, value in self.world.children(prefix)
            if "/" not in key.removeprefix(prefix)
        ]
        fields = discovery.schema(self.document, asked.route.detail["response"])["properties"]
        plural = next(name for name, field in fields.items() if field.get("type") == "array")
        return {plural: found}

    def patch(self, asked: Asked) -> Document:
        """Change the fields of the mask, or without one those of the body."""
        current = self.world.get(self.key(asked.name))
        mask = [p for p in asked.query.get("updateMask", "").split(",") if p]
        changed = {**current}
        request = asked.route.detail["request"]
        fields = discovery.schema(self.document, request)["properties"]
        for path in mask or list(asked.body):
            top = path.split(".")[0]
            if top not in fields:
                raise Refusal("INVALID_ARGUMENT", f"Invalid field in update_mask: {path}")
            if discovery.marked(fields[top], "Output only"):
                continue
            before, after = current.get(top), asked.body.get(top)
            if discovery.marked(fields[top], "Immutable") and before != after:
                raise Refusal("INVALID_ARGUMENT", f"Field {top} is immutable.")
            if after is None:
                changed.pop(top, None)
            else:
                changed[top] = after
        changed["updateTime"] = self.world.now()
        self.world.objects[self.key(asked.name)] = changed
        return self._answered(asked, changed)

    def delete(self, asked: Asked) -> Document:
        """Remove an object without children."""
        key = self.key(asked.name)
        self.world.get(key)
        if any(True for _ in self.world.children(key + "/")):
            raise Refusal("FAILED_PRECONDITION", f"Resource '{asked.name}' is not empty.")
        del self.world.objects[key]
        self.world.policies.pop(key, None)
        return self._answered(asked, {})

    def _answered(self, asked: Asked, value: Document) -> Document:
        """The object itself, or the operation that brings it."""
        response = asked.route.detail.get("response", {}).get("$ref", "")
        if not response.endswith("Operation"):
            return value
        location = re.match(r"projects/[^/]+/locations/[^/]+", asked.name)
        prefix = f"{location[0]}/" if location else ""
        name = f"{prefix}operations/{self.world.next_number()}"
        kept: dict[str, Any] = {"@type": f"type.googleapis.com/google.{self.service}", **value}
        return operations.start(self.world, name, effect=f"{self.service}.keep", given=kept)
