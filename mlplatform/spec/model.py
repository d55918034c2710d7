"""The portable spec as people write it. Descriptions become the JSON Schema that editors show."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Cloud = Literal["aws", "gcp", "azure"]

_NAME = r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"
_LABEL = r"^[\w .:/=+@-]{1,63}$"
_ACCOUNT = r"^\d{12}$"
_PROJECT = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
_PROJECT_NUMBER = r"^\d{6,}$"
_UUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_VERSION = r"^\d+\.\d+$"
PATTERN_WORDS = {
    _NAME: "2 to 32 lower-case letters, digits and dashes, first a letter, last no dash",
    _LABEL: "1 to 63 letters, digits, spaces and _ . : / = + @ -",
    _ACCOUNT: "12 digits",
    _PROJECT: "6 to 30 lower-case letters, digits and dashes, first a letter, last no dash",
    _PROJECT_NUMBER: "6 digits or more",
    _UUID: "an id such as 00000000-0000-0000-0000-000000000001",
    _VERSION: "major and minor, such as 2.0",
}
"""What each pattern says, for people."""

Name = Annotated[str, Field(pattern=_NAME)]
"""Legal on every cloud."""

INSTANCES_MAX = 1000
"""Far above every cloud's quota: catches a slip of the finger, not a plan."""


class _Strict(BaseModel):
    """Unknown keys are refused; a value has the type that it was typed with."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class LabelsModel(_Strict):
    """Who owns it and who pays. Become tags on AWS and Azure, labels on Google Cloud."""

    project: str = Field(pattern=_LABEL, description="The project that this belongs to.")
    owner: str = Field(pattern=_LABEL, description="Team or person to ask.")
    cost_center: str = Field(pattern=_LABEL, description="Who pays.")
    data_class: Literal["public", "internal", "confidential", "restricted"] = Field(
        "internal", description="The highest class of data that it holds."
    )
    auto_shutdown: bool = Field(False, description="May be stopped when idle.")
    backup_required: bool = Field(False, description="Holds data that must be backed up.")


class NetworkModel(_Strict):
    """The network that endpoints and training run in."""

    create: bool = Field(True, description="Make one; false needs the ids of an existing one.")


class AwsModel(_Strict):
    """Where on AWS."""

    account_id: str = Field(
        pattern=_ACCOUNT,
        description="12 digits, in quotes. Credentials of any other account are refused.",
    )
    region: str = Field(description="Such as us-east-1.")
    network: NetworkModel | None = Field(None, description="Isolated subnets for SageMaker.")


class GcpModel(_Strict):
    """Where on Google Cloud."""

    project: str = Field(pattern=_PROJECT, description="Project id, not its number.")
    project_number: str | None = Field(
        None,
        pattern=_PROJECT_NUMBER,
        description="The project's number, in quotes: names Google's own service accounts.",
    )
    region: str = Field(description="Such as us-central1.")
    network: NetworkModel | None = Field(None, description="Private access to services.")


class AzureModel(_Strict):
    """Where on Azure."""

    subscription_id: str = Field(pattern=_UUID, description="The subscription's id.")
    tenant_id: str = Field(pattern=_UUID, description="The directory's id.")
    location: str = Field(description="Such as westeurope.")
    network: NetworkModel | None = Field(None, description="Managed virtual network.")


class CloudsModel(_Strict):
    """The clouds that this environment uses; leave one out to do without it."""

    aws: AwsModel | None = Field(None, description="Amazon SageMaker.")
    gcp: GcpModel | None = Field(None, description="Google Vertex AI.")
    azure: AzureModel | None = Field(None, description="Azure Machine Learning.")


class PerCloudModel(_Strict):
    """One value for each cloud."""

    aws: str | None = Field(None, description="On AWS.")
    gcp: str | None = Field(None, description="On Google Cloud.")
    azure: str | None = Field(None, description="On Azure.")


class ModelModel(_Strict):
    """What is served."""

    framework: Literal["pytorch", "scikit-learn"] | None = Field(
        None, description="Chooses the vendor's prebuilt image; or give `image`."
    )
    version: str | None = Field(
        None, pattern=_VERSION, description='The framework\'s version, in quotes: "2.0" is not 2.'
    )
    artifact: str | PerCloudModel = Field(
        description="A file or folder relative to the project, uploaded under a key with its "
        "content's hash; or a URI (s3://, gs://, azureml://); or one of these for each cloud."
    )
    image: PerCloudModel | None = Field(
        None, description="Container image for each cloud, instead of the prebuilt one."
    )


class SubstitutableModel(_Strict):
    """Hardware with an allowed substitute."""

    want: str = Field(description="What is asked for, such as V100.")
    or_: str | None = Field(
        None, alias="or", description="What to take where the first cannot be had."
    )


class BoundsModel(_Strict):
    """How many instances; hold for each variant, as every cloud scales each on its own."""

    min: int = Field(ge=1, le=INSTANCES_MAX, description="Never fewer.")
    max: int = Field(ge=1, le=INSTANCES_MAX, description="Never more.")


class ScalingModel(BoundsModel):
    """Bounds and how soon one change may follow another."""

    scale_in_cooldown_s: int = Field(
        300, ge=0, le=86400, description="Seconds after a change before instances are taken away."
    )
    scale_out_cooldown_s: int = Field(
        60, ge=0, le=86400, description="Seconds after a change before instances are added."
    )


class VariantModel(_Strict):
    """One version that takes a share of the traffic."""

    weight: float = Field(ge=0, le=100, description="Percent; all variants together are 100.")
    scaling: BoundsModel | None = Field(None, description="Bounds of its own.")
    model: ModelModel | None = Field(None, description="A model of its own.")


class AwsTargetModel(_Strict):
    invocations_per_instance_per_minute: float = Field(
        gt=0, description="SageMakerVariantInvocationsPerInstance, the average to hold."
    )


class AwsEndpointModel(_Strict):
    """SageMaker."""

    instance_type: str | None = Field(
        None, description="Such as ml.g4dn.xlarge; the smallest with the accelerator otherwise."
    )
    target: AwsTargetModel = Field(description="What autoscaling holds.")


class GcpTargetModel(_Strict):
    """Exactly one of these."""

    cpu_percent: float | None = Field(None, gt=0, le=100, description="Average CPU use.")
    gpu_duty_cycle_percent: float | None = Field(
        None, gt=0, le=100, description="Average share of the time that the GPU works."
    )
    requests_per_replica_per_minute: float | None = Field(
        None, gt=0, description="Average request count."
    )


class GcpEndpointModel(_Strict):
    """Vertex AI."""

    machine_type: str | None = Field(
        None, description="Such as n1-standard-4; the smallest with the accelerator otherwise."
    )
    accelerator_count: int = Field(1, ge=1, le=16, description="Per replica, with N1 machines.")
    target: GcpTargetModel = Field(description="What autoscaling holds.")


class AzureTargetModel(_Strict):
    """Exactly one of these."""

    cpu_percent: float | None = Field(None, gt=0, le=100, description="Average CPU use.")
    gpu_percent: float | None = Field(None, gt=0, le=100, description="Average GPU use.")


class AzureEndpointModel(_Strict):
    """Azure ML."""

    instance_type: str | None = Field(
        None,
        description="Such as Standard_NC4as_T4_v3; the smallest with the accelerator otherwise.",
    )
    target: AzureTargetModel = Field(description="What autoscaling holds.")


class EndpointModel(_Strict):
    """A real-time endpoint with autoscaling."""

    accelerator: str | SubstitutableModel | None = Field(
        None, description="Such as T4; `{want: V100, or: T4}` allows a substitute."
    )
    scaling: ScalingModel = Field(description="Bounds and cooldowns.")
    variants: dict[Name, VariantModel] = Field(
        default_factory=lambda: {"primary": VariantModel(weight=100, scaling=None, model=None)},
        description="Versions side by side, by name; one, `primary`, when left out.",
    )
    aws: AwsEndpointModel | None = Field(
        None, description="What holds on SageMaker only; needed where the workload runs there."
    )
    gcp: GcpEndpointModel | None = Field(
        None, description="What holds on Vertex AI only; needed where the workload runs there."
    )
    azure: AzureEndpointModel | None = Field(
        None, description="What holds on Azure ML only; needed where the workload runs there."
    )


class TrainingModel(_Strict):
    """Compute for training."""

    accelerator: str | SubstitutableModel | None = Field(None, description="Such as V100.")
    accelerators_per_node: int = Field(1, ge=1, description="In each node.")
    max_nodes: int = Field(1, ge=1, description="Never more at a time.")
    idle_before_scale_down_s: int = Field(
        300, ge=0, description="Seconds that a node may be idle before it goes."
    )
    spot: bool = Field(False, description="Take capacity that may be taken away.")


class WorkloadModel(_Strict):
    """One model's life: training, serving, watching."""

    clouds: list[Cloud] | None = Field(
        None, min_length=1, description="Where; all that the environment enables when left out."
    )
    model: ModelModel | None = Field(None, description="What is served.")
    endpoint: EndpointModel | None = Field(None, description="How it is served.")
    training: TrainingModel | None = Field(None, description="Where it is trained.")
    features: dict[str, Any] | None = Field(None, description="Feature store.")
    monitoring: dict[str, Any] | None = Field(None, description="Data quality and drift.")
    registry: dict[str, Any] | None = Field(None, description="Model registry and approvals.")
    pipelines: dict[str, Any] | None = Field(None, description="Pipelines and their schedules.")
    notebooks: dict[str, Any] | None = Field(None, description="Workbenches for people.")
    budget: dict[str, Any] | None = Field(None, description="Spending limit and its alerts.")


class SpecModel(_Strict):
    """Everything under ``mlplatform:``."""

    labels: LabelsModel = Field(description="Who owns it and who pays.")
    clouds: CloudsModel = Field(description="Where.")
    workloads: dict[Name, WorkloadModel] = Field(default_factory=dict, description="What, by name.")
    strict: bool = Field(
        False, description="True makes every gap (what a cloud cannot do as asked) an error."
    )


NOT_BUILT = frozenset(
    {
        *(f"clouds.{cloud}.network" for cloud in ("aws", "gcp", "azure")),
        *(
            f"workloads.*.{noun}"
            for noun in (
                *("training", "features", "monitoring", "registry"),
                *("pipelines", "notebooks", "budget"),
            )
        ),
    }
)
"""Known keys that this version cannot build: refused, never ignored."""
