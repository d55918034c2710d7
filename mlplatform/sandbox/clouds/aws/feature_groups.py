"""SageMaker feature groups: create, grow, delete; their Glue tables stay, as they do on AWS."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlparse

from mlplatform.sandbox.clouds.aws import glue_tables, roles, tags
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import ARN, GONE_AT, Call, Home, Json, listed

RESERVED = frozenset({"is_deleted", "write_time", "api_invocation_time"})
MOST_FEATURES = 2500
_READY_AT, _FAILS, _UPDATE = "-ready-at", "-fails", "-update"
RECORDS = "-records"
"""Kept with a group: what `feature_records` has of it."""
_OWN = frozenset({ARN, GONE_AT, RECORDS, _READY_AT, _FAILS, _UPDATE})


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"feature-group/{name.lower()}")


def find(home: Home, name: str) -> Json:
    short = name.rpartition("/")[2]
    if short not in home.feature_groups:
        raise ServiceError(
            "ResourceNotFound",
            f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {short}",
        )
    return home.feature_groups[short]


@handles("sagemaker", "CreateFeatureGroup")
def create(call: Call) -> Json:
    name, own = call.params["FeatureGroupName"], arn(call.home, call.params["FeatureGroupName"])
    if name in call.home.feature_groups:
        raise ServiceError(
            "ResourceInUse",
            f"Resource Already Exists: FeatureGroup with name {name} already exists. Choose a "
            "different name.",
        )
    _require_features(call.params["FeatureDefinitions"], call.params)
    online, offline = call.params.get("OnlineStoreConfig"), call.params.get("OfflineStoreConfig")
    if not (online or {}).get("EnableOnlineStore") and offline is None:
        raise invalid("At least one of OnlineStoreConfig and OfflineStoreConfig must be enabled.")
    if offline is not None:
        _require_store(call, offline)
    kept = {key: value for key, value in call.params.items() if key != "Tags"}
    call.home.feature_groups[name] = {
        **kept,
        **({"OfflineStoreConfig": _resolved(call, offline)} if offline else {}),
        "FeatureGroupArn": own,
        "CreationTime": call.now,
        ARN: own,
        _READY_AT: call.now + call.delay_s,
        _FAILS: call.outcome == "fail_create",
    }
    tags.begin(call, own)
    return {"FeatureGroupArn": own}


@handles("sagemaker", "DescribeFeatureGroup")
def describe(call: Call) -> Json:
    group = find(call.home, call.params["FeatureGroupName"])
    shown = {key: value for key, value in group.items() if key not in _OWN}
    now = status(group, call.now)
    if now == "CreateFailed":
        shown["FailureReason"] = "The offline store could not be written (a fault was asked for)."
    if "OfflineStoreConfig" in group:
        shown["OfflineStoreStatus"] = {"Status": "Active"}
    if update := group.get(_UPDATE):
        shown["LastUpdateStatus"] = _update_status(update, call.now)
    return {**shown, "FeatureGroupStatus": now, "NextToken": ""}


@handles("sagemaker", "UpdateFeatureGroup")
def update(call: Call) -> Json:
    """One kind of change a call, none while another runs (UpdateFeatureGroup)."""
    group = find(call.home, call.params["FeatureGroupName"])
    asked = [name for name in call.params if name != "FeatureGroupName"]
    if len(asked) != 1:
        raise invalid("Exactly one of the update parameters must be specified at a time.")
    if status(group, call.now) != "Created":
        raise invalid(f"FeatureGroup {group['FeatureGroupName']} is not in status Created.")
    running = group.get(_UPDATE)
    if running and _update_status(running, call.now)["Status"] == "InProgress":
        raise ServiceError("ResourceInUse", "Another update of the FeatureGroup is in progress.")
    fails = call.outcome == "rollback"
    changes = {} if fails else _applied(call, group, asked[0])
    group.update(changes)
    group["LastModifiedTime"] = call.now
    group[_UPDATE] = {"until": call.now + call.delay_s, "fails": fails}
    return {"FeatureGroupArn": group["FeatureGroupArn"]}


@handles("sagemaker", "DeleteFeatureGroup")
def delete(call: Call) -> Json:
    group = find(call.home, call.params["FeatureGroupName"])
    group.setdefault(GONE_AT, call.now + call.delay_s)
    return {}


@handles("sagemaker", "ListFeatureGroups")
def list_all(call: Call) -> Json:
    items = (
        {
            "FeatureGroupName": group["FeatureGroupName"],
            "FeatureGroupArn": group["FeatureGroupArn"],
            "CreationTime": group["CreationTime"],
            "FeatureGroupStatus": status(group, call.now),
        }
        for group in call.home.feature_groups.values()
    )
    wanted = call.params.get("FeatureGroupStatusEquals")
    return listed(
        (item for item in items if wanted in (None, item["FeatureGroupStatus"])),
        call.params,
        name="FeatureGroupName",
        created="CreationTime",
        key="FeatureGroupSummaries",
    )


def status(group: Json, now: float) -> str:
    """FeatureGroupStatus at a moment."""
    if GONE_AT in group:
        return "Deleting"
    if now < group[_READY_AT]:
        return "Creating"
    return "CreateFailed" if group[_FAILS] else "Created"


def _update_status(update: Json, now: float) -> Json:
    if now < update["until"]:
        return {"Status": "InProgress"}
    if update["fails"]:
        return {"Status": "Failed", "FailureReason": "The update failed (a fault was asked for)."}
    return {"Status": "Successful"}


def _applied(call: Call, group: Json, what: str) -> Json:
    asked = call.params[what]
    if what == "FeatureAdditions":
        features = [*group["FeatureDefinitions"], *asked]
        _require_features(features, group)
        glue_tables.add_features(call.home, group, asked)
        return {"FeatureDefinitions": features}
    if what == "ThroughputConfig":
        return {what: {**group.get(what, {}), **asked}}
    online = dict(group.get("OnlineStoreConfig") or {})
    if not online.get("EnableOnlineStore"):
        raise invalid("The FeatureGroup has no online store to update.")
    if "TtlDuration" in asked:
        online["TtlDuration"] = asked["TtlDuration"]
        if not asked["TtlDuration"]:
            del online["TtlDuration"]
    if kind := asked.get("StorageType"):
        if (online.get("StorageType", "Standard"), kind) != ("Standard", "Standard_V2"):
            raise invalid("The online store can only be migrated from Standard to Standard_V2.")
        online["StorageType"] = kind
    return {"OnlineStoreConfig": online}


def _require_features(features: list[Json], group: Json) -> None:
    names = [feature["FeatureName"] for feature in features]
    lower = [name.lower() for name in names]
    if len(set(lower)) < len(lower):
        raise invalid(f"Feature names must be unique within a FeatureGroup: {names}")
    if taken := RESERVED & set(lower):
        raise invalid(f"Feature names are reserved: {sorted(taken)}")
    if len(names) > MOST_FEATURES:
        raise invalid(f"A FeatureGroup takes at most {MOST_FEATURES} features.")
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if group[member] not in names:
            raise invalid(f"{member} {group[member]} is not among the FeatureDefinitions.")


def _require_store(call: Call, offline: Json) -> None:
    role = call.params.get("RoleArn")
    if role is None:
        raise invalid("RoleArn is required with OfflineStoreConfig.")
    roles.require_passable(call, role)
    roles.require_assumable(call, role)
    bucket = urlparse(offline["S3StorageConfig"]["S3Uri"]).netloc
    if not _bucket_exists(bucket):
        raise invalid(f"Invalid S3Uri provided: bucket {bucket} does not exist.")


def _bucket_exists(name: str) -> bool:
    from moto.s3.models import s3_backends

    known: Any = s3_backends.bucket_accounts
    return name in known


def _resolved(call: Call, offline: Json) -> Json:
    """The offline store with what the service decides: its folder and its Glue table."""
    storage, name = offline["S3StorageConfig"], call.params["FeatureGroupName"]
    root, home = storage["S3Uri"].rstrip("/"), call.home
    folder = f"{root}/{home.account}/sagemaker/{home.region}/offline-store/{name}-{call.now:.0f}"
    out = {
        "DisableGlueTableCreation": False,
        "TableFormat": "Glue",
        **offline,
        "S3StorageConfig": {**storage, "ResolvedOutputS3Uri": f"{folder}/data"},
    }
    if not offline.get("DisableGlueTableCreation"):
        out["DataCatalogConfig"] = glue_tables.create(call, out)
    return out
