"""Data, monitoring and training on Google Cloud: one small stack up, read back, changed, destroyed.

The tests run in the order of the file and share one sandbox. What is read back comes from
google-cloud-aiplatform and google-cloud-bigquery, the vendor's own clients.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.api_core.client_options import ClientOptions
from google.cloud import aiplatform_v1, aiplatform_v1beta1, bigquery
from google.oauth2.credentials import Credentials

from tests.engine import planted
from tests.engine.conftest import ROOT, Project
from tests.engine.gcp_imports import imported, resources

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("up")]

STACK = "dev"
GROUP = "ml_dev_bankchurn_customers"
NO_CHANGE = ("--", "--expect-no-changes")
AT_ONCE = ("--", "--skip-preview")
ATTACHMENT = "projects/ml-dev/regions/us-central1/networkAttachments/ml-dev-network-training"
MACHINES = "projects/ml-dev/regions/us-central1/subnetworks/ml-dev-network-machines"
SUBJECT = "repo:acme/ml:environment:prod"
CUSTOMERS: dict[str, Any] = {
    "record_id": "customer_id",
    "event_time": "event_time",
    "columns": {
        "customer_id": "string",
        "event_time": "timestamp",
        "Age": "integer",
        "Balance": "float",
        "HasCrCard": "boolean",
    },
    "online": {"ttl_s": 86400},
    "schedule": "0 * * * *",
}
MONITORING: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "alert_emails": ["ml-team@example.com"],
    "skew": {"schedule": "0 * * * *", "thresholds": {"Age": 0.3, "Balance": 0.3}},
    "drift": {"schedule": "0 6 * * *", "default_threshold": 0.3},
    "gcp": {"alerts": {"error_percent": 5, "latency_ms": 500}},
}
TRAINING: dict[str, Any] = {
    "max_nodes": 3,
    "code": "models/bankchurn/code",
    "entry_point": "train.py",
    "hyperparameters": {"trees": 30},
    "data": {"train": "models/bankchurn/customers.csv"},
    "run": True,
    "gcp": {
        "pool": {"min_nodes": 1},
        "tpus": {
            "try": {
                "type": "v5litepod-4",
                "zone": "us-central1-a",
                "topology": "2x2",
                "spot": True,
            },
            "big": {"type": "v6e-8", "zone": "us-central1-b", "queued": True},
        },
    },
}
SEARCH: dict[str, Any] = {
    "accelerator": "V100",
    "max_nodes": 4,
    "code": "models/resnet50/code",
    "entry_point": "train.py",
    "run": True,
    "tuning": {
        "metric": "accuracy",
        "max_runs": 8,
        "parallel_runs": 2,
        "parameters": {"lr": {"min": 0.001, "max": 0.1, "scale": "log"}},
    },
}
REGISTERED: dict[str, Any] = {
    "code": "models/bankchurn/code",
    "entry_point": "train.py",
    "hyperparameters": {"trees": 30},
    "run": True,
    "gcp": {"register_model": True},
}
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
        "gcp": {
            "project": "ml-dev",
            "region": "us-central1",
            "quotas": {"request": True, "contact_email": "ml-team@example.com"},
            "network": {"cidr": "10.40.0.0/20"},
            "ci": {"trusts": {"deploy": {"github": "acme/ml", "environment": "prod"}}},
        }
    },
    "mlplatform:workloads": {
        "bankchurn": {
            "model": {
                "framework": "scikit-learn",
                "version": "1.2",
                "artifact": {"gcp": "models/bankchurn/vertex"},
            },
            "endpoint": {
                "scaling": {"min": 1, "max": 5},
                "variants": {"primary": {"weight": 100}},
                "gcp": {"machine_type": "n1-standard-2", "target": {"cpu_percent": 60}},
            },
            "features": {"customers": CUSTOMERS},
            "monitoring": MONITORING,
            "training": TRAINING,
        },
        "resnet50": {"model": {"framework": "pytorch", "version": "2.0"}, "training": SEARCH},
        "tabular": {
            "model": {"framework": "scikit-learn", "version": "1.2"},
            "training": REGISTERED,
        },
    },
}


MONITORS: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "alert_emails": ["ml-team@example.com"],
    "skew": {"schedule": "30 6 * * *", "thresholds": {"Age": 0.2}, "default_threshold": 0.3},
    "prediction_drift": {"schedule": "0 * * * *", "default_threshold": 0.1},
    "gcp": {"version": 2, "features": ["CreditScore", "Geography", "Age", "Balance"]},
}
SCORES: dict[str, Any] = {
    "model": CONFIG["mlplatform:workloads"]["bankchurn"]["model"],
    "endpoint": {
        **CONFIG["mlplatform:workloads"]["bankchurn"]["endpoint"],
        "capture": {"sampling_percent": 50, "retention_days": 30},
    },
    "monitoring": MONITORS,
}
CONFIG["mlplatform:workloads"]["scores"] = SCORES
PRIVATE = {**CONFIG["mlplatform:workloads"]["bankchurn"]["endpoint"], "private": True}
RETRAINED = {"model": {**SCORES["model"], "artifact": {"gcp": "models/resnet50/vertex"}}}


def stack_file(
    gcp: dict[str, Any] | None = None,
    owner: str = "ml-team",
    trees: int = 30,
    scores: dict[str, Any] | None = None,
    **bankchurn: Any,
) -> dict[str, Any]:
    """The stack, with keys of the cloud and of the workloads changed."""
    config = json.loads(json.dumps(CONFIG))
    config["mlplatform:clouds"]["gcp"].update(gcp or {})
    config["mlplatform:labels"]["owner"] = owner
    tabular = config["mlplatform:workloads"]["tabular"]["training"]
    tabular["hyperparameters"]["trees"] = trees
    config["mlplatform:workloads"]["scores"].update(json.loads(json.dumps(scores or {})))
    config["mlplatform:workloads"]["bankchurn"].update(json.loads(json.dumps(bankchurn)))
    return {"config": config}


class Google:
    """The vendor's clients on the sandbox."""

    def __init__(self, project: Project) -> None:
        self.public: dict[str, str] = project.addresses(STACK)["gcp"]
        self.parent = f"projects/ml-dev/locations/{self.public['location']}"
        self._channel = grpc.insecure_channel(self.public["grpc_endpoint"])
        self.tables = bigquery.Client(
            project="ml-dev",
            credentials=Credentials(token=self.public["token"]),
            client_options=ClientOptions(api_endpoint=self.public["rest_endpoint"]),
        )

    def monitoring_job(self) -> Any:
        """The one deployment monitoring job."""
        jobs = self.vertex("JobService")
        (job,) = jobs.list_model_deployment_monitoring_jobs(parent=self.parent)
        return job

    def policies(self, workload: str = "bankchurn") -> dict[str, dict[str, Any]]:
        """Alert policies of a workload, by their display names without the alerts' own."""
        found = self.rest("/v3/projects/ml-dev/alertPolicies")["alertPolicies"]
        own = f"ml-dev-{workload}-alerts-"
        return {
            p["displayName"].removeprefix(own): p for p in found if p["displayName"].startswith(own)
        }

    def monitor(self) -> Any:
        """The one model monitor."""
        client = self.vertex("ModelMonitoringService", aiplatform_v1beta1)
        (monitor,) = client.list_model_monitors(parent=self.parent)
        return monitor

    def schedules(self) -> dict[str, Any]:
        """Schedules of the model monitor, by objective."""
        client = self.vertex("ScheduleService", aiplatform_v1beta1)
        found = client.list_schedules(parent=self.parent)
        return {s.display_name.removeprefix("ml-dev-scores-monitors-primary-"): s for s in found}

    def runs(self) -> list[Any]:
        """Every custom job, newest first."""
        found = self.vertex("JobService").list_custom_jobs(parent=self.parent)
        return sorted(found, key=lambda job: job.create_time, reverse=True)

    def pipelines(self) -> list[Any]:
        """Every training pipeline, newest first, when all have ended."""
        for _ in range(100):
            found = self.vertex("PipelineService").list_training_pipelines(parent=self.parent)
            runs = sorted(found, key=lambda run: run.create_time, reverse=True)
            if all(run.state.name.endswith("_SUCCEEDED") for run in runs):
                return runs
            time.sleep(0.1)
        raise AssertionError("a training pipeline did not end")

    def rest(self, path: str) -> Any:
        """The answer to a plain GET."""
        token = {"Authorization": f"Bearer {self.public['token']}"}
        request = urllib.request.Request(f"{self.public['rest_endpoint']}{path}", headers=token)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The local cloud's own door for faults and lists."""
        request = urllib.request.Request(
            f"{self.public['rest_endpoint']}/_sandbox/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def asked(self) -> list[str]:
        """Names of the calls since the last ``DELETE requests``, in order."""
        found = self.control("GET", "requests")
        return [str(entry["operation"]).rpartition(".")[2] for entry in found]

    def vertex(self, service: str, library: Any = aiplatform_v1) -> Any:
        """A client such as ``FeatureRegistryService``, of v1 or v1beta1."""
        client = getattr(library, f"{service}Client")
        return client(transport=client.get_transport_class("grpc")(channel=self._channel))


def store_labels(google: Google) -> dict[str, str]:
    admin = google.vertex("FeatureOnlineStoreAdminService")
    (store,) = admin.list_feature_online_stores(parent=google.parent)
    return dict(store.labels)


def interrupted(project: Project, google: Google) -> str:
    """Run ``up``, press Ctrl-C while a training run is being asked for; what was printed."""
    fault = {"operation": "CreateCustomJob", "kind": "throttle", "times": 8}
    google.control("POST", "faults", fault)
    printed = project.folder / "interrupted.txt"
    with printed.open("w") as file:
        running = subprocess.Popen(
            project.command("sandbox", "up") + list(AT_ONCE),
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + 120
        while "CreateCustomJob" not in google.asked():
            assert time.monotonic() < until, "the update never came to the run"
            assert running.poll() is None, printed.read_text()
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=120) != 0
    google.control("DELETE", "faults")
    return printed.read_text()


@pytest.fixture(scope="module")
def google(project: Project) -> Google:
    project.write_stack_file(stack_file())
    return Google(project)


@pytest.fixture(scope="module")
def cut(project: Project, google: Google) -> tuple[str, list[dict[str, Any]]]:
    """What an interrupted update printed, and what the engine kept of it."""
    text, state = interrupted(project, google), project.folder / "cut.json"
    project.pulumi("stack", "export", "--file", str(state))
    assert not json.loads(state.read_text())["deployment"].get("pending_operations")
    return text, resources(state)


@pytest.fixture(scope="module")
def up(project: Project, cut: tuple[str, list[dict[str, Any]]]) -> Iterator[str]:
    del cut
    yield project.run("sandbox", "up").text


def test_ctrl_c_ends_an_update_in_good_order_and_the_next_one_goes_on(
    cut: tuple[str, list[dict[str, Any]]], google: Google, up: str
) -> None:
    text, kept = cut
    assert "stopped: the update was cancelled" in text, text
    assert "Traceback" not in text
    assert "mlgap:gcp:CustomJob" not in {one["type"] for one in kept}, "none was made"
    assert kept, "what was made before is in the state"
    assert len(google.runs()) == 1
    assert "Resources:" in up


def test_features_lie_in_an_encrypted_table_that_only_owners_and_vertex_read(
    google: Google,
) -> None:
    dataset = google.tables.get_dataset("ml-dev.ml_dev_features")
    key = dataset.default_encryption_configuration.kms_key_name
    assert "/keyRings/ml-dev-models" in key
    assert {(e.role, e.entity_type) for e in dataset.access_entries} == {
        ("OWNER", "specialGroup"),
        ("READER", "userByEmail"),
    }
    table = google.tables.get_table(f"ml-dev.ml_dev_features.{GROUP}")
    assert {f.name: f.field_type for f in table.schema} == {
        "customer_id": "STRING",
        "event_time": "TIMESTAMP",
        "Age": "INTEGER",
        "Balance": "FLOAT",
        "HasCrCard": "BOOLEAN",
    }
    view = google.tables.get_table(f"ml-dev.ml_dev_features.{GROUP}_source")
    assert "`event_time` AS feature_timestamp" in view.view_query


def test_the_group_its_features_and_the_view_are_as_declared(google: Google, up: str) -> None:
    registry = google.vertex("FeatureRegistryService")
    group = registry.get_feature_group(name=f"{google.parent}/featureGroups/{GROUP}")
    source = group.big_query.big_query_source.input_uri
    assert source == f"bq://ml-dev.ml_dev_features.{GROUP}_source"
    assert list(group.big_query.entity_id_columns) == ["customer_id"]
    features = registry.list_features(parent=group.name)
    assert {f.name.rpartition("/")[2]: f.version_column_name for f in features} == {
        "age": "Age",
        "balance": "Balance",
        "hascrcard": "HasCrCard",
    }
    admin = google.vertex("FeatureOnlineStoreAdminService")
    (store,) = admin.list_feature_online_stores(parent=google.parent)
    bounds = store.bigtable.auto_scaling
    assert (bounds.min_node_count, bounds.max_node_count) == (1, 3)
    assert store.encryption_spec.kms_key_name
    (view,) = admin.list_feature_views(parent=store.name)
    assert view.sync_config.cron == "0 * * * *"
    (served,) = view.feature_registry_source.feature_groups
    assert sorted(served.feature_ids) == ["age", "balance", "hascrcard"]
    assert "asked rows go after 86400 s" in up, "what was not given as asked is told"


def test_the_endpoint_is_watched_as_declared(google: Google, up: str) -> None:
    job = google.monitoring_job()
    assert job.state.name == "JOB_STATE_RUNNING"
    assert job.endpoint == f"{google.parent}/endpoints/ml-dev-bankchurn"
    (deployed,) = google.vertex("EndpointService").get_endpoint(name=job.endpoint).deployed_models
    (objective,) = job.model_deployment_monitoring_objective_configs
    assert objective.deployed_model_id == deployed.id
    config = objective.objective_config
    skew = config.training_prediction_skew_detection_config.skew_thresholds
    assert {name: row.value for name, row in skew.items()} == {"Age": 0.3, "Balance": 0.3}
    drift = config.prediction_drift_detection_config
    assert drift.default_drift_threshold.value == 0.3
    (uri,) = config.training_dataset.gcs_source.uris
    assert re.fullmatch(r"gs://.+/bankchurn/monitoring/[0-9a-f]+/customers\.csv", uri)
    assert config.training_dataset.target_field == "Exited"
    assert job.logging_sampling_strategy.random_sample_config.sample_rate == pytest.approx(0.8)
    assert job.log_ttl.days == 90
    assert job.model_deployment_monitoring_schedule_config.monitor_interval.total_seconds() == 3600
    assert list(job.model_monitoring_alert_config.email_alert_config.user_emails) == [
        "ml-team@example.com"
    ]
    assert "one deployment monitoring job does both" in up, "what was not given as asked is told"


def test_one_channel_is_told_of_anomalies_errors_and_slow_answers(google: Google) -> None:
    answer = google.rest("/v3/projects/ml-dev/notificationChannels")
    (channel,) = answer["notificationChannels"]
    assert (channel["type"], channel["labels"]) == (
        "email",
        {"email_address": "ml-team@example.com"},
    )
    found = google.policies()
    assert set(found) == {"anomalies", "errors", "latency"}
    assert {tuple(policy["notificationChannels"]) for policy in found.values()} == {
        (channel["name"],)
    }
    (logged,) = found["anomalies"]["conditions"]
    job = google.monitoring_job().name.rpartition("/")[2]
    entries = logged["conditionMatchedLog"]["filter"]
    assert f'model_deployment_monitoring_job="{job}"' in entries
    assert 'logName="projects/ml-dev/logs/aiplatform.googleapis.com%2Fmodel_mon' in entries
    (errors,) = found["errors"]["conditions"]
    share = errors["conditionThreshold"]
    assert share["thresholdValue"] == pytest.approx(0.05)
    assert 'endpoint_id="ml-dev-bankchurn"' in share["denominatorFilter"]
    assert share["filter"] == f'{share["denominatorFilter"]} AND metric.labels.response_code="5xx"'


def test_a_model_monitor_reads_the_kept_requests_on_each_objective_s_own_schedule(
    google: Google,
) -> None:
    monitor = google.monitor()
    target = monitor.model_monitoring_target.vertex_model
    assert (target.model, target.model_version_id) == (
        f"{google.parent}/models/ml-dev-scores-primary",
        "1",
    )
    fields = monitor.model_monitoring_schema
    assert [(field.name, field.data_type) for field in fields.feature_fields] == [
        ("CreditScore", "integer"),
        ("Geography", "categorical"),
        ("Age", "integer"),
        ("Balance", "float"),
    ]
    assert [(f.name, f.data_type) for f in fields.prediction_fields] == [
        ("predicted_Exited", "categorical")
    ]
    assert "/keyRings/ml-dev-models" in monitor.encryption_spec.kms_key_name
    assert list(monitor.notification_spec.email_config.user_emails) == ["ml-team@example.com"]
    schedules = google.schedules()
    assert {name: s.cron for name, s in schedules.items()} == {
        "skew": "30 6 * * *",
        "prediction-drift": "0 * * * *",
    }
    for found in schedules.values():
        assert found.create_model_monitoring_job_request.parent == monitor.name
        assert found.state.name == "ACTIVE"
    skew = objective_of(schedules["skew"])
    assert list(skew.target_dataset.vertex_endpoint_logs.endpoints) == [
        f"{google.parent}/endpoints/ml-dev-scores"
    ]
    assert skew.target_dataset.time_offset.window == "1d"
    source = skew.baseline_dataset.columnized_dataset.gcs_source
    assert re.fullmatch(r"gs://.+/scores/monitoring/[0-9a-f]+/customers\.csv", source.gcs_uri)
    features = skew.tabular_objective.feature_drift_spec
    assert features.feature_alert_conditions["Age"].threshold == pytest.approx(0.2)
    assert features.default_numeric_alert_condition.threshold == pytest.approx(0.3)
    answers = objective_of(schedules["prediction-drift"])
    before = answers.baseline_dataset.time_offset
    assert (before.window, before.offset) == ("1h", "1h"), "the hour before this one"
    spec = answers.tabular_objective.prediction_output_drift_spec
    assert spec.default_categorical_alert_condition.threshold == pytest.approx(0.1)


def test_the_vendor_s_own_class_shows_the_monitor_and_its_schedules(google: Google) -> None:
    from google.cloud import aiplatform
    from vertexai.resources.preview import ml_monitoring

    aiplatform.init(
        project="ml-dev",
        location=google.public["location"],
        api_endpoint=google.public["rest_endpoint"],
        api_transport="rest",
        credentials=Credentials(token=google.public["token"]),
    )
    monitor = ml_monitoring.ModelMonitor("ml-dev-scores-primary-1")
    assert monitor.get_schema().prediction_fields[0].name == "predicted_Exited"
    schedules: Any = monitor.list_schedules()
    assert {schedule.cron for schedule in schedules} == {"30 6 * * *", "0 * * * *"}


def objective_of(schedule: Any) -> Any:
    job = schedule.create_model_monitoring_job_request.model_monitoring_job
    return job.model_monitoring_spec.objective_spec


def test_distances_that_monitors_report_open_incidents(google: Google) -> None:
    found = google.policies("scores")
    assert set(found) == {"skew", "prediction-drift"}
    schedule = google.schedules()["skew"].name.rpartition("/")[2]
    own, others = (row["conditionThreshold"] for row in found["skew"]["conditions"])
    assert (own["thresholdValue"], others["thresholdValue"]) == (0.2, 0.3)
    assert f'schedule_id=one_of("{schedule}")' in own["filter"]
    assert 'feature_name=one_of("Age")' in own["filter"]
    assert 'feature_name=one_of("CreditScore", "Geography", "Balance")' in others["filter"]
    (answers,) = found["prediction-drift"]["conditions"]
    assert "prediction_output_drift_deviation" in answers["conditionThreshold"]["filter"]


def test_one_run_of_the_shipped_program_is_on_machines_that_are_kept(google: Google) -> None:
    (pool,) = google.vertex("PersistentResourceService").list_persistent_resources(
        parent=google.parent
    )
    (nodes,) = pool.resource_pools
    assert (nodes.autoscaling_spec.min_replica_count, nodes.autoscaling_spec.max_replica_count) == (
        1,
        3,
    )
    (job,) = google.runs()
    assert job.job_spec.persistent_resource_id == pool.name.rpartition("/")[2]
    assert job.job_spec.service_account.startswith("ml-dev-bankchurn-training@")
    (workers,) = job.job_spec.worker_pool_specs
    assert workers.machine_spec.machine_type == nodes.machine_spec.machine_type == "n1-standard-4"
    container = workers.container_spec
    assert re.fullmatch(r"/gcs/.+/bankchurn/code/[0-9a-f]+/train\.py", container.command[1])
    assert list(container.args) == ["--trees=30"]
    assert [variable.name for variable in container.env] == ["MLP_DATA_TRAIN"]


def test_runs_searches_and_kept_machines_are_in_the_made_network(google: Google) -> None:
    (pool,) = google.vertex("PersistentResourceService").list_persistent_resources(
        parent=google.parent
    )
    (job,) = google.runs()
    (search,) = google.vertex("JobService").list_hyperparameter_tuning_jobs(parent=google.parent)
    (pipeline,) = google.pipelines()
    assert {
        pool.psc_interface_config.network_attachment,
        job.job_spec.psc_interface_config.network_attachment,
        search.trial_job_spec.psc_interface_config.network_attachment,
        pipeline.training_task_inputs["pscInterfaceConfig"]["networkAttachment"],
    } == {ATTACHMENT}
    attachment = google.rest(f"/compute/v1/{ATTACHMENT}")
    (subnet,) = attachment["subnetworks"]
    assert google.rest(f"/compute/v1/{subnet}")["ipCidrRange"] == "10.40.8.0/21"


def test_a_search_has_its_ranges_and_trials(google: Google) -> None:
    (search,) = google.vertex("JobService").list_hyperparameter_tuning_jobs(parent=google.parent)
    (rate,) = search.study_spec.parameters
    assert (rate.parameter_id, rate.scale_type.name) == ("lr", "UNIT_LOG_SCALE")
    assert (rate.double_value_spec.min_value, rate.double_value_spec.max_value) == (0.001, 0.1)
    assert (search.max_trial_count, search.parallel_trial_count) == (8, 2)
    (workers,) = search.trial_job_spec.worker_pool_specs
    assert workers.machine_spec.accelerator_type.name == "NVIDIA_TESLA_V100"
    assert search.encryption_spec.kms_key_name


def test_a_training_pipeline_registers_what_its_run_leaves(google: Google) -> None:
    (pipeline,) = google.pipelines()
    assert pipeline.training_task_definition.endswith("/custom_task_1.0.0.yaml")
    (workers,) = pipeline.training_task_inputs["workerPoolSpecs"]
    assert workers["containerSpec"]["args"] == ["--trees=30"]
    assert pipeline.state.name == "PIPELINE_STATE_SUCCEEDED"
    registered = google.vertex("ModelService").get_model(name=pipeline.model_to_upload.name)
    assert registered.container_spec.image_uri.endswith("/prediction/sklearn-cpu.1-2:latest")
    assert registered.artifact_uri.endswith("/tabular/runs/model")


def test_pipelines_have_an_account_that_takes_one_subject_s_tokens(google: Google) -> None:
    pools = "projects/ml-dev/locations/global/workloadIdentityPools"
    provider = google.rest(f"/v1/{pools}/ml-dev-ci/providers/deploy")
    assert provider["state"] == "ACTIVE"
    assert provider["oidc"]["issuerUri"] == "https://token.actions.githubusercontent.com"
    assert provider["attributeCondition"] == f'assertion.sub == "{SUBJECT}"'
    role = google.rest("/v1/projects/ml-dev/roles/ml_dev_ci")
    assert "aiplatform.endpoints.deploy" in role["includedPermissions"]
    assert "aiplatform.endpoints.predict" not in role["includedPermissions"]
    bound = [
        line
        for line in google.rest("/_sandbox/resources")
        if "ml-dev-ci" in line and "roles/" in line
    ]
    number = google.rest("/v1/projects/ml-dev")["projectNumber"]
    whom = f"principal://iam.googleapis.com/projects/{number}/locations/global"
    account = "serviceAccount:ml-dev-ci@ml-dev.iam.gserviceaccount.com"
    assert {line.partition(" ")[2] for line in bound} == {
        f"roles/iam.workloadIdentityUser {whom}/workloadIdentityPools/ml-dev-ci/subject/{SUBJECT}",
        f"projects/ml-dev/roles/ml_dev_ci {account}",
        f"roles/storage.objectUser {account}",
        f"roles/iam.serviceAccountUser {account}",
    }


def test_tpus_are_made_at_once_or_by_the_queue(google: Google) -> None:
    made = google.rest("/v2/projects/ml-dev/locations/us-central1-a/nodes/ml-dev-bankchurn-try")
    assert made["acceleratorConfig"] == {"type": "V5LITE_POD", "topology": "2x2"}
    assert made["runtimeVersion"] == "v2-alpha-tpuv5-lite"
    assert made["schedulingConfig"] == {"spot": True}
    assert made["networkConfig"]["subnetwork"] == MACHINES
    assert not made["networkConfig"].get("enableExternalIps")
    assert made["serviceAccount"]["email"].startswith("ml-dev-bankchurn-training@")
    queue = "projects/ml-dev/locations/us-central1-b"
    node = google.rest(f"/v2/{queue}/nodes/ml-dev-bankchurn-big")
    assert node["queuedResource"] == f"{queue}/queuedResources/ml-dev-bankchurn-big"
    assert node["acceleratorType"] == "v6e-8"
    assert node["networkConfig"]["subnetwork"] == MACHINES


def test_quotas_are_asked_for_as_the_whole_stack_needs_them(google: Google) -> None:
    answer = google.rest("/v1/projects/ml-dev/locations/global/quotaPreferences")
    assert {
        (one["quotaId"], *one["dimensions"].values(), one["quotaConfig"]["grantedValue"])
        for one in answer["quotaPreferences"]
    } == {
        ("CustomModelTrainingV100GPUsPerProjectPerRegion", "us-central1", "4"),
        ("TPUV5sPreemptibleLitepodPerProjectPerZoneForTPUAPI", "us-central1-a", "4"),
        ("TPUV6EPerProjectPerZoneForTPUAPI", "us-central1-b", "8"),
    }


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", *NO_CHANGE)
    project.run("sandbox", "refresh", *NO_CHANGE)


def test_everything_of_mlgap_is_imported_as_it_was_declared(project: Project) -> None:
    assert imported(project, STACK) >= {
        "CustomJob",
        "EndpointDeployments",
        "HyperparameterTuningJob",
        "Model",
        "ModelDeploymentMonitoringJob",
        "ModelMonitor",
        "QuotaPreference",
        "Schedule",
        "TrainingPipeline",
    }


def test_another_label_starts_no_run_a_new_model_has_a_monitor_a_new_endpoint_its_job(
    project: Project, google: Google
) -> None:
    (run,), (pipeline,) = google.runs(), google.pipelines()
    pools = google.vertex("PersistentResourceService")
    (pool,) = pools.list_persistent_resources(parent=google.parent)
    watching = google.monitoring_job()
    google.control("DELETE", "requests")
    project.write_stack_file(stack_file(owner="ml-others", scores=RETRAINED, endpoint=PRIVATE))
    project.run("sandbox", "up", *AT_ONCE)
    anew = google.monitoring_job()
    assert anew.name != watching.name
    steps = [
        "PauseModelDeploymentMonitoringJob",
        "DeleteModelDeploymentMonitoringJob",
        "DeleteEndpoint",
        "CreateEndpoint",
        "CreateModelDeploymentMonitoringJob",
    ]
    assert [step for step in google.asked() if step in steps] == steps
    served = google.vertex("EndpointService").get_endpoint(name=anew.endpoint)
    assert served.private_service_connect_config.enable_private_service_connect
    monitor = google.monitor()
    assert monitor.model_monitoring_target.vertex_model.model_version_id == "2"
    assert {s.create_model_monitoring_job_request.parent for s in google.schedules().values()} == {
        monitor.name
    }
    assert store_labels(google)["owner"] == "ml-others"
    assert [job.name for job in google.runs()] == [run.name]
    assert [job.name for job in google.pipelines()] == [pipeline.name]
    (kept,) = pools.list_persistent_resources(parent=google.parent)
    assert kept.create_time == pool.create_time


def test_losing_a_column_is_refused_in_the_preview_with_what_to_do(project: Project) -> None:
    columns = {k: v for k, v in CUSTOMERS["columns"].items() if k != "Balance"}
    columns["Age"] = "float"
    project.write_stack_file(stack_file(features={"customers": {**CUSTOMERS, "columns": columns}}))
    refused = project.run("sandbox", "preview", expect=None)
    assert refused.code != 0
    assert "column Balance would be dropped with its data" in refused.text, refused.text


def with_secrets(project: Project) -> str:
    """Run ``up`` with a secret in every kind; what was printed, and none of it is in the clear."""
    main, events, state = (project.folder / n for n in ("__main__.py", "events.json", "kept.json"))
    main.unlink()
    main.write_text((ROOT / "tests" / "engine" / "planted.py").read_text())
    told = project.run("sandbox", "up", "--", "--event-log", str(events), "--diff").text
    project.pulumi("stack", "export", "--file", str(state))
    for text in (told, events.read_text(), state.read_text()):
        assert planted.PLANTED not in text
    kept = [one for one in resources(state) if one["type"].startswith("mlgap:")]
    for side in ("inputs", "outputs"):
        sealed = {one["type"] for one in kept if "ciphertext" in json.dumps(one[side])}
        assert sealed == planted.KINDS, side
    return told


def test_columns_nodes_and_thresholds_change_in_place(project: Project, google: Google) -> None:
    admin = google.vertex("FeatureOnlineStoreAdminService")
    (before,) = admin.list_feature_online_stores(parent=google.parent)
    created = google.tables.get_table(f"ml-dev.ml_dev_features.{GROUP}").created
    columns = {**CUSTOMERS["columns"], "Tenure": "integer"}
    project.write_stack_file(
        stack_file(
            gcp={"feature_store": {"max_nodes": 5}},
            owner="ml-others",
            trees=50,
            endpoint=PRIVATE,
            training={**TRAINING, "hyperparameters": {"trees": 40}},
            features={"customers": {**CUSTOMERS, "columns": columns}},
            monitoring={
                **MONITORING,
                "skew": {"schedule": "0 * * * *", "thresholds": {"Age": 0.2}},
                "gcp": {"alerts": {"latency_ms": 300}},
            },
            scores={
                **RETRAINED,
                "monitoring": {
                    **MONITORS,
                    "alert_emails": ["ml-others@example.com"],
                    "skew": {"schedule": "0 7 * * *", "default_threshold": 0.25},
                },
            },
        )
    )
    monitor, schedules = google.monitor(), google.schedules()
    (run,), (pipeline,) = google.runs(), google.pipelines()
    watching = google.monitoring_job().name
    alerts = google.policies()
    told = with_secrets(project)
    job = google.monitoring_job()
    assert job.name == watching, "the same job, with its history"
    (objective,) = job.model_deployment_monitoring_objective_configs
    skew = objective.objective_config.training_prediction_skew_detection_config.skew_thresholds
    assert {name: row.value for name, row in skew.items()} == {"Age": 0.2}
    policies = google.policies()
    assert set(policies) == {"anomalies", "latency"}
    assert policies["latency"]["name"] == alerts["latency"]["name"], "the same, with its incidents"
    (slow,) = policies["latency"]["conditions"]
    assert slow["conditionThreshold"]["thresholdValue"] == 300
    kept = google.monitor()
    assert (kept.name, kept.create_time) == (monitor.name, monitor.create_time)
    assert list(kept.notification_spec.email_config.user_emails) == [
        f"{planted.PLANTED}@example.com"
    ]
    skewed = google.schedules()["skew"]
    assert (skewed.name, skewed.cron) == (schedules["skew"].name, "0 7 * * *")
    assert not objective_of(skewed).tabular_objective.feature_drift_spec.feature_alert_conditions
    (another,) = google.runs()
    assert another.name != run.name, "a changed definition is another run"
    container = another.job_spec.worker_pool_specs[0].container_spec
    assert list(container.args) == ["--trees=40"]
    assert {v.name: v.value for v in container.env}["TOKEN"] == planted.PLANTED, "it was sent"
    assert "[secret]" in told, told
    (later,) = google.pipelines()
    assert later.name != pipeline.name
    models = {
        model.name for model in google.vertex("ModelService").list_models(parent=google.parent)
    }
    assert {pipeline.model_to_upload.name, later.model_to_upload.name} <= models, "none is lost"
    (store,) = admin.list_feature_online_stores(parent=google.parent)
    assert store.create_time == before.create_time, "the same store, with its rows"
    assert store.bigtable.auto_scaling.max_node_count == 5
    (view,) = admin.list_feature_views(parent=store.name)
    (served,) = view.feature_registry_source.feature_groups
    assert "tenure" in served.feature_ids
    table = google.tables.get_table(f"ml-dev.ml_dev_features.{GROUP}")
    assert table.created == created, "the same table, with its rows"
    assert "Tenure" in {f.name for f in table.schema}
    project.run("sandbox", "preview", *NO_CHANGE)


def test_destroy_leaves_keys_and_quotas_and_up_works(project: Project, google: Google) -> None:
    project.run("sandbox", "destroy")
    assert list(google.vertex("ModelService").list_models(parent=google.parent)) == []
    assert list(google.tables.list_datasets()) == []
    answer = google.rest("/v1/projects/ml-dev/locations/global/quotaPreferences")
    assert len(answer["quotaPreferences"]) == 3, "no call takes them back"
    assert google.rest("/v1/projects/ml-dev/roles/ml_dev_ci")["deleted"]
    anew = {**CONFIG["mlplatform:clouds"]["gcp"]["ci"], "pool_id": "ml-dev-anew"}
    project.write_stack_file(stack_file(gcp={"ci": anew}))
    project.run("sandbox", "up", *AT_ONCE)
    assert google.tables.get_table(f"ml-dev.ml_dev_features.{GROUP}")
    assert not google.rest("/v1/projects/ml-dev/roles/ml_dev_ci").get("deleted")
