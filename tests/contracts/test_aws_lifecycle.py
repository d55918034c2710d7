"""The life-cycle layer of the AWS contract: what a change does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts.unknown import UNKNOWN
from tests.contracts.bodies import (
    BUCKET,
    CONFIGURATION,
    ENDPOINT,
    FEATURES,
    KEY,
    LOGS,
    MODEL,
    OBJECT,
    POLICY,
    ROLE,
    ROLE_POLICY,
    TARGET,
    VERSIONING,
    bent,
    good,
)


@pytest.mark.parametrize(
    ("token", "bend", "value", "kind"),
    [
        (CONFIGURATION, "productionVariants.0.instanceType", "ml.m5.xlarge", "replace"),
        (CONFIGURATION, "productionVariants.0.initialVariantWeight", 50, "replace"),
        (CONFIGURATION, "tags", {"team": "x"}, "update"),
        (MODEL, "primaryContainer.modelDataUrl", "s3://models-1/other.tar.gz", "replace"),
        (ENDPOINT, "endpointConfigName", "other", "update"),
        (ENDPOINT, "endpointConfigName", UNKNOWN, "update"),
        (ENDPOINT, "name", "other", "replace"),
        (ENDPOINT, "deploymentConfig", {"autoRollbackConfiguration": {}}, "update"),
        (TARGET, "maxCapacity", 20, "update"),
        (TARGET, "resourceId", "endpoint/other/variant/v1", "replace"),
        (POLICY, "targetTrackingScalingPolicyConfiguration.targetValue", 50, "update"),
        (POLICY, "name", "other", "replace"),
        (ROLE, "assumeRolePolicy", "{}", "update"),
        (ROLE, "path", "/other/", "replace"),
        (ROLE_POLICY, "policy", "{}", "update"),
        (ROLE_POLICY, "role", "other", "replace"),
        (KEY, "description", "other", "update"),
        (KEY, "enableKeyRotation", False, "update"),
        (KEY, "deletionWindowInDays", 30, "update"),
        (KEY, "keyUsage", "SIGN_VERIFY", "replace"),
        (BUCKET, "bucket", "models-2", "replace"),
        (BUCKET, "forceDestroy", False, "update"),
        (BUCKET, "region", "eu-west-1", "replace"),
        (VERSIONING, "versioningConfiguration.status", "Suspended", "update"),
        (OBJECT, "content", "y", "update"),
        (OBJECT, "key", "other", "replace"),
        (LOGS, "retentionInDays", 90, "update"),
        (LOGS, "retentionInDays", None, "update"),
        (LOGS, "logGroupClass", "INFREQUENT_ACCESS", "replace"),
        (FEATURES, "featureDefinitions.0.featureType", "Integral", "replace"),
        (
            FEATURES,
            "onlineStoreConfig.ttlDuration",
            {"unit": "Days", "value": 7},
            "update",
        ),
        (FEATURES, "onlineStoreConfig.storageType", "InMemory", "replace"),
    ],
)
def test_a_change_is_carried_out_as_aws_does(token: str, bend: str, value: Any, kind: str) -> None:
    found = contracts.changes(token, good(token), bent(token, bend, value))
    assert [change.kind for change in found] == [kind]
    assert found[0].source


def test_alarms_that_roll_an_endpoint_back_need_a_new_endpoint() -> None:
    old = {**good(ENDPOINT), "deploymentConfig": {"autoRollbackConfiguration": {"alarms": []}}}
    alarms = [{"alarmName": "latency"}]
    new = {**old, "deploymentConfig": {"autoRollbackConfiguration": {"alarms": alarms}}}
    found = contracts.changes(ENDPOINT, old, new)
    assert [change.kind for change in found] == ["replace"]


def test_a_document_in_another_layout_is_no_change() -> None:
    old = good(ROLE)
    new = {**old, "assumeRolePolicy": json.dumps(json.loads(old["assumeRolePolicy"]), indent=4)}
    assert contracts.changes(ROLE, old, new) == []


def test_an_empty_string_is_no_change_from_absent() -> None:
    assert contracts.changes(ROLE, good(ROLE), {**good(ROLE), "description": ""}) == []
