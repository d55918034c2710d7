"""Rules of the field on Azure: every type's tags and region, times, batch, storage, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform.catalog.azure_time_zones import TIME_ZONES
from mlplatform.contracts import check
from mlplatform.contracts.unknown import UNKNOWN
from tests.contracts.test_azure_rules import GOOD as OTHERS
from tests.contracts.test_azure_rules import ML, A, changed

PLACE = {"resourceGroupName": "rg", "workspaceName": "ws1"}
SPARK = {
    "computeType": "ServerlessSpark",
    "computeIdentity": {"computeIdentityType": "AmlToken"},
    "instanceType": "standard_e4s_v3",
    "runtimeVersion": "3.3",
}
ROLLING = {
    "inputDataType": "Rolling",
    "jobInputType": "mltable",
    "uri": "azureml://x",
    "windowSize": "P7D",
    "windowOffset": "P0D",
}
STORE, POLICY = f"{A}:storage:StorageAccount", f"{A}:storage:ManagementPolicy"
AUTOSCALE, GROUP = f"{A}:monitor:AutoscaleSetting", f"{A}:resources:ResourceGroup"
RECURRENCE = {"triggerType": "Recurrence", "frequency": "Day", "interval": 1}

GOOD: dict[str, dict[str, Any]] = {
    f"{ML}:BatchEndpoint": {
        **PLACE,
        "endpointName": "score",
        "location": "West Europe",
        "properties": {"authMode": "AADToken"},
    },
    f"{ML}:BatchDeployment": {
        **PLACE,
        "endpointName": "score",
        "deploymentName": "files",
        "properties": {
            "miniBatchSize": 10,
            "maxConcurrencyPerInstance": 1,
            "errorThreshold": -1,
            "retrySettings": {"maxRetries": 0, "timeout": "PT5M"},
            "resources": {"instanceCount": 2},
        },
    },
    f"{ML}:Schedule": {
        **PLACE,
        "name": "nightly",
        "properties": {
            "trigger": {
                "triggerType": "Cron",
                "expression": "0 6,18 * JAN-MAR 1-5",
                "startTime": "2026-11-21T06:00:00",
                "endTime": "2027-11-21T06:00:00",
                "timeZone": "W. Europe Standard Time",
            },
            "action": {
                "actionType": "CreateMonitor",
                "monitorDefinition": {
                    "computeConfiguration": SPARK,
                    "signals": {
                        "drift": {
                            "signalType": "DataDrift",
                            "productionData": ROLLING,
                            "referenceData": ROLLING,
                            "metricThresholds": [
                                {
                                    "dataType": "Numerical",
                                    "metric": "NormalizedWassersteinDistance",
                                    "threshold": {"value": 0.3},
                                }
                            ],
                        }
                    },
                    "alertNotificationSettings": {
                        "emailNotificationSettings": {"emails": ["team@example.com"]}
                    },
                },
            },
        },
    },
    f"{ML}:FeaturesetVersion": {
        **PLACE,
        "name": "customers",
        "version": "1",
        "properties": {
            "entities": ["azureml:customer:1"],
            "materializationSettings": {
                "storeType": "Offline",
                "resource": {"instanceType": "Standard_E8s_v3"},
                "notification": {"emailOn": ["JobFailed"], "emails": ["team@example.com"]},
                "schedule": {**RECURRENCE, "schedule": {"hours": [3, 15], "minutes": [30]}},
            },
        },
    },
    f"{ML}:Compute": {
        **PLACE,
        "computeName": "ada",
        "properties": {
            "computeType": "ComputeInstance",
            "properties": {
                "vmSize": "Standard_D4s_v5",
                "applicationSharingPolicy": "Personal",
                "schedules": {
                    "computeStartStop": [
                        {"action": "Start", "cron": {"expression": "0 7 * * 1-5"}},
                        {
                            "action": "Stop",
                            "recurrence": {
                                "frequency": "Week",
                                "interval": 1,
                                "schedule": {"hours": [19], "minutes": [0], "weekDays": ["Friday"]},
                            },
                        },
                    ]
                },
            },
        },
    },
    f"{ML}:Datastore": {
        **PLACE,
        "name": "captured_2",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "store1",
            "containerName": "captured",
            "credentials": {"credentialsType": "None"},
        },
    },
    STORE: {
        **OTHERS[STORE],
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/subscriptions/s"]},
        "encryption": {
            "keySource": "Microsoft.Keyvault",
            "keyVaultProperties": {"keyName": "k", "keyVaultUri": "https://v.vault.azure.net/"},
        },
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [{"iPAddressOrRange": "203.0.113.7"}, {"iPAddressOrRange": "8.8.8.0/30"}],
        },
        "tags": {"Owner": "ml-team"},
        "location": "westeurope",
    },
    POLICY: {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "managementPolicyName": "default",
        "policy": {
            "rules": [
                {
                    "name": name,
                    "type": "Lifecycle",
                    "definition": {
                        "actions": {"baseBlob": {"delete": {"daysAfterCreationGreaterThan": 30}}},
                        "filters": {"blobTypes": ["blockBlob"]},
                    },
                }
                for name in ("old", "older")
            ]
        },
    },
    AUTOSCALE: {
        **OTHERS[AUTOSCALE],
        "profiles": [
            *OTHERS[AUTOSCALE]["profiles"],
            {
                "name": "night",
                "capacity": {"minimum": "1", "maximum": "1", "default": "1"},
                "rules": [],
                "recurrence": {
                    "frequency": "Week",
                    "schedule": {
                        "timeZone": "UTC",
                        "days": ["Monday"],
                        "hours": [20],
                        "minutes": [0],
                    },
                },
            },
        ],
    },
    f"{A}:keyvault:Key": {
        **OTHERS[f"{A}:keyvault:Key"],
        "properties": {
            "kty": "RSA",
            "rotationPolicy": {
                "attributes": {"expiryTime": "P2Y"},
                "lifetimeActions": [
                    {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P18M"}}
                ],
            },
        },
    },
    GROUP: {**OTHERS[GROUP], "tags": {"Owner": "ml-team"}},
    f"{ML}:CodeVersion": {
        **PLACE,
        "name": "score",
        "version": "1",
        "properties": {"codeUri": "https://store1.blob.core.windows.net/artifacts/code/ab"},
    },
    f"{ML}:ModelVersion": OTHERS[f"{ML}:ModelVersion"],
    f"{A}:authorization:RoleAssignment": OTHERS[f"{A}:authorization:RoleAssignment"],
    f"{ML}:OnlineDeployment": OTHERS[f"{ML}:OnlineDeployment"],
    f"{ML}:Workspace": {**OTHERS[f"{ML}:Workspace"], "v1LegacyMode": False},
}
_BATCH = f"{ML}:BatchDeployment"
_SCHEDULE, _TRIGGER = f"{ML}:Schedule", "properties.trigger"
_SET, _ROWS = f"{ML}:FeaturesetVersion", "properties.materializationSettings.schedule"
_MACHINE = "properties.properties.schedules.computeStartStop"
_EMAIL = (
    "properties.action.monitorDefinition.alertNotificationSettings"
    ".emailNotificationSettings.emails.0"
)
_SIGNAL = "properties.action.monitorDefinition.signals.drift"
_DELETE = "policy.rules.1.definition.actions.baseBlob.delete.daysAfterCreationGreaterThan"
_ROTATION = "properties.rotationPolicy"

BAD: list[tuple[str, str, Any, str]] = [
    (GROUP, "location", "westeuropee", "nearest: westeurope"),
    (GROUP, "location", "eu-central-1", "a region such as westeurope"),
    (GROUP, "tags", {str(n): "v" for n in range(51)}, "at most 50"),
    (GROUP, "tags", {"a/b": "v"}, "without < > % &"),
    (GROUP, "tags", {"Owner": "v" * 257}, "at most 256"),
    (STORE, "tags", {"n" * 129: "v"}, "1 to 128"),
    (STORE, "networkRuleSet.ipRules.0.iPAddressOrRange", "10.0.0.1", "public IPv4"),
    (STORE, "networkRuleSet.ipRules.1.iPAddressOrRange", "8.8.8.0/31", "at most /30"),
    (STORE, "encryption.keyVaultProperties", None, "keyName and keyVaultUri"),
    (STORE, "identity", None, "the identity that uses the key"),
    (POLICY, _DELETE, -1, "0 days or more"),
    (POLICY, "policy.rules.1.name", "old", "a name of its own"),
    (f"{ML}:BatchEndpoint", "properties.authMode", "Key", "AADToken"),
    (_BATCH, "properties.miniBatchSize", 0, "1 or more"),
    (_BATCH, "properties.errorThreshold", -2, "-1 or more"),
    (_BATCH, "properties.retrySettings.timeout", "300", "ISO 8601"),
    (_BATCH, "properties.retrySettings.maxRetries", -1, "0 or more"),
    (_BATCH, "properties.resources.instanceCount", 0, "1 or more"),
    (_SCHEDULE, "name", "a b", "1 to 255"),
    (_SCHEDULE, f"{_TRIGGER}.expression", "0 25 * * *", "wrong: hour"),
    (_SCHEDULE, f"{_TRIGGER}.expression", "*/0 * * * *", "wrong: minute"),
    (_SCHEDULE, f"{_TRIGGER}.expression", "0 6 * *", "minute hour day month weekday"),
    (_SCHEDULE, f"{_TRIGGER}.startTime", "tomorrow", "ISO 8601 time"),
    (_SCHEDULE, f"{_TRIGGER}.startTime", "2026-11-21", "ISO 8601 time"),
    (_SCHEDULE, f"{_TRIGGER}.startTime", "2026-11-21T06:00:00+01:00", "without an offset"),
    (_SCHEDULE, f"{_TRIGGER}.startTime", "2026-02-30T06:00:00", "ISO 8601 time"),
    (_SCHEDULE, f"{_TRIGGER}.timeZone", "W. Europe Standart Time", "W. Europe Standard Time"),
    (_SCHEDULE, f"{_TRIGGER}.timeZone", "Europe/Berlin", "one of 131 Windows time zones"),
    (_SET, f"{_ROWS}.timeZone", "CET", "Windows time zones"),
    (_SCHEDULE, f"{_TRIGGER}.endTime", "2025-11-21T06:00:00", "after startTime"),
    (_SCHEDULE, _EMAIL, "team", "an address"),
    (_SCHEDULE, f"{_SIGNAL}.productionData.windowSize", "7 days", "ISO 8601"),
    (_SCHEDULE, f"{_SIGNAL}.metricThresholds.0.threshold.value", -0.1, "0 or more"),
    (
        _SCHEDULE,
        "properties.action.monitorDefinition.computeConfiguration.instanceType",
        "Standard_DS3_v2",
        "serverless Spark",
    ),
    (_SET, "properties.materializationSettings.resource.instanceType", "e8", "serverless Spark"),
    (_SET, "properties.materializationSettings.notification.emails.0", "me", "an address"),
    (_SET, f"{_ROWS}.interval", 0, "1 or more"),
    (_SET, f"{_ROWS}.schedule.hours.1", 24, "0 to 23"),
    (_SET, f"{_ROWS}.schedule.minutes.0", 60, "0 to 59"),
    (f"{ML}:Compute", f"{_MACHINE}.0.cron.expression", "7 am", "minute hour day"),
    (f"{ML}:Compute", f"{_MACHINE}.1.recurrence.interval", 0, "1 or more"),
    (f"{ML}:Compute", f"{_MACHINE}.0.cron.timeZone", "W Europe Standard Time", "W. Europe"),
    (f"{ML}:Compute", f"{_MACHINE}.1.recurrence.startTime", "2026-11-21 06:00", "ISO 8601 time"),
    (f"{ML}:CodeVersion", "properties.codeUri", "/tmp/code", "uploaded before"),
    (f"{ML}:ModelVersion", "properties.modelUri", "C:\\models\\m", "uploaded before"),
    (f"{ML}:Datastore", "name", "Captured", "lower-case letters, digits and _"),
    (AUTOSCALE, "profiles.1.recurrence.schedule.days.0", "Mon", "Monday to Sunday"),
    (AUTOSCALE, "profiles.1.recurrence.schedule.hours.0", 24, "0 to 23"),
    (AUTOSCALE, "profiles.1.recurrence.schedule.timeZone", "Berlin", "Windows time zones"),
    (AUTOSCALE, "profiles.1.name", "p", "a name of its own"),
    (AUTOSCALE, "profiles", [], "1 to 20"),
    (f"{A}:keyvault:Key", f"{_ROTATION}.attributes.expiryTime", "P1D", "7 days or more"),
    (
        f"{A}:keyvault:Key",
        f"{_ROTATION}.lifetimeActions.0.trigger.timeAfterCreate",
        "one year",
        "such as P90D",
    ),
    (f"{ML}:Workspace", "v1LegacyMode", True, "allowed: false"),
    (f"{ML}:Workspace", "identity", None, "a managed identity"),
]

LEFT_OUT: list[tuple[str, str, Any]] = [
    (AUTOSCALE, "enabled", False),
    (AUTOSCALE, "enabled", None),
    (f"{A}:authorization:RoleAssignment", "principalType", None),
    (f"{ML}:OnlineDeployment", "properties.instanceType", None),
    (f"{ML}:Compute", "properties.properties.applicationSharingPolicy", None),
]
"""Defaults that nobody can want: what the class or Azure fills in is told as a problem."""


@pytest.mark.parametrize("token", GOOD)
def test_what_azure_accepts_is_accepted(token: str) -> None:
    assert check(token, GOOD[token]) == []


@pytest.mark.parametrize(("token", "path", "value", "words"), BAD)
def test_what_azure_refuses_is_refused(token: str, path: str, value: Any, words: str) -> None:
    problems = check(token, changed(GOOD[token], path, value))
    assert len(problems) == 1, [str(p) for p in problems]
    assert words in str(problems[0])


@pytest.mark.parametrize(("token", "path"), [(token, path) for token, path, _, _ in BAD])
def test_the_same_place_not_known_yet_is_not_judged(token: str, path: str) -> None:
    assert check(token, changed(GOOD[token], path, UNKNOWN)) == []


@pytest.mark.parametrize(("token", "path", "value"), LEFT_OUT)
def test_a_default_that_nobody_can_want_has_to_be_said_otherwise(
    token: str, path: str, value: Any
) -> None:
    (problem,) = check(token, changed(GOOD[token], path, value))
    assert problem.path == path
    assert problem.message.startswith("say ")


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("AmlCompute", "g" * 33, "3 to 32"),
        ("AmlCompute", "gp", "3 to 32"),
        ("Kubernetes", "k" * 17, "2 to 16"),
        ("ComputeInstance", "i" * 25, "3 to 24"),
    ],
)
def test_the_length_of_a_computes_name_depends_on_its_kind(
    kind: str, name: str, words: str
) -> None:
    inputs = {**PLACE, "computeName": name, "properties": {"computeType": kind, "resourceId": "/x"}}
    (problem,) = [p for p in check(f"{ML}:Compute", inputs) if p.path == "computeName"]
    assert words in problem.message


def test_a_region_that_is_not_known_is_let_through() -> None:
    assert check(GROUP, {**GOOD[GROUP], "location": "atlantissouth2"}) == []
    assert check(GROUP, {**GOOD[GROUP], "location": "usgovvirginia"}) == []


def test_a_curve_has_no_size() -> None:
    given = {**OTHERS[f"{A}:keyvault:Key"], "properties": {"kty": "EC", "keySize": 256}}
    (problem,) = check(f"{A}:keyvault:Key", given)
    assert "curveName" in problem.message


def test_the_time_zones_are_those_that_azure_ai_ml_knows() -> None:
    from azure.ai.ml.constants import TimeZone

    assert tuple(zone.value for zone in TimeZone) == TIME_ZONES
