"""What Azure would refuse late, drop without a word, or do in the night: refused, or a gap."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from tests.engine.test_depth_azure_data import CONFIG
from tests.engine.test_depth_azure_serving import CONFIG as SERVING
from tests.spec.stacks import DELETE, ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
DATA = {key.removeprefix("mlplatform:"): value for key, value in CONFIG.items()}
MODES = {key.removeprefix("mlplatform:"): value for key, value in SERVING.items()}
AT, NET = "workloads.bankchurn.endpoint", "clouds.azure.network"
TRAINING, WATCH = "workloads.churn.training", "workloads.churn.monitoring"
GROUP, OWN = "workloads.churn.features.customers", "workloads.churn.training.azure"
CHAT, NIGHTLY = "workloads.chat", "workloads.nightly"
TRUSTS = "clouds.azure.ci.trusts"
MAIN = {"github": "acme/ml", "branch": "main"}
PRIVATE = {"private": True, "isolation": "internet_outbound", "address_space": "10.60.0.0/24"}
STORE = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/"
    "Microsoft.Storage/storageAccounts/s"
)
POD = {"cpu": "1", "memory": "1Gi"}
CLUSTER = STORE.replace("Storage/storageAccounts", "ContainerService/managedClusters")
SEARCH: dict[str, Any] = {"metric": "a", "max_runs": 2, "parameters": {"x": {"values": ["a"]}}}


def refused(given: dict[str, Any]) -> dict[str, str]:
    return problems(given, stack="dev-azure")


def gaps(given: dict[str, Any]) -> dict[str, str]:
    found = spec.read(given, stack="dev-azure", root=ROOT).gaps
    return {gap.path: gap.given for gap in found}


def outbound(**rule: str) -> dict[str, Any]:
    return {NET: {"isolation": "approved_outbound", "outbound": {"one": rule}}}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({f"{WATCH}.alert_emails": ["nobody"]}, "alert_emails[0]", "ml-team@example.com"),
        ({f"{WATCH}.label": "Exitedd"}, "label", "nearest: Exited"),
        ({f"{WATCH}.skew.thresholds": {"Agee": 0.3}}, "skew.thresholds.Agee", "nearest: Age"),
        ({f"{WATCH}.skew.thresholds": {"Age": -1.0}}, "skew.thresholds.Age", "0 or more"),
        ({f"{WATCH}.data_quality.thresholds": {"Age": 2.0}}, "data_quality.thresholds.Age", "1"),
        ({f"{WATCH}.attribution.default_threshold": 2.0}, "attribution.default_threshold", "1"),
        ({f"{WATCH}.model_quality.thresholds": {"recall": 9.0}}, "thresholds.recall", "0 to 1"),
        ({f"{WATCH}.baseline": "models/bankchurn"}, "baseline", "CSV file with a header"),
        ({WATCH: {"label": "Exited"}}, "monitoring", "one at least of data_quality"),
    ],
)
def test_what_a_monitor_could_not_watch_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    found = refused(changed(DATA, changes))
    assert [key for key in found if key.endswith(path)], found
    assert said in next(line for key, line in found.items() if key.endswith(path))


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({f"{TRAINING}.hyperparameters": {"a; rm -rf /": 1}}, "hyperparameters", "--<name>"),
        ({f"{TRAINING}.entry_point": "/etc/hostname"}, "entry_point", "no such file"),
        ({f"{TRAINING}.code": "."}, "code", "not all of it"),
        ({f"{TRAINING}.code": ""}, "code", "not all of it"),
        ({f"{TRAINING}.image": {"azure": "Acme/Train image"}}, "image.azure", "<repository>"),
        ({f"{TRAINING}.max_run_s": 1900800, f"{TRAINING}.spot": False}, "max_run_s", "21 days"),
        ({f"{TRAINING}.max_run_s": 691200, f"{TRAINING}.spot": True}, "max_run_s", "604800"),
        ({f"{TRAINING}.accelerator": DELETE, f"{TRAINING}.accelerators_per_node": 2}, "node", "1,"),
        ({OWN: {"environment": {"A=B": "x"}}}, "environment", "first no digit"),
        ({OWN: {"environment": {"MLP_MODEL_DIR": "x"}}}, "environment", "beginning with MLP_"),
        ({OWN: {"stop_after_reports": 3}}, "azure.stop_after_reports", "with tuning"),
        (
            {f"{TRAINING}.tuning": {**SEARCH, "parameters": {"a b": {"values": ["a"]}}}},
            "tuning.parameters",
            "--<name>",
        ),
        (
            {
                f"{TRAINING}.tuning": {
                    **SEARCH,
                    "parameters": {"x": {"min": 0.5, "max": 2.5, "integer": True}},
                }
            },
            "parameters.x",
            "whole numbers",
        ),
    ],
)
def test_a_job_that_would_fail_or_be_ended_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    found = refused(changed(DATA, changes))
    assert [line for key, line in found.items() if path in key and said in line], found


def test_a_version_that_is_none_is_said_once() -> None:
    assert list(refused(changed(DATA, {"workloads.churn.model.version": "2"}))) == [
        "workloads.churn.model.version"
    ]


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({f"{GROUP}.columns": {"customer_id": "string"}}, "columns", "2 or more"),
        ({f"{GROUP}.record_id": "event_time"}, "event_time", "whose row"),
        ({f"{GROUP}.columns.age": "integer"}, "columns.age", "Age for the same"),
        ({f"{GROUP}.offline": False, f"{GROUP}.schedule": "0 3 * * *"}, "schedule", "a store"),
        ({f"{GROUP}.source.azure": "azureml://datastore/x"}, "source.azure", "azureml://"),
    ],
)
def test_a_feature_group_that_could_not_hold_rows_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    given = changed(DATA, {f"{GROUP}.online": DELETE, f"{GROUP}.columns.Age": "integer"})
    found = refused(changed(given, changes))
    assert said in found[f"{GROUP}.{path}"]


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({TRUSTS: {"deploy": MAIN, "again": MAIN}}, f"{TRUSTS}.again", "deploy trusts it"),
        ({TRUSTS: {"deploy": {**MAIN, "branch": ""}}}, f"{TRUSTS}.deploy.branch", "1 characters"),
        ({TRUSTS: {"deploy": {**MAIN, "branch": "b" * 600}}}, f"{TRUSTS}.deploy", "600"),
        ({TRUSTS: {f"t{n}": MAIN for n in range(21)}}, TRUSTS, "20 or fewer"),
        ({NET: {**PRIVATE, "address_space": "10.60.0.0/28"}}, f"{NET}.address_space", "/27"),
        ({NET: {**PRIVATE, "allowed_ips": ["203.0.113.7"] * 2}}, f"{NET}.allowed_ips[1]", "once"),
        (
            {NET: {**PRIVATE, "allowed_ips": [f"203.0.{n // 250}.{n % 250}" for n in range(401)]}},
            f"{NET}.allowed_ips",
            "at most 400",
        ),
        (outbound(service_tag="Storage", ports="500-400"), f"{NET}.outbound.one.ports", "65535"),
        (outbound(service_tag="Storage", ports="https"), f"{NET}.outbound.one.ports", "443,8"),
        (outbound(resource_id="s", sub_resource="blob"), f"{NET}.outbound.one.resource_id", "id"),
        (
            outbound(resource_id=STORE, sub_resource="blobs"),
            f"{NET}.outbound.one.sub_resource",
            "nearest: blob",
        ),
        (
            {
                "clouds.azure.compute": {
                    "instances": {
                        "ada": {
                            "user_object_id": "00000000-0000-0000-0000-0000000000b1",
                            "start": "0 7 * * 1-5",
                            "stop": "0 7 * * *",
                        }
                    }
                }
            },
            "clouds.azure.compute.instances.ada.stop",
            "other times",
        ),
        *(
            (
                {
                    "clouds.azure.compute": {
                        "kubernetes": {
                            "hub": {
                                "cluster_id": CLUSTER,
                                "instance_types": {"small": {**POD, key: value}},
                            }
                        }
                    }
                },
                f"clouds.azure.compute.kubernetes.hub.instance_types.small.{key}",
                "above 0",
            )
            for key, value in (("cpu", "0"), ("memory", "0Gi"))
        ),
        ({f"{AT}.azure.target": {"cpu_percent": 100.0}}, f"{AT}.azure.target.cpu_percent", "below"),
        (
            {f"{AT}.variants": {f"v{n}": {"weight": 0 if n else 100} for n in range(21)}},
            f"{AT}.variants",
            "20, the deployments",
        ),
        (
            {
                f"{AT}.scaling.schedules": {
                    "day": {"cron": "0 6 * * *", "min": 1, "max": 2},
                    "work": {"cron": "0 6 * * 1", "min": 2, "max": 2},
                }
            },
            f"{AT}.scaling.schedules",
            "when day does, at 06:00",
        ),
    ],
)
def test_what_azure_would_refuse_at_apply_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    found = refused(changed(DEV, changes))
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({f"{CHAT}.endpoint.azure.instance_type": "Standard_D2as_v4"}, "chat.endpoint.azure.in"),
        ({f"{CHAT}.endpoint.azure.egress": "workspace"}, "chat.endpoint.azure.egress"),
        ({f"{NIGHTLY}.endpoint.azure.egress": "workspace"}, "nightly.endpoint.azure.egress"),
    ],
)
def test_a_key_of_another_mode_is_refused(changes: dict[str, Any], path: str) -> None:
    assert any(path in key for key in refused(changed(MODES, changes)))


TWO = {"one": {"weight": 60}, "two": {"weight": 40}}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({f"{CHAT}.model": {"framework": "pytorch", "version": "2.0"}}, f"{CHAT}.model"),
        ({f"{CHAT}.endpoint.accelerator": "T4"}, f"{CHAT}.endpoint.accelerator"),
        ({f"{CHAT}.endpoint.variants": TWO}, f"{CHAT}.endpoint.variants"),
        ({f"{NIGHTLY}.endpoint.variants": TWO}, f"{NIGHTLY}.endpoint.variants"),
        ({f"{NIGHTLY}.endpoint.scaling.scale_in_cooldown_s": 60}, f"{NIGHTLY}.endpoint.scaling"),
    ],
)
def test_what_a_mode_gives_up_is_a_gap(changes: dict[str, Any], path: str) -> None:
    assert path not in gaps(MODES)
    assert path in gaps(changed(MODES, changes))


def test_alarms_that_nothing_looks_at_are_a_gap() -> None:
    asked = {"strategy": "all_at_once", "alarms": {"error_percent": 5.0}}
    assert f"{AT}.rollout.alarms" in gaps(changed(DEV, {f"{AT}.rollout": asked}))


def test_a_group_without_any_store_is_not_said_to_have_the_offline_one() -> None:
    given = {f"{GROUP}.online": {}, f"{GROUP}.offline": False, f"{GROUP}.schedule": DELETE}
    found = gaps(changed(DATA, {**given, "clouds.azure.feature_store": DELETE}))
    assert "without a store" in found[f"{GROUP}.online"]


def test_workloads_whose_identities_would_have_one_name_are_refused() -> None:
    one = DATA["workloads"]["churn"]
    served = {"model": one["model"], "endpoint": one["endpoint"]}
    more = {"churn-train": served, "churn-monitor": served, "materialize": served}
    found = refused({**DATA, "workloads": {"churn": one, **more}})
    assert {path for path, line in found.items() if "identity" in line} == {
        f"workloads.{name}" for name in more
    }


def test_feature_groups_that_would_have_one_name_are_refused() -> None:
    group = DATA["workloads"]["churn"]["features"]["customers"]
    twins = {"a1": {"features": {"b-c": group}}, "a1-b": {"features": {"cc": group, "c1": group}}}
    assert refused({**DATA, "workloads": twins}) == {}
    twins["a1-b"]["features"] = {"c1": group}
    twins["a1"]["features"] = {"b-c1": group}
    assert list(refused({**DATA, "workloads": twins})) == ["workloads.a1-b.features.c1"]


def test_two_dashes_are_refused_where_a_container_would_have_them() -> None:
    given = {**DATA, "workloads": {"bank--churn": {"training": {"accelerator": "T4"}}}}
    assert "single dashes" in refused(given)["workloads.bank--churn"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (f"{TRUSTS}.bool.github", {TRUSTS: {"bool": {**MAIN, "github": 5}}}),
        (
            f"{NET}.outbound.float.fqdn",
            {NET: {"isolation": "approved_outbound", "outbound": {"float": {"fqdn": 5}}}},
        ),
    ],
)
def test_a_name_that_is_a_word_of_types_stays_in_the_path(path: str, wrong: dict[str, Any]) -> None:
    assert list(refused(changed(DEV, wrong))) == [path]


def test_an_id_in_capitals_is_the_same_subscription() -> None:
    capitals = "00000000-0000-0000-0000-00000000000A"
    found = spec.read(
        changed(DEV, {"clouds.azure.subscription_id": capitals}), stack="dev-azure", root=ROOT
    ).azure
    assert found is not None
    assert found.subscription_id == capitals.lower()
