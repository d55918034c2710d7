"""Training, feature store and monitoring on Azure in depth: one small stack, through its life.

The tests run in the order of the file and share one sandbox. What is read back comes from
azure-ai-ml, its wire client, azure-mgmt-authorization and azure-mgmt-storage: the vendor's own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mlplatform.catalog.azure_roles import Role
from mlplatform.contracts.azure.access import Assignment, may
from tests.engine.azure_client import AzureClients, azure_clients
from tests.engine.conftest import Project
from tests.engine.importing import imported

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("up"),
    # Microsoft's packages warn about themselves.
    pytest.mark.filterwarnings("ignore"),
]

SHARED = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared"
CACHE = f"{SHARED}/providers/Microsoft.Cache/redisEnterprise/features"
ONLINE = f"{CACHE}/databases/default"
TRUTH = "azureml://datastores/truth/paths/churn/"
SOURCE = "azureml://datastores/customers/paths/churn/"
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
            "feature_store": {"redis_id": ONLINE},
        }
    },
    "mlplatform:workloads": {
        "churn": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": "models/bankchurn/model.tar.gz",
            },
            "training": {
                "accelerator": {"want": "V100", "or": "T4"},
                "max_nodes": 4,
                "idle_before_scale_down_s": 300,
                "spot": True,
                "max_run_s": 3600,
                "code": "models/bankchurn/code",
                "entry_point": "train.py",
                "hyperparameters": {"trees": 30},
                "data": {"train": "models/bankchurn/customers.csv"},
                "schedule": "0 3 * * 1",
                "run": True,
            },
            "endpoint": {
                "capture": {"sampling_percent": 80},
                "scaling": {"min": 1, "max": 2},
                "azure": {"instance_type": "Standard_D2as_v4", "target": {"cpu_percent": 70}},
            },
            "features": {
                "customers": {
                    "record_id": "customer_id",
                    "event_time": "event_time",
                    "columns": {
                        "customer_id": "string",
                        "event_time": "timestamp",
                        "Age": "integer",
                        "Balance": "float",
                    },
                    "online": {},
                    "schedule": "0 3 * * *",
                    "source": {"azure": SOURCE},
                }
            },
            "monitoring": {
                "baseline": "models/bankchurn/customers.csv",
                "label": "Exited",
                "alert_emails": ["ml-team@example.com"],
                "data_quality": {"schedule": "0 * * * *"},
                "skew": {"schedule": "0 5 * * *", "thresholds": {"Age": 0.3, "Balance": 0.2}},
                "drift": {"schedule": "0 6 * * *", "default_threshold": 0.3},
                "prediction_drift": {"schedule": "0 6 * * 1"},
                "attribution": {"schedule": "0 7 * * *", "default_threshold": 0.9},
                "model_quality": {
                    "schedule": "0 8 * * *",
                    "problem": "binary",
                    "thresholds": {"accuracy": 0.8, "recall": 0.7},
                    "ground_truth": {"azure": TRUTH},
                },
            },
        },
        "vision": {
            "model": {
                "framework": "pytorch",
                "version": "2.0",
                "artifact": "models/resnet50/model.tar.gz",
            },
            "training": {
                "accelerator": "T4",
                "max_nodes": 2,
                "max_run_s": 7200,
                "code": "models/resnet50/code",
                "entry_point": "train.py",
                "run": True,
                "azure": {"nodes": 2},
            },
        },
    },
}


SEARCH: dict[str, Any] = {
    "metric": "accuracy",
    "max_runs": 6,
    "parallel_runs": 2,
    "parameters": {
        "depth": {"min": 2, "max": 8, "integer": True},
        "criterion": {"values": ["gini", "entropy"]},
    },
}


def stack_file(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The stack, with dotted paths of its workload set."""
    config = copy.deepcopy(CONFIG)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        at = config["mlplatform:workloads"]["churn"]
        for part in parents:
            at = at[part]
        at[last] = value
    return {"config": config}


@pytest.fixture(scope="module")
def azure(project: Project) -> Iterator[AzureClients]:
    project.write_stack_file(stack_file())
    with azure_clients(project.addresses()["azure"]) as clients:
        for exists in (SHARED, CACHE, ONLINE):
            clients.raw("PUT", exists, {"location": "westeurope", "properties": {}})
        yield clients


@pytest.fixture(scope="module")
def up(project: Project, azure: AzureClients) -> str:
    del azure  # the stack file is written by then
    return project.run("sandbox", "up").text


def clusters(azure: AzureClients) -> list[Any]:
    """Those of the workload churn."""
    found = [one for one in azure.ml.compute.list() if one.type == "amlcompute"]
    return [one for one in found if "churn" in one.name]


def test_a_cluster_goes_down_to_no_node_and_its_substitute_is_on_the_gap_list(
    azure: AzureClients, up: str
) -> None:
    (cluster,) = clusters(azure)
    assert cluster.size == "Standard_NC4as_T4_v3"
    assert (cluster.min_instances, cluster.max_instances) == (0, 4)
    assert cluster.idle_time_before_scale_down == 300
    assert cluster.tier == "low_priority"
    assert cluster.ssh_public_access_enabled is False
    assert cluster.identity.type == "user_assigned"
    assert "asked V100 (Standard_NC6s_v3), given T4 (Standard_NC4as_T4_v3)" in up
    assert "asked nodes without public addresses" in up


def test_jobs_write_models_to_a_container_of_their_own_and_nowhere_else(
    azure: AzureClients,
) -> None:
    identity = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-churn-train")
    group = f"/subscriptions/{azure.public['subscription_id']}/resourceGroups/ml-dev"
    account = f"{group}/providers/Microsoft.Storage/storageAccounts/mldev7ac1b8"
    containers = f"{account}/blobServices/default/containers"
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    given = [
        Assignment(principal=one.principal_id, role=one.role_definition_id, scope=one.scope)
        for one in azure.authorization.role_assignments.list_for_subscription()
    ]
    can = [
        may(given, identity.principal_id, f"{blobs}/{verb}", f"{containers}/{name}", data=True)
        for verb, name in (
            ("read", "artifacts"),
            ("write", "artifacts"),
            ("write", "ml-dev-churn-trained"),
            ("read", "captured"),
        )
    ]
    assert can == [True, False, True, False]
    store = azure.ml.datastores.get("trained_churn")
    assert store.container_name == "ml-dev-churn-trained"


def test_a_schedule_starts_the_job_with_its_code_data_and_identity(azure: AzureClients) -> None:
    found = azure.ml.schedules.get("ml-dev-churn-train")
    assert (found.is_enabled, found.trigger.expression) == (True, "0 3 * * 1")
    job = found.create_job
    assert job.command == (
        'MLP_DATA_TRAIN="${{inputs.train}}" MLP_MODEL_DIR="${{outputs.model}}" '
        'MLP_CHECKPOINTS_DIR="${{outputs.checkpoints}}" python train.py --trees 30'
    )
    assert job.limits.timeout == 3600
    assert job.identity.type == "managed_identity"
    (cluster,) = clusters(azure)
    assert job.compute.endswith(f"/computes/{cluster.name}")
    assert job.inputs["train"].type == "uri_file"
    folder = job.inputs["train"].path.partition("/paths/")[2]
    assert "CreditScore" in azure.blob("mldev7ac1b8", "artifacts", folder)
    assert job.outputs["model"].path.endswith(
        "/datastores/trained_churn/paths/runs/${{name}}/model"
    )
    code = azure.ml._code.get(*job.code.split("/codes/")[1].split("/versions/"))
    assert code.path.startswith("https://mldev7ac1b8.blob.core.windows.net/artifacts/churn/code/")
    environment = azure.ml.environments.get(
        *job.environment.split("/environments/")[1].split("/versions/")
    )
    assert environment.image.startswith("mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8")
    assert "scikit-learn==1.2.2" in str(environment.conda_file)


def test_a_run_is_the_same_job_under_the_hash_of_its_definition(azure: AzureClients) -> None:
    job, scheduled = run(azure), azure.ml.schedules.get("ml-dev-churn-train").create_job
    assert job.name.startswith("ml-dev-churn-train-")
    assert (job.type, job.command) == ("command", scheduled.command)
    assert job.limits.timeout == scheduled.limits.timeout


def test_a_run_ends_and_who_follows_it_sees_that(azure: AzureClients) -> None:
    job = run(azure)
    azure.ml.jobs.stream(job.name)
    assert azure.ml.jobs.get(job.name).status == "Completed"


def test_a_run_of_two_nodes_starts_the_same_command_on_each(azure: AzureClients) -> None:
    job = run(azure, "vision")
    assert job.resources.instance_count == 2
    assert (job.distribution.type, job.distribution.process_count_per_instance) == ("pytorch", 1)
    cluster = azure.ml.compute.get(job.compute.rpartition("/")[2])
    assert (cluster.size, cluster.max_instances) == ("Standard_NC4as_T4_v3", 2)
    assert job.limits.timeout == 7200


def test_each_thing_that_is_watched_has_a_schedule_with_its_signals(azure: AzureClients) -> None:
    found = {one.name.removeprefix("ml-dev-churn-watch-primary-"): one for one in watched(azure)}
    assert {name: one.trigger.expression for name, one in found.items()} == {
        "data-quality": "0 * * * *",
        "skew": "0 5 * * *",
        "drift": "0 6 * * *",
        "prediction-drift": "0 6 * * 1",
        "attribution": "0 7 * * *",
        "model-quality": "0 8 * * *",
    }
    kinds = {
        name: {type(one).__name__ for one in found[name].create_monitor.monitoring_signals.values()}
        for name in found
    }
    assert kinds == {
        "data-quality": {"DataQualitySignal"},
        "skew": {"DataDriftSignal"},
        "drift": {"DataDriftSignal"},
        "prediction-drift": {"PredictionDriftSignal"},
        "attribution": {"FeatureAttributionDriftSignal"},
        "model-quality": {"ModelPerformanceSignal"},
    }
    (quality,) = found["model-quality"].create_monitor.monitoring_signals.values()
    assert quality.metric_thresholds.classification.accuracy == 0.8
    assert quality.reference_data.input_data.path == TRUTH
    assert quality.reference_data.data_column_names["target_column"] == "Exited"
    assert quality.production_data.input_data.path.endswith(
        "/captured/paths/churn/primary/model_outputs"
    )
    assert quality.alert_enabled
    assert found["model-quality"].create_monitor.alert_notification.emails == [
        "ml-team@example.com"
    ]
    (attribution,) = found["attribution"].create_monitor.monitoring_signals.values()
    assert attribution.metric_thresholds.normalized_discounted_cumulative_gain == 0.9
    (predictions,) = found["prediction-drift"].create_monitor.monitoring_signals.values()
    assert predictions.metric_thresholds.numerical.normalized_wasserstein_distance == 0.1
    (rates,) = found["data-quality"].create_monitor.monitoring_signals.values()
    assert rates.metric_thresholds.numerical.null_value_rate == 0.0
    skew = found["skew"].create_monitor.monitoring_signals
    thresholds = {
        name: (one.features, one.metric_thresholds.numerical.normalized_wasserstein_distance)
        for name, one in skew.items()
    }
    assert thresholds == {
        "column-Age": (["Age"], 0.3),
        "column-Balance": (["Balance"], 0.2),
    }
    assert skew["column-Age"].reference_data.input_data.path.endswith("/customers.csv")
    # azure-ai-ml asks with an older version of the API, which says this in other words.
    action = raw(azure, "schedules/ml-dev-churn-watch-primary-drift")["properties"]["action"]
    alerts = action["monitorDefinition"]["alertNotificationSettings"]
    assert alerts["emailNotificationSettings"]["emails"] == ["ml-team@example.com"]
    for one in found.values():
        assert one.is_enabled
        definition = raw(azure, f"schedules/{one.name}")["properties"]["action"][
            "monitorDefinition"
        ]
        for signal in definition["signals"].values():
            told = signal.get("notificationTypes"), signal.get("mode")
            assert told in ((["AmlNotification"], None), (None, "Enabled")), signal


def test_a_monitor_may_read_what_was_captured_and_write_nothing(azure: AzureClients) -> None:
    identity = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-churn-monitor")
    roles = [
        one.scope.rsplit("/", 1)[1]
        for one in azure.authorization.role_assignments.list_for_subscription()
        if one.principal_id == identity.principal_id
    ]
    assert sorted(roles) == ["artifacts", "captured"]


def test_the_feature_store_keeps_versions_with_their_schedule_and_source(
    azure: AzureClients,
) -> None:
    store = features(azure)
    (version,) = versions(store)
    found = store.feature_sets.get("churn-customers", version)
    assert found.stage == "Production"
    assert found.specification.path.endswith(f"/features/churn-customers/{version}")
    settings = found.materialization_settings
    assert settings.offline_enabled and settings.online_enabled
    assert (settings.schedule.frequency, settings.schedule.interval) == ("day", 1)
    assert settings.resource.instance_type == "standard_e8s_v3"
    (entity,) = store.feature_store_entities.list(name="churn-customers")
    assert [column.name for column in entity.index_columns] == ["customer_id"]
    kept = azure.ml.feature_stores.get("ml-dev-features")
    assert kept.offline_store.target.endswith("/containers/offline-features")
    assert kept.online_store.target == ONLINE
    assert kept.materialization_identity.resource_id.endswith("/ml-dev-materialize")
    assert kept.compute_runtime.spark_runtime_version == "3.4.0"


def test_the_feature_store_tells_log_analytics_and_shares_application_insights(
    azure: AzureClients,
) -> None:
    kept = azure.ml.feature_stores.get("ml-dev-features")
    assert kept.application_insights == azure.ml.workspaces.get("ml-dev").application_insights
    setting = azure.raw("GET", f"{kept.id}/providers/Microsoft.Insights/diagnosticSettings/audit")
    assert setting["properties"]["workspaceId"].endswith("/workspaces/ml-dev-logs-westeurope")
    assert [one["categoryGroup"] for one in setting["properties"]["logs"]] == ["audit"]


_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_ML = "Microsoft.MachineLearningServices/workspaces"


def test_materialisation_does_what_it_is_for_and_nothing_else(azure: AzureClients) -> None:
    group = f"/subscriptions/{azure.public['subscription_id']}/resourceGroups/ml-dev"
    accounts = {
        one.name: f"{one.id}/blobServices/default/containers"
        for one in azure.storage.storage_accounts.list_by_resource_group("ml-dev")
    }
    default = accounts.pop("mldev7ac1b8")
    (offline,) = accounts.values()
    workspace = f"{group}/providers/{_ML}/ml-dev"
    store = f"{workspace}-features"
    cache = "Microsoft.Cache/redisEnterprise"
    table = {
        (f"{_BLOBS}/write", f"{offline}/offline-features"): True,
        (f"{_BLOBS}/write", f"{offline}/artifacts"): False,
        (f"{_BLOBS}/read", f"{default}/artifacts"): True,
        (f"{_BLOBS}/write", f"{default}/artifacts"): False,
        (f"{_BLOBS}/read", f"{default}/captured"): False,
        (f"{_ML}/featuresets/action", store): True,
        (f"{_ML}/featurestores/write", store): False,
        (f"{_ML}/onlineEndpoints/write", workspace): False,
        (f"{cache}/databases/listKeys/action", ONLINE): True,
        (f"{cache}/databases/listKeys/action", f"{CACHE}2/databases/default"): False,
        (f"{cache}/databases/regenerateKey/action", ONLINE): False,
        (f"{cache}/write", CACHE): False,
    }
    identity = azure.identities.user_assigned_identities.get("ml-dev", "ml-dev-materialize")
    given = [
        Assignment(principal=one.principal_id, role=one.role_definition_id, scope=one.scope)
        for one in azure.authorization.role_assignments.list_for_subscription()
    ]
    own = {
        one.name: Role(name=one.role_name, actions=tuple(one.permissions[0].actions))
        for one in azure.authorization.role_definitions.list(SHARED)
        if one.role_type == "CustomRole"
    }
    found = {
        (operation, resource): may(
            given,
            identity.principal_id,
            operation,
            resource,
            data=operation.startswith(_BLOBS),
            custom=own,
        )
        for operation, resource in table
    }
    assert found == table


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_everything_of_mlgap_is_imported_as_it_was_declared(project: Project) -> None:
    found = imported(project, "mlgap:azure:")
    assert {one.type.rpartition(":")[2] for one in found} == {
        "EndpointTraffic",
        "FeaturesetVersion",
        "FeaturestoreEntityVersion",
        "Job",
        "MonitorSchedule",
        "OnlineDeployment",
        "OnlineEndpoint",
        "WorkspacePurge",
    }
    for one in found:
        asked = dict(one.declared)
        # The bounds of the count belong to autoscaling and the program; Azure has the count.
        asked.pop("maxInstances", None)
        assert {name: one.found.get(name) for name in asked} == asked, one.type


def test_changes_make_new_what_is_fixed_and_keep_what_others_ask_for(
    project: Project, azure: AzureClients
) -> None:
    store = features(azure)
    before, old = clusters(azure)[0].name, versions(store)
    wider = {**CONFIG["mlplatform:workloads"]["churn"]["features"]["customers"]["columns"]}
    project.write_stack_file(
        stack_file(
            {
                "training.accelerator": "A100",
                "training.tuning": SEARCH,
                "training.max_nodes": 2,
                "features.customers.columns": {**wider, "Tenure": "integer"},
                "monitoring.drift.default_threshold": 0.4,
                "monitoring.model_quality.thresholds": {"accuracy": 0.9},
            }
        )
    )
    shown = project.run("sandbox", "up").text
    (cluster,) = clusters(azure)
    assert cluster.name != before
    assert (cluster.size, cluster.max_instances) == ("Standard_NC24ads_A100_v4", 2)
    assert len(versions(store)) == 2
    assert set(old) < set(versions(store))
    (new,) = set(versions(store)) - set(old)
    for version, has in ((old[0], False), (new, True)):
        asked = store.feature_sets.get("churn-customers", version)
        folder = asked.specification.path.partition("/artifacts/")[2]
        said = azure.blob("mldev7ac1b8", "artifacts", f"{folder}/FeatureSetSpec.yaml")
        assert ("Tenure" in said) is has, "models of the old version find what they were trained on"
    drift = next(one for one in watched(azure) if one.name.endswith("primary-drift"))
    limits = drift.create_monitor.monitoring_signals["all"].metric_thresholds
    assert limits.numerical.normalized_wasserstein_distance == 0.4
    changed = azure.ml.schedules.get("ml-dev-churn-watch-primary-model-quality")
    (quality,) = changed.create_monitor.monitoring_signals.values()
    assert quality.metric_thresholds.classification.accuracy == 0.9
    assert "retained" in shown or "retain" in shown
    assert "schedules of Azure ML start commands and pipelines, no searches" in shown


def test_with_tuning_the_run_is_a_search_and_the_old_run_is_archived_as_it_ended(
    azure: AzureClients,
) -> None:
    from azure.ai.ml.constants import ListViewType

    search = run(azure)
    assert search.type == "sweep"
    assert (search.objective.primary_metric, search.objective.goal) == ("accuracy", "maximize")
    assert (search.limits.max_total_trials, search.limits.max_concurrent_trials) == (6, 2)
    assert (search.limits.trial_timeout, search.limits.timeout) == (3600, 3 * 3600)
    depth, criterion = search.search_space["depth"], search.search_space["criterion"]
    assert (depth.type, depth.min_value, depth.max_value, depth.q) == ("quniform", 2, 8, 1)
    assert criterion.values == ["gini", "entropy"]
    assert "--criterion ${{search_space.criterion}}" in search.trial.command
    (cluster,) = clusters(azure)
    assert search.compute.endswith(cluster.name)
    (old,) = azure.ml.jobs.list(list_view_type=ListViewType.ARCHIVED_ONLY)
    assert (old.type, old.status) == ("command", "Completed")
    names = [one.name for one in azure.ml.schedules.list()]
    assert "ml-dev-churn-train" not in names, "which no schedule starts: on the gap list"


def test_more_nodes_are_a_change_in_place_and_an_old_version_is_taken_up_again(
    project: Project, azure: AzureClients
) -> None:
    (before,) = clusters(azure)
    kept = versions(features(azure))
    project.write_stack_file(
        stack_file(
            {
                "training.accelerator": "A100",
                "training.tuning": SEARCH,
                "training.max_nodes": 3,
                "features.customers.schedule": "30 4 * * *",
                "monitoring.drift.default_threshold": 0.4,
                "monitoring.model_quality.thresholds": {"accuracy": 0.9},
            }
        )
    )
    project.run("sandbox", "up")
    (after,) = clusters(azure)
    assert (after.name, after.max_instances) == (before.name, 3)
    store = features(azure)
    assert versions(store) == kept, "columns as they were first: no third version"
    times = [
        store.feature_sets.get("churn-customers", one).materialization_settings.schedule.schedule
        for one in kept
    ]
    assert sorted(time.hours[0] for time in times) == [3, 4], "its rows stay where they are"
    project.run("sandbox", "preview", "--", "--expect-no-changes")


def test_destroy_leaves_only_what_azure_keeps_to_be_taken_back(
    project: Project, azure: AzureClients
) -> None:
    project.run("sandbox", "destroy")
    *others, vault, logs = azure.control("GET", "resources")
    assert all(line.split()[1] in (SHARED, CACHE, ONLINE) for line in others), "with no role left"
    assert vault.startswith("Microsoft.KeyVault/deletedVaults ml-dev-keys")
    assert logs.endswith("/ml-dev-logs-westeurope (deleted)")


def raw(azure: AzureClients, path: str) -> Any:
    """What the service itself says, in its newest words."""
    public = azure.public
    return requests.get(
        f"{public['arm_endpoint']}/subscriptions/{public['subscription_id']}/resourceGroups/ml-dev"
        f"/providers/Microsoft.MachineLearningServices/workspaces/ml-dev/{path}",
        params={"api-version": "2025-12-01"},
        headers={"Authorization": f"Bearer {public['token']}"},
        verify=public["ca_certificate"],
        timeout=30,
    ).json()


def watched(azure: AzureClients) -> list[Any]:
    """The monitors, as azure-ai-ml reads them."""
    return [one for one in azure.ml.schedules.list() if "-watch-" in one.name]


def run(azure: AzureClients, workload: str = "churn") -> Any:
    """The one run of a workload that is not archived, with all of its definition."""
    (found,) = [one for one in azure.ml.jobs.list() if f"-{workload}-" in one.name]
    return azure.ml.jobs.get(found.name)


def features(azure: AzureClients) -> Any:
    """MLClient of the feature store's own workspace."""
    from azure.ai.ml import MLClient

    return MLClient(
        azure.ml._credential,
        azure.public["subscription_id"],
        "ml-dev",
        "ml-dev-features",
        cloud=azure.public["cloud"],
        enable_telemetry=False,
        show_progress=False,
    )


def versions(store: Any) -> list[str]:
    """Versions of the feature set."""
    return sorted(one.version for one in store.feature_sets.list(name="churn-customers"))
