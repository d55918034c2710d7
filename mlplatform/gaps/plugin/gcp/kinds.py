"""The kinds of Vertex AI objects that ``Mirrored`` answers for: their service, verbs and ways.

Sources: the request messages of aiplatform v1 and v1beta1 (which calls are long-running, which
fields an update takes, which objects carry labels).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One collection of Vertex AI."""

    service: str
    """Such as ``JobService``."""
    noun: str
    """As the calls write it: ``create_NOUN``, ``list_NOUNs``."""
    message: str
    beta: bool = False
    """Only in v1beta1, or only there with the fields that are needed."""
    id_field: str | None = None
    """The input that names the object; absent: Vertex AI numbers it."""
    labelled: bool = True
    """Labels tell whose it is; else the field ``owner`` does."""
    owner: str = "displayName"
    """The input, by its path, that tells whose it is."""
    masks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Input -> the fields in it that an update takes, where it does not take the whole."""
    stop: str | None = None
    """The call that ends its work before it can be deleted."""
    run: bool = False
    """It runs once: every change is another run, known by its definition."""
    registers: bool = False
    """It may leave models in the registry."""
    ready: frozenset[str] = frozenset()
    """States in which it can be changed; empty: any."""

    @property
    def client(self) -> str:
        return f"{self.service}Client"


KINDS: dict[str, Kind] = {
    "mlgap:gcp:CustomJob": Kind(
        service="JobService", noun="custom_job", message="CustomJob", stop="cancel", run=True
    ),
    "mlgap:gcp:DeploymentResourcePool": Kind(
        service="DeploymentResourcePoolService",
        noun="deployment_resource_pool",
        message="DeploymentResourcePool",
        id_field="deploymentResourcePoolId",
        labelled=False,
        owner="serviceAccount",
        masks={
            "dedicatedResources": (
                "dedicated_resources.autoscaling_metric_specs",
                "dedicated_resources.max_replica_count",
                "dedicated_resources.min_replica_count",
            )
        },
    ),
    "mlgap:gcp:HyperparameterTuningJob": Kind(
        service="JobService",
        noun="hyperparameter_tuning_job",
        message="HyperparameterTuningJob",
        stop="cancel",
        run=True,
    ),
    "mlgap:gcp:TrainingPipeline": Kind(
        service="PipelineService",
        noun="training_pipeline",
        message="TrainingPipeline",
        stop="cancel",
        run=True,
        registers=True,
    ),
    "mlgap:gcp:ModelDeploymentMonitoringJob": Kind(
        service="JobService",
        noun="model_deployment_monitoring_job",
        message="ModelDeploymentMonitoringJob",
        stop="pause",
        ready=frozenset({"JOB_STATE_RUNNING", "JOB_STATE_PAUSED"}),
    ),
    "mlgap:gcp:ModelMonitor": Kind(
        service="ModelMonitoringService",
        noun="model_monitor",
        message="ModelMonitor",
        beta=True,
        id_field="modelMonitorId",
        labelled=False,
    ),
    "mlgap:gcp:Schedule": Kind(
        service="ScheduleService",
        noun="schedule",
        message="Schedule",
        beta=True,
        labelled=False,
        owner="createModelMonitoringJobRequest.parent",
    ),
}
