"""Feature groups, monitoring jobs and training runs on SageMaker."""

from __future__ import annotations

from ml_policies.checks import at_most, both, equals, is_set, where
from ml_policies.making import DROP, rule
from ml_policies.resource import Resource, absent, is_on
from ml_policies.rule import Setting, Severity

DATA_QUALITY = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
JOB_DEFINITIONS = (
    DATA_QUALITY,
    "mlgap:aws:ModelQualityJobDefinition",
    "mlgap:aws:ModelBiasJobDefinition",
    "mlgap:aws:ModelExplainabilityJobDefinition",
)
SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
TRAINING = "aws:sagemaker/trainingJob:TrainingJob"
FEATURES = ("aws:sagemaker/featureGroup:FeatureGroup", "mlgap:aws:FeatureGroup")
_INLINE = "monitoringScheduleConfig.monitoringJobDefinition"
_VOLUME = "jobResources.clusterConfig.volumeKmsKeyId"
_OUTPUT = "dataQualityJobOutputConfig.kmsKeyId"
DAY_S = 86400


def _online(resource: Resource) -> bool:
    return is_on(resource.get("onlineStoreConfig.enableOnlineStore"))


def _offline(resource: Resource) -> bool:
    return not absent(resource.get("offlineStoreConfig"))


def _inline(resource: Resource) -> bool:
    return not absent(resource.get(_INLINE))


def _spot(resource: Resource) -> bool:
    return is_on(resource.get("enableManagedSpotTraining"))


RULES = (
    rule(
        "aws-sm-dq-traffic-encrypt",
        Severity.MEDIUM,
        JOB_DEFINITIONS,
        equals("networkConfig.enableInterContainerTrafficEncryption", True),
        "Traffic between the containers of a monitoring job is encrypted.",
        "Captured requests travel between them.",
        "Set network_config.enable_inter_container_traffic_encryption=True.",
        good={"networkConfig": {"enableInterContainerTrafficEncryption": True}},
        bad=[
            {"networkConfig.enableInterContainerTrafficEncryption": False},
            {"networkConfig.enableInterContainerTrafficEncryption": DROP},
        ],
        unknown="networkConfig.enableInterContainerTrafficEncryption",
        sources=("SageMaker.9", "SageMaker.10", "SageMaker.13", "SageMaker.15", "CKV_AWS_369"),
    ),
    rule(
        "aws-sm-dq-isolation",
        Severity.MEDIUM,
        JOB_DEFINITIONS,
        equals("networkConfig.enableNetworkIsolation", True),
        "Monitoring jobs have no network of their own.",
        "A container that can call out can carry captured requests out.",
        "Set network_config.enable_network_isolation=True.",
        good={"networkConfig": {"enableNetworkIsolation": True}},
        bad=[
            {"networkConfig.enableNetworkIsolation": False},
            {"networkConfig.enableNetworkIsolation": DROP},
        ],
        unknown="networkConfig.enableNetworkIsolation",
        sources=("SageMaker.11", "SageMaker.12"),
    ),
    rule(
        "aws-sm-schedule-isolation",
        Severity.MEDIUM,
        SCHEDULE,
        where(_inline, equals(f"{_INLINE}.networkConfig.enableNetworkIsolation", True)),
        "Monitoring schedules that define their job inline isolate it.",
        "A container that can call out can carry captured requests out.",
        "Set monitoring_job_definition.network_config.enable_network_isolation=True.",
        good={
            "monitoringScheduleConfig": {
                "monitoringJobDefinition": {"networkConfig": {"enableNetworkIsolation": True}}
            }
        },
        bad={f"{_INLINE}.networkConfig.enableNetworkIsolation": False},
        unknown=f"{_INLINE}.networkConfig.enableNetworkIsolation",
        sources=("SageMaker.14",),
    ),
    rule(
        "aws-sm-dq-kms",
        Severity.MEDIUM,
        DATA_QUALITY,
        both(
            is_set(_VOLUME, "a KMS key for the volume"),
            is_set(_OUTPUT, "a KMS key for the reports"),
        ),
        "Monitoring jobs encrypt their volumes and reports with keys of yours.",
        "Both hold captured requests.",
        "Set job_resources.cluster_config.volume_kms_key_id and "
        "data_quality_job_output_config.kms_key_id.",
        good={
            "jobResources": {"clusterConfig": {"volumeKmsKeyId": "alias/ml"}},
            "dataQualityJobOutputConfig": {"kmsKeyId": "alias/ml"},
        },
        bad=[{_VOLUME: DROP}, {_OUTPUT: DROP}],
        unknown=_VOLUME,
        sources=("CKV_AWS_367", "CKV_AWS_368"),
    ),
    rule(
        "aws-sm-training-secure",
        Severity.HIGH,
        TRAINING,
        both(
            is_set("vpcConfig.subnets", "subnets of your own VPC"),
            equals("enableNetworkIsolation", True),
            equals("enableInterContainerTrafficEncryption", True),
            is_set("outputDataConfig.kmsKeyId", "a KMS key for the model"),
            is_set("resourceConfig.volumeKmsKeyId", "a KMS key for the volumes"),
        ),
        "Training runs in your VPC, isolated, with traffic and data encrypted.",
        "Training sees all of the data at once.",
        "Set training.aws.network or clouds.aws.network; components/aws/training.py does the rest.",
        good={
            "vpcConfig": {"subnets": ["subnet-1"]},
            "enableNetworkIsolation": True,
            "enableInterContainerTrafficEncryption": True,
            "outputDataConfig": {"kmsKeyId": "alias/ml"},
            "resourceConfig": {"volumeKmsKeyId": "alias/ml"},
        },
        bad=[
            {"vpcConfig": DROP},
            {"enableNetworkIsolation": False},
            {"enableInterContainerTrafficEncryption": False},
            {"outputDataConfig.kmsKeyId": DROP},
            {"resourceConfig.volumeKmsKeyId": DROP},
        ],
        unknown="enableNetworkIsolation",
        sources=(
            "prowler sagemaker_training_jobs_network_isolation_enabled",
            "prowler sagemaker_training_jobs_volume_and_output_encryption_enabled",
            "prowler sagemaker_training_jobs_intercontainer_encryption_enabled",
            "prowler sagemaker_training_jobs_vpc_settings_configured",
        ),
    ),
    rule(
        "aws-sm-training-bounded",
        Severity.MEDIUM,
        TRAINING,
        at_most("stoppingCondition.maxRuntimeInSeconds", "max_run_s", needed=True, safe=True),
        "Every training run ends by itself.",
        "A run that hangs is paid for until somebody looks.",
        "Set training.max_run_s.",
        good={"stoppingCondition": {"maxRuntimeInSeconds": 3600}},
        bad=[
            {"stoppingCondition.maxRuntimeInSeconds": 30 * DAY_S},
            {"stoppingCondition": DROP},
        ],
        unknown="stoppingCondition.maxRuntimeInSeconds",
        sources=("FinOps",),
        settings={
            "max_run_s": Setting(
                default=5 * DAY_S,
                schema={"type": "number", "minimum": 60, "maximum": 28 * DAY_S},
                says="Longest run, in seconds.",
            )
        },
    ),
    rule(
        "aws-sm-spot-checkpoints",
        Severity.MEDIUM,
        TRAINING,
        where(_spot, is_set("checkpointConfig.s3Uri", "where checkpoints are kept")),
        "Training on spot capacity keeps checkpoints.",
        "Without them, a run that is taken away begins anew, again and again.",
        "Set checkpoint_config.s3_uri; components/aws/training.py does.",
        good={
            "enableManagedSpotTraining": True,
            "checkpointConfig": {"s3Uri": "s3://bucket/checkpoints"},
        },
        bad={"checkpointConfig": DROP},
        unknown="checkpointConfig",
        sources=("SageMaker developer guide, managed spot training",),
    ),
    rule(
        "aws-sm-featuregroup-kms",
        Severity.MEDIUM,
        FEATURES,
        both(
            where(
                _online,
                is_set("onlineStoreConfig.securityConfig.kmsKeyId", "a KMS key for the store"),
            ),
            where(
                _offline,
                is_set("offlineStoreConfig.s3StorageConfig.kmsKeyId", "a KMS key for the history"),
            ),
        ),
        "Feature groups encrypt both stores with keys of yours.",
        "Features are personal data, prepared for being found.",
        "Set online_store_config.security_config and offline_store_config.s3_storage_config.",
        good={
            "onlineStoreConfig": {
                "enableOnlineStore": True,
                "securityConfig": {"kmsKeyId": "alias/ml"},
            },
            "offlineStoreConfig": {"s3StorageConfig": {"kmsKeyId": "alias/ml"}},
        },
        bad=[
            {"onlineStoreConfig.securityConfig": DROP},
            {"offlineStoreConfig.s3StorageConfig.kmsKeyId": DROP},
        ],
        unknown="onlineStoreConfig.securityConfig",
        sources=("SageMaker developer guide, Feature Store security",),
    ),
)
