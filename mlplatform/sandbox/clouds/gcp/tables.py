"""BigQuery: datasets, tables and views with their schemas. Rows and queries are not kept here."""

from __future__ import annotations

import re
import time
from typing import Any

from mlplatform.sandbox.clouds.gcp import keyrings, policies
from mlplatform.sandbox.clouds.gcp.buckets import merged
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_ID = re.compile(r"\w{1,1024}")
_QUOTED = re.compile(r"`([^`]+)`")
_PAGE = 1000


class Tables(Documented):
    """`datasets.*` and `tables.*`, and the account by which BigQuery uses keys."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "bigquery.v2", r"/bigquery/v2/projects/[^/]+/(datasets|serviceAcc)")
        self.hooks |= {
            "datasets.insert": self._insert_dataset,
            "datasets.get": self._get,
            "datasets.list": lambda a: self._listed(a, "datasets"),
            "datasets.patch": self._patch,
            "datasets.update": self._patch,
            "datasets.delete": self._delete_dataset,
            "tables.insert": self._insert_table,
            "tables.get": self._get,
            "tables.list": lambda a: self._listed(a, "tables"),
            "tables.patch": self._patch,
            "tables.update": self._patch,
            "tables.delete": self._delete,
            "projects.getServiceAccount": self._agent,
        }

    def _insert_dataset(self, asked: Asked) -> Document:
        reference = asked.body.get("datasetReference", {})
        ident = str(reference.get("datasetId", ""))
        if not _ID.fullmatch(ident):
            raise Refusal("INVALID_ARGUMENT", f'Invalid dataset ID "{ident}".')
        project = asked.name.split("/")[1]
        location = str(asked.body.get("location") or "US").lower()
        self._check_key(asked.body.get("defaultEncryptionConfiguration"), project, location)
        return self._stored(f"{asked.name}/{ident}", {**asked.body, "location": location})

    def _insert_table(self, asked: Asked) -> Document:
        dataset = self._found(asked.name.rpartition("/")[0])
        ident = str(asked.body.get("tableReference", {}).get("tableId", ""))
        kind = "VIEW" if "view" in asked.body else "TABLE"
        if kind == "VIEW":
            self._check_view(asked.body["view"], asked.name.split("/")[1])
        body: Document = {**asked.body, "type": kind, "location": dataset["location"]}
        if "defaultEncryptionConfiguration" in dataset and kind == "TABLE":
            body.setdefault("encryptionConfiguration", dataset["defaultEncryptionConfiguration"])
        return self._stored(f"{asked.name}/{ident}", body)

    def _check_view(self, view: Document, project: str) -> None:
        """What a view selects from must exist."""
        for quoted in _QUOTED.findall(str(view.get("query", ""))):
            parts = quoted.split(".")
            if len(parts) in (2, 3):
                owner, dataset, table = [project, *parts][-3:]
                self._found(f"projects/{owner}/datasets/{dataset}/tables/{table}")

    def _stored(self, name: str, body: Document) -> Document:
        key = self.key(name)
        shown = ":".join([name.split("/")[1], ".".join(name.split("/")[3::2])])
        if key in self.world.objects:
            raise Refusal("ALREADY_EXISTS", f"Already Exists: {shown}")
        now = str(int(time.time() * 1000))
        word = "table" if "/tables/" in name else "dataset"
        self.world.objects[key] = {
            **body,
            "kind": f"bigquery#{word}",
            "id": shown,
            "creationTime": now,
            "lastModifiedTime": now,
            "etag": self.world.etag(),
        }
        return self.world.objects[key]

    def _get(self, asked: Asked) -> Document:
        return self._found(asked.name)

    def _found(self, name: str) -> Document:
        parts = name.split("/")
        word = "Table" if "/tables/" in name else "Dataset"
        return self.world.get(self.key(name), f"{word} {parts[1]}:{'.'.join(parts[3::2])}")

    def _listed(self, asked: Asked, plural: str) -> Document:
        prefix = self.key(asked.name) + "/"
        rows = [
            value
            for key, value in self.world.children(prefix)
            if "/" not in key.removeprefix(prefix)
        ]
        return {"kind": f"bigquery#{plural[:-1]}List", plural: rows[:_PAGE]}

    def _patch(self, asked: Asked) -> Document:
        before = self._found(asked.name)
        after = merged(before, asked.body)
        project = asked.name.split("/")[1]
        for field in ("location", "datasetReference", "tableReference"):
            if str(after.get(field)).lower() != str(before.get(field)).lower():
                raise Refusal("INVALID_ARGUMENT", f"Cannot change {field}.")
        self._check_key(after.get("defaultEncryptionConfiguration"), project, before["location"])
        if "view" in after:
            self._check_view(after["view"], project)
        for column in _changed(before, after):
            message = f"Provided Schema does not match Table {before['id']}. {column}"
            raise Refusal("INVALID_ARGUMENT", message)
        after |= {
            "etag": self.world.etag(),
            "lastModifiedTime": str(int(time.time() * 1000)),
            "location": before["location"],
        }
        self.world.objects[self.key(asked.name)] = after
        return after

    def _delete(self, asked: Asked) -> Document:
        self._found(asked.name)
        del self.world.objects[self.key(asked.name)]
        return {}

    def _delete_dataset(self, asked: Asked) -> Document:
        dataset = self._found(asked.name)
        below = [key for key, _ in self.world.children(self.key(asked.name) + "/")]
        if below and asked.query.get("deleteContents") != "true":
            raise Refusal("INVALID_ARGUMENT", f"Dataset {dataset['id']} is still in use")
        for key in below:
            del self.world.objects[key]
        return self._delete(asked)

    def _check_key(self, config: Any, project: str, location: str) -> None:
        if config:
            agent = encryption_agent(self.world.project_number(project))
            keyrings.usable_by(self.world, str(config["kmsKeyName"]), location, agent)

    def _agent(self, asked: Asked) -> Document:
        """Asking for the agent makes it, as for Cloud Storage's."""
        email = encryption_agent(self.world.project_number(asked.name.split("/")[1]))
        self.world.objects[policies.agent_key(email)] = {"email": email}
        return {"kind": "bigquery#getServiceAccountResponse", "email": email}


def encryption_agent(number: str) -> str:
    """The account by which BigQuery uses keys (BigQuery "Customer-managed Cloud KMS keys")."""
    return f"bq-{number}@bigquery-encryption.iam.gserviceaccount.com"


def _changed(before: Document, after: Document) -> list[str]:
    """Columns of a table that are gone or of another type: a patch only adds."""
    if before.get("type") != "TABLE":
        return []
    old, new = (
        {c["name"]: c["type"] for c in d.get("schema", {}).get("fields", ())}
        for d in (before, after)
    )
    gone = [f"Field {name} is missing in new schema" for name in old if name not in new]
    return gone + [
        f"Field {name} has changed type from {kind} to {new[name]}"
        for name, kind in old.items()
        if name in new and new[name] != kind
    ]
