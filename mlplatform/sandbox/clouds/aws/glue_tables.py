"""The Glue table of an offline store. Feature Store makes it and never takes it away.

Source: botocore sagemaker OfflineStoreConfig (names), DeleteFeatureGroup (it stays).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json

DATABASE = "sagemaker_featurestore"
_TYPES = {"String": "string", "Integral": "bigint", "Fractional": "double"}
_OWN_COLUMNS = {
    "write_time": "timestamp",
    "api_invocation_time": "timestamp",
    "is_deleted": "boolean",
}
_PARTITIONS = ("year", "month", "day", "hour")


def create(call: Call, offline: Json) -> Json:
    """Make the table where the request says, or under names of the service's own.

    A table of that name that is there already, such as one of a group that was deleted, is used.
    """
    params, glue = call.params, _backend(call.home)
    moment = datetime.datetime.fromtimestamp(call.now, datetime.UTC)
    given = offline.get("DataCatalogConfig")
    place = given or {
        "TableName": f"{params['FeatureGroupName'].replace('-', '_')}_{moment:%Y%m%d%H%M%S}",
        "Catalog": "AwsDataCatalog",
        "Database": DATABASE,
    }
    database, table = place["Database"].lower(), place["TableName"].lower()
    if database not in glue.databases:
        if given:
            raise invalid(f"Glue database {database} does not exist in catalog {place['Catalog']}.")
        glue.create_database(database, {"Name": database})
    if table not in glue.databases[database].tables:
        columns = [*_columns(params["FeatureDefinitions"]), *_listed(_OWN_COLUMNS.items())]
        made = glue.create_table(
            database,
            table,
            {
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "PartitionKeys": _listed((name, "string") for name in _PARTITIONS),
                "StorageDescriptor": {
                    "Columns": columns,
                    "Location": offline["S3StorageConfig"]["ResolvedOutputS3Uri"],
                },
            },
        )
        # moto dates tables by the wall clock, which is another one when the journal is replayed.
        made.created_time = moment.replace(tzinfo=None)
    return dict(place)


def add_features(home: Home, group: Json, features: Iterable[Json]) -> None:
    """New columns, where the table is still there."""
    place = (group.get("OfflineStoreConfig") or {}).get("DataCatalogConfig")
    if place is None:
        return
    database = _backend(home).databases.get(place["Database"].lower())
    table = database.tables.get(place["TableName"].lower()) if database else None
    if table is not None:
        newest = list(table.versions.values())[-1]
        newest["StorageDescriptor"]["Columns"] += _columns(features)


def _columns(features: Iterable[Json]) -> list[Json]:
    """Collections are arrays of their element's type (Feature Store guide, Collection types)."""
    return _listed(
        (
            feature["FeatureName"].lower(),
            f"array<{_TYPES[feature['FeatureType']]}>"
            if "CollectionType" in feature
            else _TYPES[feature["FeatureType"]],
        )
        for feature in features
    )


def _listed(columns: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"Name": name, "Type": kind} for name, kind in columns]


def _backend(home: Home) -> Any:
    from moto.glue.models import glue_backends

    return glue_backends[home.account][home.region]
