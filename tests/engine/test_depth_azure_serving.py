"""Serving and access on Azure in depth: one small stack, brought up, read back, changed, destroyed.

The tests run in the order of the file and share one sandbox. What is read back comes from
azure-ai-ml, azure-mgmt-monitor, azure-mgmt-authorization, azure-mgmt-msi and azure-mgmt-storage,
the vendor's own clients.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.contracts.azure.access import Assignment, may
from tests.engine.azure_client import AzureClients, History, assert_always_served, azure_clients
from tests.engine.conftest import Project
from tests.engine.importing import imported

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("up"),
    # Microsoft's packages warn about themselves.
    pytest.mark.filterwarnings("ignore"),
]

CHURN = "ml-dev-bankchurn-7ac1b8"
NIGHTLY = "ml-dev-nightly-batch-7ac1b8"
ADA = "ml-dev-7ac1b8-ada"
LLAMA = "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct"
PERSON = "00000000-0000-0000-0000-0000000000b1"
SHARED = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared"
AKS = f"{SHARED}/providers/Microsoft.ContainerService/managedClusters/hub"
PROBE = {"initial_delay_s": 30, "period_s": 5}
CONFIG: dict[str, Any] = {
    "mlplatform:labels": {
        "project": "ml-platform",
        "owner": "ml-team",
        "cost_center": "data-science",
        "data_class": "internal",
        "auto_shutdown": True,
        "backup_required": False,
    },
    "mlplatform:clouds": {
        "azure": {
            "subscription_id": "00000000-0000-0000-0000-000000000001",
            "tenant_id": "00000000-0000-0000-0000-0000000000aa",
            "location": "westeurope",
            "log_retention_days": 60,
            "encrypt_workspace": True,
            "compute": {
                "instances": {
                    "ada": {
                        "user_object_id": PERSON,
                        "vm_size": "Standard_D4s_v5",
                        "idle_before_shutdown_s": 1800,
                        "start": "0 7 * * 1-5",
                        "stop": "0 19 * * *",
                    }
                },
                "kubernetes": {
                    "hub": {
                        "cluster_id": AKS,
                        "namespace": "ml",
                        "instance_types": {
                            "small": {"cpu": "2", "memory": "8Gi"},
                            "gpu": {
                                "cpu": "4",
                                "memory": "28Gi",
                                "gpus": 1,
                                "node_selector": {"pool": "gpu"},
                            },
                        },
                        "default_instance_type": "small",
                    }
                },
                "serverless": {},
            },
            "quotas": {"declared": {"standardDSv5Family": 4, "standardDASv4Family": 100}},
            "network": {
                "isolation": "approved_outbound",
                "outbound": {
                    "pypi": {"fqdn": "pypi.org"},
                    "monitor": {"service_tag": "AzureMonitor", "ports": "443"},
                },
                "private": True,
                "address_space": "10.60.0.0/22",
                "allowed_ips": ["203.0.113.7"],
            },
            "ci": {
                "trusts": {
                    "github": {"github": "acme/ml", "environment": "dev"},
                    "main": {"github": "acme/ml", "branch": "main"},
                }
            },
        }
    },
    "mlplatform:workloads": {
        "nightly": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": "models/bankchurn/model.tar.gz",
            },
            "endpoint": {
                "mode": "batch",
                "scaling": {"min": 0, "max": 2},
                "azure": {
                    "instance_type": "Standard_D2as_v4",
                    "batch": {"files_per_batch": 20, "low_priority": True},
                },
            },
        },
        "scored": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": "models/bankchurn/model.tar.gz",
            },
            "endpoint": {
                "mode": "batch",
                "scaling": {"min": 0, "max": 1},
                "azure": {"instance_type": "Standard_D2as_v4"},
            },
        },
        "chat": {
            "endpoint": {
                "mode": "serverless",
                "scaling": {"min": 0, "max": 1},
                "azure": {"serverless": {"model_id": LLAMA}},
            }
        },
        "bankchurn": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": "models/bankchurn/model.tar.gz",
            },
            "endpoint": {
                "private": True,
                "rollout": {
                    "strategy": "linear",
                    "step_percent": 50,
                    "wait_s": 0,
                    "alarms": {"error_percent": 5, "latency_ms": 500},
                },
                "capture": {"sampling_percent": 50, "retention_days": 30},
                "scaling": {
                    "min": 1,
                    "max": 5,
                    "schedules": {
                        "day": {"cron": "0 6 * * 1-5", "min": 1, "max": 5},
                        "night": {"cron": "0 20 * * *", "min": 1, "max": 2},
                    },
                },
                "variants": {
                    "current": {"weight": 100},
                    "candidate": {"weight": 0, "shadow_percent": 20},
                },
                "azure": {
                    "instance_type": "Standard_D2as_v4",
                    "target": {"cpu_percent": 70},
                    "request": {"timeout_s": 30, "max_concurrent_per_instance": 2},
                    "liveness_probe": PROBE,
                    "readiness_probe": PROBE,
                },
            },
            "monitoring": {"drift": {"schedule": "0 6 * * *"}},
            "features": {
                "customers": {
                    "record_id": "customer_id",
                    "event_time": "event_time",
                    "columns": {"customer_id": "string", "event_time": "timestamp", "Age": "float"},
                    "source": {"azure": "azureml://datastores/customers/paths/churn/"},
                }
            },
        },
    },
}


def stack_file(**endpoint: Any) -> dict[str, Any]:
    """The stack, with keys of the endpoint changed."""
    config = json.loads(json.dumps(CONFIG))
    config["mlplatform:workloads"]["bankchurn"]["endpoint"].update(endpoint)
    return {"config": config}


@pytest.fixture(scope="module")
def azure(project: Project) -> Iterator[AzureClients]:
    project.write_stack_file(stack_file())
    with azure_clients(project.addresses()["azure"]) as clients:
        for exists in (SHARED, AKS):
            clients.raw("PUT", exists, {"location": "westeurope"})
        yield clients


@pytest.fixture(scope="module")
def up(project: Project, azure: AzureClients) -> str:
    del azure  # the stack file is written by then
    return project.run("sandbox", "up").text


def test_a_shadow_gets_copies_and_the_live_variant_everything(azure: AzureClients) -> None:
    endpoint = azure.ml.online_endpoints.get(CHURN)
    names = {variant: found.name for variant, found in azure.deployments(CHURN).items()}
    assert endpoint.traffic == {names["current"]: 100}
    assert endpoint.mirror_traffic == {names["candidate"]: 20}


def test_probes_and_request_settings_are_as_declared(azure: AzureClients) -> None:
    for deployment in azure.deployments(CHURN).values():
        for probe in (deployment.liveness_probe, deployment.readiness_probe):
            assert (probe.initial_delay, probe.period) == (30, 5)
        assert deployment.request_settings.request_timeout_ms == 30_000
        assert deployment.request_settings.max_concurrent_requests_per_instance == 2


def test_each_setting_has_a_profile_for_each_schedule(azure: AzureClients) -> None:
    for setting in azure.autoscale(CHURN).values():
        found = {
            profile.name: (
                profile.capacity.maximum,
                profile.recurrence and tuple(profile.recurrence.schedule.hours),
                profile.recurrence and len(profile.recurrence.schedule.days),
            )
            for profile in setting.profiles
        }
        assert found == {
            "default": ("5", None, None),
            "day": ("5", (6,), 5),
            "night": ("2", (20,), 7),
        }


def test_requests_are_collected_where_the_identity_may_write_and_are_deleted_in_time(
    azure: AzureClients,
) -> None:
    for variant, deployment in azure.deployments(CHURN).items():
        collector = deployment.data_collector
        assert set(collector.collections) == {"model_inputs", "model_outputs"}
        for name, collection in collector.collections.items():
            assert collection.sampling_rate == 0.5
            dashed = name.replace("_", "-")
            data = azure.ml.data.get(f"ml-dev-bankchurn-{variant}-{dashed}", "1")
            assert data.path.endswith(f"/datastores/captured/paths/bankchurn/{variant}/{name}")
    policy = azure.storage.management_policies.get("ml-dev", "mldev7ac1b8", "default")
    ((rule),) = policy.policy.rules
    assert rule.definition.filters.prefix_match == ["captured/bankchurn/"]
    deleted = rule.definition.actions.base_blob.delete
    assert deleted.days_after_modification_greater_than == 30


def test_the_endpoints_identity_can_do_what_it_is_for_and_nothing_else(
    azure: AzureClients,
) -> None:
    identity = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-bankchurn-serve")
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    group = f"/subscriptions/{azure.public['subscription_id']}/resourceGroups/ml-dev"
    account = f"{group}/providers/Microsoft.Storage/storageAccounts/mldev7ac1b8"
    containers = f"{account}/blobServices/default/containers"
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/mldev7ac1b8"
    workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ml-dev"
    given = [
        Assignment(principal=one.principal_id, role=one.role_definition_id, scope=one.scope)
        for one in azure.authorization.role_assignments.list_for_subscription()
    ]
    can = {
        (operation, resource): may(
            given, identity.principal_id, operation, resource, data=operation.startswith(blobs)
        )
        for operation, resource in (
            (f"{blobs}/read", f"{containers}/artifacts"),
            (f"{blobs}/write", f"{containers}/artifacts"),
            (f"{blobs}/write", f"{containers}/captured"),
            ("Microsoft.ContainerRegistry/registries/pull/read", registry),
            ("Microsoft.ContainerRegistry/registries/push/write", registry),
            ("Microsoft.MachineLearningServices/workspaces/read", workspace),
        )
    }
    assert list(can.values()) == [True, False, True, True, False, False]


def test_pipelines_log_in_without_a_password_as_an_identity_with_roles_of_its_own(
    azure: AzureClients,
) -> None:
    credentials = azure.identities.federated_identity_credentials.list("ml-dev", "ml-dev-ci")
    assert {one.subject for one in credentials} == {
        "repo:acme/ml:environment:dev",
        "repo:acme/ml:ref:refs/heads/main",
    }
    ci = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-ci")
    scope = f"/subscriptions/{azure.public['subscription_id']}/resourceGroups/ml-dev"
    own = {one.name: one for one in azure.authorization.role_definitions.list(scope)}
    assert len(own) == 2
    roles = {
        one.role_definition_id.rsplit("/", 1)[1]: one.scope
        for one in azure.authorization.role_assignments.list_for_subscription()
        if one.principal_id == ci.principal_id
    }
    assert set(own) < set(roles)
    serve = next(one for one in own.values() if "serve" in one.role_name)
    assert roles[serve.name].endswith("/workspaces/ml-dev")
    assert not any("*" in action for one in serve.permissions for action in one.actions)


def test_everything_is_reached_through_one_subnet_under_its_usual_name(
    azure: AzureClients,
) -> None:
    found = {}
    for endpoint in azure.network.private_endpoints.list("ml-dev"):
        (connection,) = endpoint.private_link_service_connections
        assert connection.private_link_service_connection_state.status == "Approved"
        assert endpoint.subnet.id.endswith("/virtualNetworks/ml-dev/subnets/private-endpoints")
        (group,) = azure.network.private_dns_zone_groups.list(endpoint.name, "ml-dev")
        ids = [one.private_dns_zone_id for one in group.private_dns_zone_configs]
        to = connection.private_link_service_id.rsplit("/", 1)[1].partition("-keys")[0]
        found[to, connection.group_ids[0]] = {id_.rsplit("/", 1)[1] for id_ in ids}
    assert set(found) == {
        ("ml-dev", "amlworkspace"),
        ("ml-dev", "vault"),
        ("ml-dev-features", "amlworkspace"),
        ("mldev7ac1b8", "blob"),
        ("mldev7ac1b8", "file"),
        ("mldev7ac1b8", "registry"),
        ("mlfeatdev7ac1b8", "blob"),
        ("mlfeatdev7ac1b8", "dfs"),
    }
    assert len(found["ml-dev", "amlworkspace"]) == 2
    zones = {zone.name for zone in azure.dns.private_zones.list_by_resource_group("ml-dev")}
    assert zones == set().union(*found.values())
    for zone in zones:
        (link,) = azure.dns.virtual_network_links.list("ml-dev", zone)
        assert link.virtual_network.id.endswith("/virtualNetworks/ml-dev")


def test_the_public_network_is_shut_but_for_the_addresses_that_are_named(
    azure: AzureClients,
) -> None:
    account = azure.storage.storage_accounts.get_properties("ml-dev", "mldev7ac1b8")
    assert account.network_rule_set.default_action == "Deny"
    assert [rule.ip_address_or_range for rule in account.network_rule_set.ip_rules] == [
        "203.0.113.7"
    ]
    workspace = azure.ml.workspaces.get("ml-dev")
    assert workspace.public_network_access == "Disabled"
    endpoint = azure.ml.online_endpoints.get(CHURN)
    assert endpoint.public_network_access == "Disabled"


def test_the_workspace_is_encrypted_and_reaches_only_what_is_approved(azure: AzureClients) -> None:
    workspace = azure.ml.workspaces.get("ml-dev")
    key = workspace.customer_managed_key
    assert "/keys/storage/" in key.key_uri
    assert workspace.managed_network.isolation_mode == "AllowOnlyApprovedOutbound"
    rules = {rule.name: rule for rule in azure.ml.workspace_outbound_rules.list("ml-dev")}
    assert rules["pypi"].destination == "pypi.org"
    assert rules["monitor"].service_tag == "AzureMonitor"
    storage = rules["spark-storage"]
    assert storage.service_resource_id.endswith("/storageAccounts/mldev7ac1b8")
    assert storage.spark_enabled is True, "monitors read what was captured"
    assert workspace.managed_network.status.spark_ready is True


def test_images_are_built_on_a_cluster_as_a_private_registry_builds_none(
    azure: AzureClients,
) -> None:
    workspace = azure.ml.workspaces.get("ml-dev")
    assert workspace.image_build_compute == "ml-dev-images"
    cluster = azure.ml.compute.get(workspace.image_build_compute)
    assert (cluster.min_instances, cluster.max_instances, cluster.tier) == (0, 2, "dedicated")
    assert cluster.enable_node_public_ip is False
    (identity,) = cluster.identity.user_assigned_identities
    assert identity.resource_id.endswith("/ml-dev-images")
    push = "Microsoft.ContainerRegistry/registries/push/write"
    given = [
        Assignment(principal=one.principal_id, role=one.role_definition_id, scope=one.scope)
        for one in azure.authorization.role_assignments.list_for_subscription()
    ]
    made = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-images")
    assert may(given, made.principal_id, push, workspace.container_registry)


def test_the_feature_store_is_as_closed_as_the_workspace_but_for_the_way_out(
    azure: AzureClients, up: str
) -> None:
    store = azure.ml.feature_stores.get("ml-dev-features")
    assert store.public_network_access == "Disabled"
    (identity,) = store.identity.user_assigned_identities
    assert identity.resource_id.endswith("/ml-dev-materialize"), "a store takes one"
    assert store.customer_managed_key.key_uri == (
        azure.ml.workspaces.get("ml-dev").customer_managed_key.key_uri
    )
    assert store.managed_network.isolation_mode == "AllowInternetOutbound"
    assert store.managed_network.status.spark_ready is True
    rules = {
        rule.name: (rule.service_resource_id.split("/")[8], rule.subresource_target)
        for rule in azure.ml.workspace_outbound_rules.list("ml-dev-features")
        if rule.spark_enabled
    }
    vault, _ = rules.pop("vault")
    assert vault.startswith("ml-dev-keys")
    assert rules == {
        "history": ("mlfeatdev7ac1b8", "dfs"),
        "specifications": ("mldev7ac1b8", "blob"),
    }
    account = azure.storage.storage_accounts.get_properties("ml-dev", "mlfeatdev7ac1b8")
    assert account.network_rule_set.default_action == "Deny"
    assert account.is_hns_enabled is True
    assert account.encryption.key_source == "Microsoft.Keyvault"
    assert "asked a feature store that reaches what is approved" in up


def test_files_are_scored_by_a_cluster_that_goes_when_there_is_no_work(
    azure: AzureClients,
) -> None:
    assert azure.ml.batch_endpoints.get(NIGHTLY).auth_mode == "aad_token"
    (deployment,) = azure.ml.batch_deployments.list(NIGHTLY)
    assert deployment.name.startswith("primary-")
    assert azure.ml.batch_endpoints.get(NIGHTLY).defaults.deployment_name == deployment.name
    assert (deployment.mini_batch_size, deployment.instance_count) == (20, 2)
    cluster = azure.ml.compute.get(deployment.compute.rsplit("/", 1)[1])
    assert cluster.name.startswith("ml-dev-nightly-")
    assert (cluster.min_instances, cluster.max_instances, cluster.tier) == (0, 2, "low_priority")
    assert cluster.enable_node_public_ip is False, "it runs in the managed network"
    (identity,) = cluster.identity.user_assigned_identities
    assert identity.resource_id.endswith("/ml-dev-nightly-batch")


def test_a_catalogue_model_is_served_once_its_terms_are_taken(azure: AzureClients) -> None:
    name = "ml-dev-chat-model-7ac1b8"
    assert azure.ml.marketplace_subscriptions.get(name).model_id == LLAMA
    endpoint = azure.ml.serverless_endpoints.get(name)
    assert endpoint.model_id == LLAMA
    assert endpoint.scoring_uri.startswith(f"https://{name}.")


def test_a_persons_machine_is_that_persons_alone_and_stops_when_idle(azure: AzureClients) -> None:
    found = azure.ml.compute.get(ADA)
    assert (found.type, found.size) == ("computeinstance", "Standard_D4s_v5")
    assert found.idle_time_before_shutdown_minutes == 30
    assert found.create_on_behalf_of.user_object_id == PERSON
    assert found.enable_node_public_ip is False
    assert found.ssh_public_access_enabled is False
    times = {one.action: one.trigger.expression for one in found.schedules.compute_start_stop}
    assert times == {"Start": "0 7 * * 1-5", "Stop": "0 19 * * *"}


def test_a_cluster_that_exists_is_attached_with_the_types_of_its_pods(azure: AzureClients) -> None:
    found = azure.ml.compute.get("ml-dev-hub")
    assert (found.type, found.resource_id, found.namespace) == ("kubernetes", AKS, "ml")
    types = found.properties["instanceTypes"]
    assert found.properties["defaultInstanceType"] == "small"
    assert types["gpu"]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert types["gpu"]["nodeSelector"] == {"pool": "gpu"}


def test_jobs_without_a_compute_have_no_public_address(azure: AzureClients) -> None:
    assert azure.ml.workspaces.get("ml-dev").serverless_compute.no_public_ip is True


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_the_default_of_a_batch_endpoint_is_imported_as_it_was_declared(project: Project) -> None:
    defaults = imported(project, "mlgap:azure:BatchDefault")
    assert defaults
    for default in defaults:
        assert default.found == default.declared


def changed() -> dict[str, Any]:
    """The stack with another model, and changes beside it that have to wait for nothing."""
    content = stack_file()
    workload = content["config"]["mlplatform:workloads"]["bankchurn"]
    workload["model"]["artifact"] = "models/resnet50/model.tar.gz"
    nightly = content["config"]["mlplatform:workloads"]["nightly"]
    nightly["model"]["artifact"] = "models/resnet50/model.tar.gz"
    nightly["endpoint"]["azure"]["instance_type"] = "Standard_D4as_v4"
    content["config"]["mlplatform:workloads"]["scored"]["endpoint"] = {
        "private": True,
        "scaling": {"min": 1, "max": 2},
        "azure": {"instance_type": "Standard_D2as_v4", "target": {"cpu_percent": 70}},
    }
    content["config"]["mlplatform:labels"]["owner"] = "ml-others"
    network = content["config"]["mlplatform:clouds"]["azure"]["network"]
    network["outbound"]["conda"] = {"fqdn": "conda.anaconda.org"}
    compute = content["config"]["mlplatform:clouds"]["azure"]["compute"]
    compute["instances"]["ada"]["idle_before_shutdown_s"] = 3600
    del compute["kubernetes"]
    return content


def serving(azure: AzureClients) -> dict[str, int]:
    """Percent by deployment, of those that get any."""
    found = azure.ml.online_endpoints.get(CHURN).traffic
    return {name: share for name, share in found.items() if share}


def test_a_model_that_answers_too_slowly_gives_the_traffic_back_and_the_update_fails(
    project: Project, azure: AzureClients
) -> None:
    azure.move_count(CHURN, "current", 2)  # which every schedule allows
    old = {variant: found.name for variant, found in azure.deployments(CHURN).items()}
    project.write_stack_file(changed())
    azure.control(
        "POST",
        "metrics",
        {
            "resource": f"/onlineEndpoints/{CHURN}",
            "metric": "RequestLatency",
            "average": 900,
            "labels": {"deployment": "current", "statusCodeClass": "2xx"},
        },
    )
    history = History(project.folder / ".sandbox")
    mark = history.now()
    failed = project.run("sandbox", "up", expect=None)
    assert failed.code != 0
    assert "an answer took 900 ms, allowed: 500 ms: the traffic went back to" in failed.text
    assert serving(azure) == {old["current"]: 100}
    moments = history.since(mark, CHURN)
    assert_always_served(moments)
    assert 50 in [moment.traffic.get(old["current"]) for moment in moments], "it had a share"
    there = {found.name for found in azure.ml.online_deployments.list(CHURN)}
    assert set(old.values()) < there, "the old ones stay, and the new ones wait"


def test_with_good_answers_the_next_up_ends_where_the_stack_file_says(
    project: Project, azure: AzureClients
) -> None:
    azure.control("DELETE", "metrics")
    ((before, share),) = serving(azure).items()
    history = History(project.folder / ".sandbox")
    mark = history.now()
    project.run("sandbox", "up")
    new = azure.deployments(CHURN)
    assert share == 100
    assert before not in {found.name for found in new.values()}
    assert new["current"].instance_count == 2, "as many as served before"
    assert azure.traffic(CHURN) == {"current": 100}
    moments = history.since(mark, CHURN)
    assert_always_served(moments)
    assert {before: 50, new["current"].name: 50} in [moment.traffic for moment in moments]
    assert set(azure.autoscale(CHURN)) == {"current", "candidate"}
    rules = {rule.name for rule in azure.ml.workspace_outbound_rules.list("ml-dev")}
    assert rules == {"pypi", "monitor", "conda", "spark-storage"}
    assert azure.ml.compute.get(ADA).idle_time_before_shutdown_minutes == 60, "made anew"
    assert azure.raw("GET", AKS)["name"] == "hub", "only the attachment went"
    (scoring,) = azure.ml.batch_deployments.list(NIGHTLY)
    endpoint = azure.ml.batch_endpoints.get(NIGHTLY)
    assert endpoint.tags["Owner"] == "ml-others"
    assert endpoint.defaults.deployment_name == scoring.name, "set again after other tags"
    cluster = azure.ml.compute.get(scoring.compute.rsplit("/", 1)[1])
    assert cluster.size == "Standard_D4as_v4", "beside the old one, which is gone"
    clusters = {one.name for one in azure.ml.compute.list() if one.type == "amlcompute"}
    assert clusters == {cluster.name, "ml-dev-images"}
    assert azure.traffic("ml-dev-scored-7ac1b8") == {"primary": 100}, "asked at once from now on"
    assert [one.name for one in azure.ml.batch_endpoints.list()] == [NIGHTLY]
    azure.raw("DELETE", SHARED)
    project.run("sandbox", "preview", "--", "--expect-no-changes")


def test_destroy_leaves_only_what_azure_keeps_to_be_taken_back(
    project: Project, azure: AzureClients
) -> None:
    project.run("sandbox", "destroy")
    vault, logs = azure.control("GET", "resources")
    assert vault.startswith("Microsoft.KeyVault/deletedVaults ml-dev-keys")
    assert logs.endswith("/ml-dev-logs-westeurope (deleted)")
