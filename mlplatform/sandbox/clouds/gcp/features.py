"""Vertex AI Feature Store: what groups, features and views refer to must exist."""

from __future__ import annotations

from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.vertex import Vertex
from mlplatform.sandbox.clouds.gcp.world import Document

_BIGQUERY = "bq://"


class FeatureStore:
    """Guards of the collections; everything else has the general meaning."""

    def __init__(self, vertex: Vertex) -> None:
        self._vertex = vertex
        vertex.guards |= {
            "featureGroups": self._group,
            "featureOnlineStores": self._store,
            "featureViews": self._view,
        }

    def _group(self, _: str, value: Document) -> None:
        source = str(value.get("bigQuery", {}).get("bigQuerySource", {}).get("inputUri", ""))
        self._table(source)

    def _store(self, name: str, value: Document) -> None:
        kinds = [kind for kind in ("bigtable", "optimized") if kind in value]
        if len(kinds) != 1:
            message = f"FeatureOnlineStore {name} must have exactly one storage_type."
            raise Refusal("INVALID_ARGUMENT", message)

    def _view(self, name: str, value: Document) -> None:
        if "bigQuerySource" in value:
            self._table(str(value["bigQuerySource"].get("uri", "")))
        parent = "/".join(name.split("/")[:4])
        for group in value.get("featureRegistrySource", {}).get("featureGroups", ()):
            owner = f"{parent}/featureGroups/{group['featureGroupId']}"
            self._vertex.get(owner)
            for feature in group.get("featureIds", ()):
                self._vertex.get(f"{owner}/features/{feature}")

    def _table(self, source: str) -> None:
        parts = source.removeprefix(_BIGQUERY).split(".")
        if not source.startswith(_BIGQUERY) or len(parts) != 3:
            raise Refusal("INVALID_ARGUMENT", f"Invalid BigQuery URI: {source}")
        project, dataset, table = parts
        name = f"projects/{project}/datasets/{dataset}/tables/{table}"
        self._vertex.world.get(f"bigquery/{name}", f"Table {project}:{dataset}.{table}")
