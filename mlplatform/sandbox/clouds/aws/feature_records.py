"""The online store of feature groups: records are put, got and deleted, the newest wins.

Nothing reaches the offline store's files. Time to live is told, not carried out.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from mlplatform.sandbox.clouds.aws import feature_groups
from mlplatform.sandbox.clouds.aws.errors import ServiceError
from mlplatform.sandbox.clouds.aws.state import Home, Json
from mlplatform.sandbox.clouds.aws.wire import Request

SERVICE = "sagemaker-featurestore-runtime"
PATHS = re.compile(r"/(FeatureGroup/(?P<group>.+)|BatchGetRecord)")


def answer(request: Request, home: Home, now: float) -> Json:
    """What the service answers; ServiceError where it refuses."""
    found = PATHS.fullmatch(request.path)
    assert found is not None  # else the request would not be this service's
    if request.path == "/BatchGetRecord":
        return _batch(home, _body(request), now)
    group = _online(home, unquote(found["group"]), now)
    asked = parse_qs(request.environ.get("QUERY_STRING", ""))
    if request.method == "PUT":
        _put(group, _body(request).get("Record") or [])
        return {}
    identifier = asked.get("RecordIdentifierValueAsString", [""])[0]
    if request.method == "DELETE":
        group.setdefault(feature_groups.RECORDS, {}).pop(identifier, None)
        return {}
    record = _chosen(group, identifier, asked.get("FeatureName") or [])
    return {"Record": record} if record else {}


def _put(group: Json, record: list[Json]) -> None:
    known = {one["FeatureName"] for one in group["FeatureDefinitions"]}
    values: dict[str, Any] = {}
    for one in record:
        name = one.get("FeatureName", "")
        if name not in known:
            raise _invalid(f"FeatureName [{name}] is not in the FeatureGroup.")
        values[name] = one.get("ValueAsString", one.get("ValueAsStringList"))
    needed = (group["RecordIdentifierFeatureName"], group["EventTimeFeatureName"])
    for name in needed:
        if not values.get(name):
            raise _invalid(f"Record must have the feature [{name}].")
    records = group.setdefault(feature_groups.RECORDS, {})
    identifier, moment = (values[name] for name in needed)
    there = {one["FeatureName"]: one for one in records.get(identifier, [])}
    if there and there[needed[1]]["ValueAsString"] > moment:
        return  # an older record never takes the place of a newer one
    records[identifier] = record


def _batch(home: Home, asked: Json, now: float) -> Json:
    found = []
    for one in asked.get("Identifiers") or []:
        group = _online(home, one["FeatureGroupName"], now)
        for identifier in one["RecordIdentifiersValueAsString"]:
            record = _chosen(group, identifier, one.get("FeatureNames") or [])
            if record:
                place = {
                    "FeatureGroupName": one["FeatureGroupName"],
                    "RecordIdentifierValueAsString": identifier,
                }
                found.append({**place, "Record": record})
    return {"Records": found, "Errors": [], "UnprocessedIdentifiers": []}


def _chosen(group: Json, identifier: str, names: list[str]) -> list[Json]:
    record: list[Json] = group.get(feature_groups.RECORDS, {}).get(identifier, [])
    return [one for one in record if not names or one["FeatureName"] in names]


def _online(home: Home, name: str, now: float) -> Json:
    group = feature_groups.find(home, name)
    if not (group.get("OnlineStoreConfig") or {}).get("EnableOnlineStore"):
        raise _invalid(f"FeatureGroup [{name}] has no online store.")
    if feature_groups.status(group, now) != "Created":
        raise _invalid(f"FeatureGroup [{name}] is not in status Created.")
    return group


def _body(request: Request) -> Json:
    try:
        value: Json = json.loads(request.body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", str(error)) from None
    return value


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", f"Validation Error with message: {message}")
