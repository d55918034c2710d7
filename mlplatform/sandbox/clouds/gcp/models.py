"""The model registry: upload, versions, aliases, and what may not be deleted.

One stored object per model; its versions are kept inside. Sources: aiplatform discovery document
(Model.versionAliases, UploadModelRequest, MergeVersionAliasesRequest);
cloud.google.com/vertex-ai/docs/model-registry/versioning; python-aiplatform issue 2807 (a model
that was just undeployed cannot be deleted at once).
"""

from __future__ import annotations

import re
import time
from typing import Any

from mlplatform.catalog import gcp as catalog
from mlplatform.sandbox.clouds.gcp import fields, operations, policies
from mlplatform.sandbox.clouds.gcp.contents import exists_below
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.vertex import DOCUMENT, Asked, Vertex, schema_of
from mlplatform.sandbox.clouds.gcp.world import Document

_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_SHARED = ("displayName", "description", "labels", "encryptionSpec", "createTime")
_MODEL = "google.cloud.aiplatform.v1beta1.Model"


class Models:
    """Hooks for `ModelService`."""

    def __init__(self, vertex: Vertex) -> None:
        self._vertex = vertex
        self._world = vertex.world
        vertex.hooks |= {
            "UploadModel": self._upload,
            "GetModel": lambda asked: self._get(asked.name),
            "ListModels": self._list,
            "ListModelVersions": self._list_versions,
            "UpdateModel": self._update,
            "DeleteModel": self._delete,
            "DeleteModelVersion": self._delete_version,
            "MergeVersionAliases": self._merge_aliases,
        }
        vertex.world.effects |= {
            "vertex.upload": self._uploaded,
            "vertex.delete_version": self._version_deleted,
        }

    def find(self, name: str) -> tuple[str, str]:
        """(model name, version id) of a name with an optional @version or @alias."""
        base, _, wanted = name.partition("@")
        if "/models/" not in base:
            raise Refusal("INVALID_ARGUMENT", f"Invalid model name: {name}")
        model = self._vertex.get(base)
        versions: dict[str, Document] = model["versions"]
        if wanted in versions:
            return base, wanted
        for ident, version in versions.items():
            if (wanted or "default") in version.get("versionAliases", ()):
                return base, ident
        raise Refusal("NOT_FOUND", f"The Model version {name} is not found.")

    def version(self, base: str, ident: str) -> Document:
        """A version as the API shows it, with where it is deployed."""
        model = self._vertex.get(base)
        refs = [
            {"endpoint": endpoint, "deployedModelId": d["id"]}
            for endpoint, d in self._deployed(base)
            if d.get("modelVersionId") == ident
        ]
        shared = {key: model[key] for key in _SHARED if key in model}
        return {**model["versions"][ident], **shared, "name": base, "deployedModels": refs}

    def linger(self, base: str, endpoint: str, deployed_id: str) -> None:
        """Note an undeployment: the model counts as deployed for a while longer."""
        model = self._world.objects.get(self._vertex.key(base))
        if model is not None:
            model["busy"] = {"endpoint": endpoint, "id": deployed_id, "at": time.time()}
            self._world.objects[self._vertex.key(base)] = model

    def _get(self, name: str) -> Document:
        return self.version(*self.find(name))

    def _list(self, asked: Asked) -> Document:
        prefix = self._vertex.key(f"{asked.name}/models/")
        bases = [key.partition("/")[2] for key, _ in self._world.children(prefix)]
        rows = [self._get(base) for base in bases if "/" not in base.partition("/models/")[2]]
        rows = [row for row in rows if fields.matches(row, str(asked.request.get("filter", "")))]
        return fields.page(rows, asked.request, "models")

    def _list_versions(self, asked: Asked) -> Document:
        base = asked.name.partition("@")[0]
        rows = [self.version(base, ident) for ident in self._vertex.get(base)["versions"]]
        return fields.page(rows, asked.request, "models")

    def _upload(self, asked: Asked) -> Document:
        given = dict(asked.request.get("model", {}))
        fields.require(DOCUMENT, schema_of(_MODEL), given)
        uri, image = given.get("artifactUri"), given.get("containerSpec", {}).get("imageUri")
        if not image:
            raise Refusal("INVALID_ARGUMENT", "container_spec.image_uri is required.")
        if uri and not uri.startswith("gs://"):
            raise Refusal("INVALID_ARGUMENT", f"artifact_uri must start with gs://, got {uri}")
        for alias in given.get("versionAliases", ()):
            if not _ALIAS.fullmatch(alias):
                raise Refusal("INVALID_ARGUMENT", f"Invalid version alias: {alias}")
        account = asked.request.get("serviceAccount")
        if account:
            policies.account_usable(self._world, account)
        parent_model = str(asked.request.get("parentModel", "")).partition("@")[0]
        if parent_model:
            self._vertex.get(parent_model)
            base = parent_model
        else:
            ident = str(asked.request.get("modelId") or self._world.next_number())
            if asked.request.get("modelId") and not _ID.fullmatch(ident):
                raise Refusal("INVALID_ARGUMENT", f"Invalid model_id: {ident}")
            base = f"{asked.name}/models/{ident}"
            if self._vertex.key(base) in self._world.objects or base in self._pending():
                raise Refusal("ALREADY_EXISTS", f'Model "{base}" already exists.')
        self._vertex.guard("models", base, given)
        effect = {"model": given, "base": base, "new": not parent_model}
        return self._vertex.start(asked, base, "vertex.upload", effect)

    def _uploaded(self, given: Document) -> Document:
        version, base = given["model"], given["base"]
        uri = version.get("artifactUri")
        if uri and not exists_below(self._world, uri):
            message = f"Model directory {uri} is expected to contain a model, but it is empty."
            raise Refusal("FAILED_PRECONDITION", message)
        number = self.add(base, version, new=bool(given["new"]))
        return self._vertex.finished(given, {"model": base, "modelVersionId": number})

    def add(self, base: str, version: Document, *, new: bool) -> str:
        """A new version of a model, or a new model with its first; the version's number."""
        now = self._world.now()
        if new:
            model: Document = {"createTime": now, "versions": {}, "counted": 0}
        else:
            model = self._vertex.get(base)
        # Version numbers are never used again, also when the newest one was deleted.
        number = int(model["counted"]) + 1
        aliases = list(version.get("versionAliases", ()))
        if number == 1 and "default" not in aliases:
            aliases.append("default")
        for other in model["versions"].values():
            kept = [a for a in other.get("versionAliases", ()) if a not in aliases]
            other["versionAliases"] = kept
        for key in ("displayName", "description", "labels", "encryptionSpec"):
            if key in version:
                model[key] = version[key]
        shown = {k: v for k, v in version.items() if k not in _SHARED}
        model["counted"] = number
        model["versions"][str(number)] = {
            **shown,
            "versionId": str(number),
            "versionAliases": aliases,
            "versionCreateTime": now,
            "versionUpdateTime": now,
            "etag": self._world.etag(),
            "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES", "SHARED_RESOURCES"]
            if catalog.shares(str(version.get("containerSpec", {}).get("imageUri")))
            else ["DEDICATED_RESOURCES"],
            "supportedInputStorageFormats": ["jsonl", "csv", "bigquery"],
            "supportedOutputStorageFormats": ["jsonl", "bigquery"],
        }
        self._vertex.put(base, {**model, "name": base})
        return str(number)

    def _update(self, asked: Asked) -> Document:
        base, ident = self.find(asked.name)
        model, shown = self._vertex.get(base), self.version(base, ident)
        given = asked.request.get("model", {})
        if given.get("etag") and given["etag"] != shown.get("etag"):
            raise Refusal("ABORTED", "The etag does not match: the resource changed in between.")
        mask = [p for p in str(asked.request.get("updateMask", "")).split(",") if p]
        if not mask:
            raise Refusal("INVALID_ARGUMENT", "update_mask is required.")
        changed = fields.masked(DOCUMENT, schema_of(_MODEL), shown, given, mask)
        for path in mask:
            top = path.split(".")[0]
            target = model if top in _SHARED else model["versions"][ident]
            if top in changed:
                target[top] = changed[top]
            else:
                target.pop(top, None)
        stamps = {"versionUpdateTime": self._world.now(), "etag": self._world.etag()}
        model["versions"][ident] |= stamps
        self._vertex.put(base, model)
        return self.version(base, ident)

    def _merge_aliases(self, asked: Asked) -> Document:
        base, ident = self.find(asked.name)
        model = self._vertex.get(base)
        versions: dict[str, Document] = model["versions"]
        for alias in asked.request.get("versionAliases", ()):
            removing = alias.startswith("-")
            name = alias.lstrip("-")
            if not _ALIAS.fullmatch(name):
                raise Refusal("INVALID_ARGUMENT", f"Invalid version alias: {alias}")
            if removing and name == "default":
                message = "The default alias can only be moved to another version."
                raise Refusal("INVALID_ARGUMENT", message)
            holders = [ident] if removing else list(versions)
            for other in holders:
                kept = [a for a in versions[other].get("versionAliases", ()) if a != name]
                versions[other]["versionAliases"] = kept
            if not removing:
                versions[ident]["versionAliases"].append(name)
        self._vertex.put(base, model)
        return self.version(base, ident)

    def _delete(self, asked: Asked) -> Document:
        self._refuse_deployed(asked.name, None)
        return self._vertex.delete(asked)

    def _delete_version(self, asked: Asked) -> Document:
        base, ident = self.find(asked.name)
        model = self._vertex.get(base)
        if "default" in model["versions"][ident].get("versionAliases", ()):
            message = f"Version {ident} is the default version of {base}; it cannot be deleted."
            raise Refusal("FAILED_PRECONDITION", message)
        self._refuse_deployed(base, ident)
        return self._vertex.start(asked, base, "vertex.delete_version", {"base": base, "id": ident})

    def _version_deleted(self, given: Document) -> Document:
        model = self._vertex.get(given["base"])
        model["versions"].pop(given["id"], None)
        self._vertex.put(given["base"], model)
        return self._vertex.finished(given, {})

    def _refuse_deployed(self, base: str, version: str | None) -> None:
        model = self._vertex.get(base)
        for endpoint, deployed in self._deployed(base):
            if version in (None, deployed.get("modelVersionId")):
                self._still_deployed(endpoint, str(deployed["id"]))
        busy: dict[str, Any] | None = model.get("busy")
        if busy is not None and self._world.fresh(float(busy["at"])):
            self._still_deployed(str(busy["endpoint"]), str(busy["id"]))

    @staticmethod
    def _still_deployed(endpoint: str, ident: str) -> None:
        message = f"The model is deployed to endpoint {endpoint} as {ident}; undeploy it first."
        raise Refusal("FAILED_PRECONDITION", message)

    def _deployed(self, base: str) -> list[tuple[str, Document]]:
        found: list[tuple[str, Document]] = []
        for key, endpoint in self._world.children("aiplatform/projects/"):
            if "/endpoints/" in key:
                name = key.partition("/")[2]
                deployed = endpoint.get("deployedModels", ())
                found += [(name, d) for d in deployed if d["model"] == base]
        return found

    def _pending(self) -> set[str]:
        """Models whose upload is under way."""
        given = operations.given_to(self._world, "vertex.upload")
        return {str(upload["base"]) for upload in given}
